import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { described } from '../scripts/describe.ts'
import { jsonSchemaFiles } from '../scripts/json-schemas.ts'
import type { Texts } from '../scripts/texts/text.ts'
import { validateJson, type Json, type JsonObject } from '../src/index.ts'

const files = Object.entries(jsonSchemaFiles())
const folder = new URL('../', import.meta.url)
const textOf = (path: string): string => readFileSync(new URL(path, folder), 'utf8')
const read = (name: string): JsonObject => JSON.parse(textOf(`json/${name}`)) as JsonObject
const fixtures = globSync('conformance/**/*.yaml', { cwd: folder.pathname })

describe('the published JSON Schemas', () => {
  test.for(files)('%s is what the zod schemas and the texts say', ([name, text]) => {
    expect(textOf(`json/${name}`)).toBe(text)
  })

  test('have a door each', () => {
    const manifest = JSON.parse(textOf('package.json')) as { readonly exports: JsonObject }
    for (const [name] of files) expect(manifest.exports[`./${name}`]).toBe(`./json/${name}`)
  })

  test('are not written with a key that has no text, or a text that has no key', () => {
    const A = z.strictObject({ b: z.enum(['c', 'd']) })
    const texts =
      (more: Texts): (() => unknown) =>
      () =>
        described({ A }, 'A', { texts: { A: 'An A.', ...more } })
    expect(texts({})).toThrow('there is no text for A.b')
    expect(texts({ 'A.b': 'A b.', 'A.e': 'An e.' })).toThrow('there are no such places: A.e')
    expect(texts({ 'A.b': { text: 'A b.', values: { c: 'A c.' } } })).toThrow('the values are c, d')
    expect(texts({ 'A.b': { text: 'A b.', values: { c: 'A c.', d: 'A d.' } } })()).toMatchObject({
      A: { description: 'An A.', properties: { b: { description: 'A b.', enumDescriptions: ['A c.', 'A d.'] } } },
    })
  })

  test.for(files)('%s has less than 250 kB', ([, text]) => {
    expect(text.length).toBeLessThan(250_000)
  })

  test.for(files)('%s refers to nothing that it does not hold', ([, text]) => {
    const schema = JSON.parse(text) as Readonly<Record<string, object>>
    const references = [...text.matchAll(/"\$ref": "(.*)"/g)].map(([, reference = '']) => reference)
    expect(references).not.toEqual([])
    for (const reference of references) {
      const [, group = '', name = ''] = /^#\/([^/]+)\/([^/]+)$/.exec(reference) ?? []
      if (reference !== '#') expect(Object.keys(schema[group] ?? {})).toContain(name)
    }
  })

  test.for(files)('%s has a description for every key', ([, text]) => {
    const schema = JSON.parse(text) as Schema
    const definitions = { ...schema.$defs, ...schema.definitions }
    expect([schema, ...Object.values(definitions)].flatMap((one) => undescribed(one, definitions))).toEqual([])
  })

  test('hold the keywords of editors in draft 07 only, where they have a meaning for every value', () => {
    const editors = /"(errorMessage|typeMessage|enumDescriptions|defaultSnippets)":/
    for (const [name, text] of files) expect(editors.test(text)).toBe(name.includes('draft-07'))
    for (const [, schema] of every(read('workflow.draft-07.schema.json') as Schema)) {
      if (schema.enumDescriptions) expect(schema.enumDescriptions).toHaveLength(schema.enum?.length ?? 0)
    }
  })

  test.for(fixtures)('fixture.schema.json takes %s', (path) => {
    expect(validateJson(fixtureSchema, parse(textOf(path)) as Json)).toEqual([])
  })

  test('fixture.schema.json refuses a key that it does not know', () => {
    const fixture = parse(textOf(fixtures[0] ?? '')) as JsonObject
    expect(validateJson(fixtureSchema, { ...fixture, titel: 'x' })).not.toEqual([])
  })

  test('take an event and refuse another key in it', () => {
    const event = { seq: 1, v: 1, at: 0, runId: 'r', type: 'run.adopted', token: 1 }
    expect(validateJson(read('event.schema.json'), event)).toEqual([])
    expect(validateJson(read('event.schema.json'), { ...event, more: 1 })).not.toEqual([])
  })
})

const fixtureSchema = read('fixture.schema.json')

interface Schema {
  readonly [keyword: string]: unknown
  readonly $ref?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly enumDescriptions?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema | boolean>>
  readonly $defs?: Readonly<Record<string, Schema>>
  readonly definitions?: Readonly<Record<string, Schema>>
}

/** Every schema inside of a schema, and the names that lead there. */
function every(schema: Schema, path = ''): readonly (readonly [path: string, schema: Schema])[] {
  const inside = Object.entries(schema).filter(
    (entry): entry is [string, Schema] => typeof entry[1] === 'object' && entry[1] !== null,
  )
  return [[path, schema], ...inside.flatMap(([name, one]) => every(one, `${path}/${name}`))]
}

function undescribed(schema: Schema, definitions: Readonly<Record<string, Schema>>): readonly string[] {
  const { $defs: _defs, definitions: _definitions, ...own } = schema
  return every(own).flatMap(([path, { properties, if: condition, errorMessage }]) => {
    // What a condition looks at, and what only says what is wrong, is described elsewhere.
    if (/\/(if|then|else)$/.test(path) || condition !== undefined || errorMessage !== undefined) return []
    const keys = Object.entries(typeof properties === 'object' ? properties : {})
    return keys.filter(([, one]) => !isDescribed(one, definitions)).map(([key]) => `${path}/${key}`)
  })
}

function isDescribed(schema: Schema | boolean, definitions: Readonly<Record<string, Schema>>): boolean {
  if (typeof schema === 'boolean' || schema.description !== undefined) return typeof schema !== 'boolean'
  const name = schema.$ref?.split('/').at(-1) ?? ''
  return definitions[name]?.description !== undefined
}
