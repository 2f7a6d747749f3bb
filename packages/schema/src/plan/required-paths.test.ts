import { expect, test } from 'vitest'
import type { Definition } from '../definition.ts'
import { requiredPaths, requiresFiles } from './required-paths.ts'

const there = { type: 'path', mustExist: true } as const

function withInput(input: NonNullable<Definition['input']>): Definition {
  return { segno: 1, name: 'test', input, steps: [{ id: 'a', set: {} }] }
}

test('the paths that have to lead to something are found in inputs, their fields and their items', () => {
  const definition = withInput({
    file: there,
    maybe: { ...there, optional: true },
    none: { type: ['path', 'null'], mustExist: true },
    free: { type: 'path' },
    list: { type: 'array', items: { properties: { 'a/b': there } } },
    rest: { type: 'array', prefixItems: [{ type: 'string' }], items: there },
  })
  const values = { file: 'a', none: null, free: 'b', list: [{}, { 'a/b': 'c', d: 'e' }], rest: ['f', 'g'] }
  expect(requiresFiles(definition)).toBe(true)
  expect(requiredPaths(definition, values)).toEqual([
    { name: 'file', pointer: '/file', path: 'a' },
    { name: 'list', pointer: '/list/1/a~1b', path: 'c' },
    { name: 'rest', pointer: '/rest/1', path: 'g' },
  ])
})

test('a definition whose paths may lead to nothing asks for no look', () => {
  const definition = withInput({ file: { type: 'path', mustExist: false }, text: { type: 'string' } })
  expect(requiresFiles(definition)).toBe(false)
  expect(requiredPaths(definition, { file: 'a', text: 'b' })).toEqual([])
})
