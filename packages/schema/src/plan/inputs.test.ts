import { describe, expect, test } from 'vitest'
import type { Definition } from '../definition.ts'
import { resolveInputs } from './inputs.ts'

const definition: Definition = {
  segno: 1,
  name: 'test',
  input: {
    brief: { type: 'path' },
    rounds: { type: 'integer', default: 3, minimum: 1 },
    note: { type: ['string', 'null'], optional: true },
  },
  steps: [{ id: 'a', set: {} }],
}

function told(input: Parameters<typeof resolveInputs>[1]): string[] {
  const resolved = resolveInputs(definition, input)
  return 'problems' in resolved
    ? resolved.problems.map(({ kind, path, message, hint }) => `${kind} ${path}: ${message} ${hint ?? ''}`.trim())
    : []
}

describe('the inputs of a run', () => {
  test('take their defaults, and optional ones may be left out', () => {
    expect(resolveInputs(definition, { brief: 'a.md' })).toEqual({ values: { brief: 'a.md', rounds: 3 } })
  })

  test('keep null, which is a value', () => {
    expect(resolveInputs(definition, { brief: 'a.md', note: null })).toEqual({
      values: { brief: 'a.md', rounds: 3, note: null },
    })
    expect(told({ brief: null })).toEqual(['misfit /brief: the input "brief": expected a path, got null'])
  })

  test('are all told when they are missing, unknown or of the wrong type', () => {
    expect(told({ breif: 'a.md', rounds: 0, note: 5 })).toEqual([
      'unknown /breif: there is no input "breif" did you mean "brief"?',
      'missing /brief: the input "brief" is missing',
      'misfit /rounds: the input "rounds": 0 is less than 1',
      'misfit /note: the input "note": expected text or null, got 5',
    ])
  })

  test('are not found in a prototype', () => {
    const named = { ...definition, input: { toString: { type: 'string' } } } satisfies Definition
    expect(resolveInputs(named, {})).toHaveProperty('problems')
  })

  test('are an object', () => {
    expect(told([1])).toEqual(['misfit : the input has to be an object with a field per input'])
  })

  test('that are undefined are not given', () => {
    expect(told({ brief: 'a.md', more: undefined })).toEqual([])
  })
})
