import { Validator } from '@cfworker/json-schema'
import fc from 'fast-check'
import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Definition, parseDuration, parseInstant, parseSize, type Json } from '../src/index.ts'

const folder = new URL('../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, folder), 'utf8')
const schemas = {
  'draft 2020-12': new Validator(JSON.parse(read('json/workflow.schema.json')) as object, '2020-12', true),
  'draft 07': new Validator(JSON.parse(read('json/workflow.draft-07.schema.json')) as object, '7', true),
}
const drafts = Object.entries(schemas)

const definitions = globSync('conformance/**/*.yaml', { cwd: folder.pathname }).map(
  (path) => (parse(read(path)) as { readonly definition: Json }).definition,
)

/**
 * What JSON Schema cannot say, or not in words that anybody would read, by what the zod schemas say of it. Where
 * nothing else is wrong with a workflow, the JSON Schemas take it and the checker alone refuses it.
 */
const beyond = [
  /^expected five fields such as/, // that an hour is at most 23
  /^expected a time zone such as/, // which names of time zones there are
  /^expected a regular expression/,
  /^expected a duration such as/, // that it has less milliseconds than 2^53
  /^expected a size from 1 byte to 8 MiB/, // that 9MiB is more than 8MiB
  /^expected an instant such as/, // that February has no 30th
]

/** Whether the zod schemas take a definition; `undefined` where all that they refuse it for is beyond JSON Schema. */
function taken(definition: unknown): boolean | undefined {
  const { error } = Definition.safeParse(definition)
  if (!error) return true
  return error.issues.every(({ message }) => beyond.some((pattern) => pattern.test(message))) ? undefined : false
}

const step = { id: 'a', uses: 'work' }
const workflow = { segno: 1, name: 'test', steps: [step] }
const withStep = (more: object): object => ({ ...workflow, steps: [{ id: 'a', ...more }] })

describe('what the JSON Schemas take is what the zod schemas take', () => {
  test.for<[string, object]>([
    ['a workflow', workflow],
    ['keys that begin with x-, everywhere', { ...withStep({ uses: 'work', 'x-a': 1, retry: { max: 1, 'x-b': 1 } }) }],
    ['a number, and a template in its place', withStep({ repeat: { max: '${{ input.n }}', until: true }, do: [] })],
    ['a duration, and a template in its place', withStep({ uses: 'work', timeout: '${{ input.t }}' })],
    ['a template that gives a path', withStep({ exec: ['a'], output: { from: 'file', path: '${{ input.p }}' } })],
    ['a template that gives an instant', withStep({ sleepUntil: '${{ input.at }}' })],
    ['a template that gives a URL', withStep({ http: { url: '${{ input.url }}' } })],
    ['a workflow in the place of an import', { ...workflow, imports: { other: workflow } }],
    ['a step that takes back another', withStep({ call: 'other', undo: { call: 'other', with: { x: 1 } } })],
    ['a boolean in the place of a schema', { ...withStep({ waitFor: { signal: 's', schema: true } }) }],
    ['one transition, and a list of them', withStep(machine({ on: { a: { to: 's' }, b: [{ to: 's' }] } }))],
  ])('%s', ([, definition]) => {
    expect(taken(definition)).toBe(true)
    for (const [, schema] of drafts) expect(schema.validate(definition).valid).toBe(true)
  })

  test.for<[string, object]>([
    ['an unknown key', { ...workflow, finaly: [] }],
    ['a missing key', { segno: 1, name: 'test' }],
    ['a step without a verb', withStep({ title: 'x' })],
    ['a step with two verbs', withStep({ uses: 'work', exec: ['a'] })],
    ['a step that is no map', { ...workflow, steps: ['work'] }],
    ['an unknown key inside a block', withStep({ do: [{ id: 'b', set: {}, titel: 'c' }] })],
    ['an unknown key of an undo', withStep({ uses: 'work', undo: { uses: 'work', if: true } })],
    ['an undo that is no work', withStep({ uses: 'work', undo: { set: {} } })],
    ['an unknown key of a state', withStep(machine({ nxt: [] }))],
    ['an unknown key of a transition', withStep(machine({ on: { a: { too: 's' } } }))],
    ['an unknown key of a clause', withStep({ try: [], catch: [{ code: 'X', do: [] }] })],
    ['an unknown keyword of a schema', { ...workflow, input: { x: { typ: 'string' } } }],
    ['an import by an absolute path', { ...workflow, imports: { other: '/other.segno.yaml' } }],
    ['a mistake in the place of an import', { ...workflow, imports: { other: { ...workflow, name: 1 } } }],
    ['a machine without states', withStep({ states: {}, initial: 'a' })],
    ['a question with choices and a form', withStep({ ask: { title: 'x', choices: ['a', 'b'], form: {} } })],
    ['a question with neither', withStep({ ask: { title: 'x' } })],
    ['the path of an output that is printed', withStep({ exec: ['a'], output: { from: 'json', path: 'a' } })],
    ['an output from no file', withStep({ exec: ['a'], output: { from: 'file' } })],
    ['a program without a name', withStep({ exec: [1] })],
    ['a verb in the place of a handler', withStep({ uses: 'exec@2' })],
  ])('and not %s', ([, definition]) => {
    expect(taken(definition)).toBe(false)
    for (const [, schema] of drafts) expect(schema.validate(definition).valid).toBe(false)
  })

  test('whatever is changed in a workflow', { timeout: 120_000 }, () => {
    const changes = fc.array(change, { minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(fc.nat(definitions.length - 1), changes, (index, made) => {
        const definition = made.reduce(changed, structuredClone(definitions[index] ?? null))
        const expected = taken(definition)
        if (expected === undefined) return
        for (const [draft, schema] of drafts)
          expect([draft, schema.validate(definition).valid]).toEqual([draft, expected])
      }),
      { numRuns: process.env['SEGNO_DEEP'] === '1' ? 50_000 : 1500 },
    )
  })

  test.for<[string, RegExp, (text: string) => unknown, readonly string[]]>([
    [
      'durations',
      patternOf('FixedDuration'),
      parseDuration,
      ['d', 'h', 'm', 's', 'ms', 'P', 'T', 'D', 'H', 'M', 'S', 'W', '.'],
    ],
    ['sizes', patternOf('Size'), (text) => parseSize(text) || undefined, ['B', 'KiB', 'MiB', 'GiB', '0', '00']],
    [
      'instants',
      patternOf('sleepUntil'),
      parseInstant,
      ['-', ':', 'T', 'Z', '+', '.', '2026-01-31', '06:00:00', '+01:00'],
    ],
  ])('texts that are %s', ([, pattern, read, parts]) => {
    const text = fc.array(fc.oneof(fc.constantFrom(...parts), fc.nat(99).map(String)), { maxLength: 6 })
    fc.assert(
      fc.property(text, (drawn) => {
        const whole = drawn.join('')
        if (read(whole) !== undefined) expect(whole).toMatch(pattern)
      }),
      { numRuns: 5000 },
    )
  })
})

function machine(state: object): object {
  return { states: { s: state }, initial: 's' }
}

function patternOf(name: string): RegExp {
  const { $defs } = JSON.parse(read('json/workflow.schema.json')) as {
    readonly $defs: Readonly<Record<string, { readonly pattern?: string }>>
  }
  return new RegExp($defs[name]?.pattern ?? '', 'u')
}

/** One change: at which place (counted), how, and with what. */
type Change = readonly [place: number, how: 'value' | 'key' | 'delete' | 'rename', key: string, value: Json]

const keys = [
  ...new Set([...definitions.flatMap(keysIn), 'zz', 'x-free', '1a', 'agent', 'prompt', 'candidates', 'check']),
]
const values: readonly Json[] = [
  ...[null, 0, -1, 1, 1.5, true, false, '', ' ', 'x', 'a b', '${{ x }}', [], {}, ['a'], ['a', 'a'], { a: 1 }],
  ...['10m', '10 m', '1h30m', '1m1h', 'P', 'PT', 'P1D', 'PT5M', '1ms', '2026-01-31T06:00:00Z', '2026-01-31'],
  ...['../x', 'a/../b', '/abs', 'a/b', 'C:x', 'a\\b', '64KiB', '0B', 'exec', 'exec@2', 'send@2', 'send@x'],
  ...[
    'fail',
    'any',
    'GET',
    'sh',
    'https://x',
    'ftp://x',
    '0 6 * * 1-5',
    '* * * *',
    './a.yaml',
    'a.txt',
    '8 USD',
    '1.2.0',
  ],
  ...[{ file: 'x' }, { text: '' }, { redo: { max: 1 } }, { to: 'x' }, [{ to: 'x' }], { atLeast: 2 }, { output: 1 }],
  ...[
    { type: 'string' },
    { type: 'strung' },
    { uses: 'x' },
    { id: 'x', uses: 'y' },
    [{ id: 'x', set: {} }],
    [{ do: [] }],
  ],
  ...[{ signal: 'x' }, { max: 1 }, { on: {} }, { schema: true }, { from: 'file' }, { from: 'json', path: 'a' }],
  ...[{ choices: ['a', 'b'], title: 'x' }, { exec: ['a'] }, { agent: 'a' }, { mustExist: true }],
]
const change: fc.Arbitrary<Change> = fc.tuple(
  fc.nat(10_000),
  fc.constantFrom('value' as const, 'key' as const, 'delete' as const, 'rename' as const),
  fc.constantFrom(...keys),
  fc.constantFrom(...values),
)

type Node = Json[] | Record<string, Json>

/** The definition with one change; it is made in place. */
function changed(definition: Json, [place, how, key, value]: Change): Json {
  const places = placesIn(definition)
  const [node, name] = places[place % Math.max(places.length, 1)] ?? []
  if (node === undefined || name === undefined) return definition
  const at = (node as Record<string, Json>)[name]
  if (how === 'value') (node as Record<string, Json>)[name] = structuredClone(value)
  else if (how !== 'key' && Array.isArray(node)) node.splice(Number(name), 1)
  else if (how !== 'key') Reflect.deleteProperty(node, name)
  else if (isMap(at)) at[key] = structuredClone(value)
  if (how === 'rename' && !Array.isArray(node) && at !== undefined) node[key] = at
  return definition
}

function placesIn(value: Json): readonly (readonly [node: Node, name: string])[] {
  if (typeof value !== 'object' || value === null) return []
  const node = value as Node
  return Object.entries(node).flatMap(([name, one]) => [[node, name] as const, ...placesIn(one)])
}

function keysIn(value: Json): readonly string[] {
  return placesIn(value).flatMap(([node, name]) => (Array.isArray(node) ? [] : [name]))
}

function isMap(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
