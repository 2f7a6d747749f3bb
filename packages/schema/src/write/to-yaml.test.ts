import { globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Definition, Step } from '../definition.ts'
import type { Json } from '../json.ts'
import { loadWorkflow } from '../load.ts'
import { parseDefinition } from '../parse/plain.ts'
import { parseWorkflow } from '../parse/workflow.ts'
import { planHash } from '../plan/canonical.ts'
import { toYaml } from './to-yaml.ts'
import { toYamlFiles } from './to-yaml-files.ts'

const root = new URL('../../../../', import.meta.url)
const runs = process.env['SEGNO_DEEP'] === '1' ? 10_000 : 1000

function filesOf(pattern: string): string[] {
  return globSync(pattern, { cwd: root, exclude: (name) => name === 'node_modules' }).toSorted()
}

function read(file: string): string {
  return readFileSync(new URL(file, root), 'utf8')
}

/** The hash of what a text gives, once it is checked. */
function hashOf(text: string, files: ReadonlyMap<string, string> = new Map()): string {
  const { workflow, diagnostics } = loadWorkflow(text, { file: 'main.yaml', read: (path) => files.get(path) })
  return workflow?.hash ?? JSON.stringify(diagnostics, null, 1)
}

describe('the text of a fixture loads back to its hash, in one file and in several:', () => {
  test.for(filesOf('packages/schema/conformance/**/*.yaml'))('%s', (file) => {
    const { definition } = parse(read(file)) as { readonly definition: Definition }
    const hash = planHash(definition)

    expect(hashOf(toYaml(definition))).toBe(hash)
    const files = toYamlFiles(definition, { file: 'main.yaml' })
    expect(hashOf(files.get('main.yaml') ?? '', files)).toBe(hash)
  })
})

describe('the text of an example loads back to its hash, as it was written and as it was loaded:', () => {
  test.for(filesOf('examples/**/*.segno.yaml'))('%s', (file) => {
    const { workflow, diagnostics } = loadWorkflow(read(file), { file, read })
    if (!workflow) throw new Error(JSON.stringify(diagnostics))

    expect(hashOf(toYaml(workflow))).toBe(workflow.hash)
    const written = toYaml(parse(read(file)) as Definition)
    expect(loadWorkflow(written, { file, read }).workflow?.hash).toBe(workflow.hash)
  })
})

describe('the text of an example in the docs gives its definition:', () => {
  const examples = filesOf('docs/*.md').flatMap((page) =>
    [...read(page).matchAll(/```yaml\n(segno: 1\n[^]*?)```/g)].map(([, text = ''], index) => ({ page, index, text })),
  )
  test('there are some', () => expect(examples.length).toBeGreaterThan(50))
  test.for(examples)('$page $index', ({ text }) => {
    const { definition } = parseWorkflow(text)
    if (!definition) return
    expect(planHash(parseWorkflow(toYaml(definition)).definition ?? definition)).toBe(planHash(definition))
  })
})

const nasty = [
  ...([
    '!x',
    '!x == y',
    '&a',
    '*a',
    '%x',
    '@x',
    '`x`',
    '- x',
    '-',
    '? x',
    ': ',
    'a: b',
    ':x',
    'x:',
    ' #',
    'x #y',
  ] as const),
  ...([
    '#',
    '$${{',
    '$${{ x }}',
    '${{ 1 }}',
    '${{ {"a": [1]} }}',
    'a ${{ "}}" }} b',
    '{',
    '}',
    '[',
    ']',
    ',',
    'a, b',
  ] as const),
  ...(['1', '1.0', '0x1f', '0o7', '1e3', '-0', '.5', '+1', '.inf', '.NaN', '12345678901234567890', '01'] as const),
  ...([
    'yes',
    'No',
    'on',
    'y',
    'true',
    'False',
    'null',
    '~',
    'Null',
    '',
    ' ',
    '  x',
    'x ',
    '\t',
    '\tx',
    'x\t',
  ] as const),
  ...(['---', '--- x', '...', '<<', '=', '|', '>', '|-', "'", '"', "it's", '\\', '\\n', '"x" y', "'x' y"] as const),
  ...([
    'a\nb',
    'a\nb\n',
    '\na',
    '\n',
    'a\n\n',
    'a \nb',
    ' a\nb',
    'a\n  b',
    'a\n\tb',
    '\ta\nb',
    'a\r\nb',
    'a\rb',
  ] as const),
  ...([
    '---\na',
    'a\n---\nb',
    'a\n...',
    '# a\nb',
    'a\n# b\n',
    'é',
    '日本',
    '😀',
    '\u0000',
    '\u0085',
    '\u2028',
    '\ufeff',
  ] as const),
  ...(['\u00a0', 'a\u200bb', '\u001b[0m', '2001-01-01', '12:30:45', 'x'.repeat(300), 'word '.repeat(60)] as const),
]

const text = fc.oneof(
  fc.constantFrom(...nasty),
  fc
    .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'grapheme', maxLength: 4 })), { maxLength: 5 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
)
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value))
const isKey = (key: string): boolean => !['__proto__', 'constructor', 'prototype'].includes(key)
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.constantFrom(null, true, false, 0, -7, Number.MAX_SAFE_INTEGER, 1e-7),
    number,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text.filter(isKey), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))
const names = (prefix: string): fc.Arbitrary<string> => text.map((end) => prefix + end).filter(isKey)
const maps = <T>(key: fc.Arbitrary<string>, of: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.dictionary(key, of, { maxKeys: 4, noNullPrototype: true })
const script = text.filter((one) => /\S/.test(one))
const plain = fc.oneof(text, fc.boolean(), fc.integer())
const slot = fc.oneof(
  text.filter((one) => one !== ''),
  fc.boolean(),
)

/** Steps of every place where a text of the author's may stand. */
const step: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record({ set: maps(fc.constantFrom('a', 'on', 'yes', 'y', 'null1', 'n'), value), 'x-note': value, title: text }),
  fc.record({ uses: fc.constant('h'), with: value, labels: maps(text.filter(isKey), text), description: text }),
  fc.record({ run: script, env: maps(fc.constantFrom('A', 'on', 'Y', 'NULL'), plain), if: slot }),
  fc.record({ exec: fc.tuple(script, plain, plain), onFailure: fc.constant('continue') }),
  fc.record({ assert: slot, message: text }),
  fc.record({ match: slot, cases: maps(text.filter(isKey), fc.constant([])), default: fc.constant([]) }),
  fc.record({
    forEach: fc.record({ in: fc.oneof(script, fc.array(value)), as: fc.constantFrom('on', 'item') }),
    do: fc.constant([]),
    output: value,
  }),
  fc.record({ fail: fc.record({ code: fc.constantFrom('ON', 'x.1'), message: text, data: value }) }),
  fc.record({
    initial: fc.constant('on'),
    states: fc.record({ on: fc.record({ on: maps(names('s'), fc.record({ to: fc.constant('on'), if: slot })) }) }),
  }),
  fc.record({
    waitFor: fc.record({
      signal: script,
      if: slot,
      schema: fc.record({ enum: fc.array(value, { minLength: 1 }), description: text }),
    }),
  }),
)
const definition: fc.Arbitrary<Definition> = fc
  .record({
    description: text,
    labels: maps(text.filter(isKey), text),
    'x-any': value,
    input: fc.record({
      on: fc.record({ description: text, default: value }),
      y: fc.constant({ enum: ['yes', 'null', null, 1] }),
    }),
    steps: fc.array(step, { minLength: 1, maxLength: 2 }),
  })
  .map(({ steps, ...rest }) => {
    const named = steps.map((one, index) => ({ ...one, id: `s${index}` }) as unknown as Step)
    return { segno: 1 as const, name: 'any', ...rest, steps: named }
  })
  .filter((one) => parseDefinition(one).definition !== undefined)

describe('whatever texts and values a definition has', () => {
  test('its text gives it back', { timeout: 600_000 }, () => {
    fc.assert(
      fc.property(definition, (given) => {
        const back = parseWorkflow(toYaml(given)).definition
        expect(back && planHash(back)).toBe(planHash(given))
        expect(back && withoutSlots(back)).toEqual(withoutSlots(given))
      }),
      { numRuns: runs },
    )
  })
})

// Marks around an expression are no part of it, so they are not written.
function withoutSlots(given: Definition): Json {
  const slots = new Set(['if', 'assert', 'match', 'in'])
  const text = JSON.stringify(given, (key, field: unknown) =>
    slots.has(key) && typeof field !== 'object' ? null : field,
  )
  return JSON.parse(text) as Json
}
