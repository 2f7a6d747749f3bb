import { describe, expect, test } from 'vitest'
import { loadDefinition, loadWorkflow } from '../load.ts'

const child = {
  segno: 1,
  name: 'child',
  input: {
    text: { type: 'string', minLength: 2 },
    count: { type: 'integer', default: 1 },
    tags: { type: 'array', items: { type: 'string' }, optional: true },
  },
  output: { size: { type: 'integer', value: 1 }, label: { type: 'string', value: 'a' } },
  steps: [{ id: 'a', set: {} }],
}
const plain = { segno: 1, name: 'plain', steps: [{ id: 'a', set: {} }] }
const looking = { ...plain, name: 'looking', input: { file: { type: 'path', mustExist: true } } }

type Told = readonly [code: string, pointer: string, message: string, hint: string | undefined]

function found(steps: readonly object[], more: object = {}): Told[] {
  const imports = { child, plain, looking }
  const { diagnostics } = loadDefinition({ segno: 1, name: 'test', imports, steps, ...more })
  return diagnostics
    .filter(({ code }) => code !== 'UNUSED_IMPORT')
    .map(({ code, pointer, message, hint }) => [code, pointer, message, hint])
}

const told = (...given: Parameters<typeof found>): string[] =>
  found(...given).map(([code, pointer]) => `${code} ${pointer}`)

describe.for(['call', 'start'])('%s', (verb) => {
  const step = (more: object, name = 'child'): object => ({ id: 's', [verb]: name, ...more })

  test('gives what the other workflow needs, and no more', () => {
    expect(told([step({ with: { text: 'ab' } }), { id: 'p', [verb]: 'plain' }])).toEqual([])
    expect(told([step({ with: { text: '${{ run.id }}', count: '${{ 1 + 1 }}', tags: ['${{ run.id }}'] } })])).toEqual(
      [],
    )
  })

  test('says what is missing: at `with`, or at the name where there is none', () => {
    expect(found([step({ with: { count: 2 } })])).toEqual([
      ['MISSING_INPUT', '/steps/0/with', '"child" needs the input "text"', undefined],
    ])
    expect(told([step({})])).toEqual([`MISSING_INPUT /steps/0/${verb}`])
  })

  test('says what is not known, with what was meant', () => {
    expect(found([step({ with: { text: 'ab', cuont: 2 } })])).toEqual([
      ['UNKNOWN_INPUT', '/steps/0/with/cuont', '"child" has no input "cuont"', 'did you mean "count"?'],
    ])
    expect(found([step({ with: { text: 'ab', other: 2 } })])[0]?.[3]).toBe('its inputs are text, count, tags')
    expect(found([step({ with: { other: 2 } }, 'plain')])[0]?.[3]).toBe('it has no inputs')
  })

  test('does not say of an input that is misspelt that it is missing too', () => {
    expect(told([step({ with: { txet: 'ab' } })])).toEqual(['UNKNOWN_INPUT /steps/0/with/txet'])
  })

  test.for<[object, string, string]>([
    [{ text: 5 }, '/text', 'the input "text": expected text, got 5'],
    [{ text: 'a' }, '/text', 'the input "text": string is too short (1 < 2)'],
    [{ text: '$${{' }, '', ''],
    [{ text: 'ab', count: 'two' }, '/count', 'the input "count": expected an integer, got "two"'],
    [{ text: 'ab', tags: ['a', 5] }, '/tags/1', 'the input "tags" at /1: expected text, got 5'],
    [{ text: 'ab', tags: null }, '/tags', 'the input "tags": expected a list, got null'],
  ])('compares what is written out with the type of the input: %j', ([given, place, message]) => {
    const expected = message === '' ? [] : [['TYPE_MISMATCH', `/steps/0/with${place}`, message, undefined]]
    expect(found([step({ with: given })])).toEqual(expected)
  })

  test('compares what an expression gives with the type of the input', () => {
    const given = { text: '${{ 5 }}', tags: [5, '${{ run.id }}'], count: '${{ size(run.id) / 2 }}' }
    expect(found([step({ with: given })])).toEqual([
      [
        ...['TYPE_MISMATCH', '/steps/0/with/text', 'the input "text" of "child" takes text, not 5'],
        'string(…) makes text of it',
      ],
      [
        ...['TYPE_MISMATCH', '/steps/0/with/tags/0'],
        ...['an element of the input "tags" of "child" takes text, not 5', 'quote it: "5"'],
      ],
      [
        ...['TYPE_MISMATCH', '/steps/0/with/count', 'the input "count" of "child" takes an integer, not a number'],
        'int(…) cuts off what follows the point',
      ],
    ])
  })

  test('does not say what a run only would know', () => {
    const input = { any: {} }
    expect(told([step({ with: { text: '${{ input.any }}', tags: ['${{ input.any }}'] } })], { input })).toEqual([])
    expect(told([step({ with: { text: '${{ run.id.substring(0, 1) }}' } })])).toEqual([])
  })

  test('names an import', () => {
    expect(found([step({ with: { text: 'ab' } }, 'chidl')])).toEqual([
      ['UNKNOWN_IMPORT', `/steps/0/${verb}`, 'there is no import "chidl"', 'did you mean "child"?'],
    ])
    expect(found([step({}, 'other')])[0]?.[3]).toBe('the imports are child, plain, looking')
    expect(found([step({}, 'other')], { imports: {} })[0]?.[3]).toBe(
      'add imports: { other: ./other.segno.yaml } to the workflow',
    )
  })

  test('takes no secret: what a workflow is given is recorded', () => {
    const text = 'Bearer ${{ secrets.KEY }}'
    const steps = [step({ with: { text } }), { id: 'u', uses: 'h', secrets: ['KEY'] }]
    expect(found(steps, { secrets: ['KEY'] })).toEqual([
      [
        'SECRET_MISPLACED',
        '/steps/0/with/text',
        'the value of a secret would be recorded or shown here',
        'the inputs of a workflow are recorded; let it declare the "secrets" that it uses',
      ],
    ])
  })

  test('has its expressions read', () => {
    expect(told([step({ with: { text: '${{ no1 }}' } })])).toEqual(['UNKNOWN_VARIABLE /steps/0/with/text'])
  })
})

describe('what a call gives', () => {
  const reads = (name: string): object => ({ id: 'r', set: { x: `\${{ ${name} }}` } })
  const given = { with: { text: 'ab' } }

  test.for<[string, object, string, string | undefined]>([
    ['an output', { call: 'child', ...given }, 'steps.s.output.size', undefined],
    ['all outputs', { call: 'child', ...given }, 'steps.s.output', undefined],
    ['another output', { call: 'child', ...given }, 'steps.s.output.szie', 'did you mean "size"?'],
    ['an output of one that has none', { call: 'plain' }, 'steps.s.output.x', 'it has no fields'],
    ['an output of a run', { start: 'child', ...given }, 'steps.s.output.label', undefined],
    [
      'another output of a run',
      { start: 'child', ...given, wait: true },
      'steps.s.output.runId',
      'the fields are size, label',
    ],
    ['the id of a run', { start: 'child', ...given, wait: false }, 'steps.s.output.runId', undefined],
    [
      'an output of a run that nobody waits for',
      { start: 'child', ...given, wait: false },
      'steps.s.output.size',
      'its only field is runId',
    ],
  ])('is known: %s', ([, step, name, hint]) => {
    const expected = hint === undefined ? [] : [['UNKNOWN_FIELD', '/steps/1/set/x', expect.anything(), hint]]
    expect(found([{ id: 's', ...step }, reads(name)])).toEqual(expected)
  })

  test('is not known of one that is not imported', () => {
    expect(told([{ id: 's', call: 'other' }, reads('steps.s.output.size')])).toEqual(['UNKNOWN_IMPORT /steps/0/call'])
  })
})

test('a workflow whose files are looked for when it starts can be started, not called', () => {
  const given = { with: { file: 'a.txt' } }
  expect(told([{ id: 's', start: 'looking', ...given }])).toEqual([])
  expect(found([{ id: 's', call: 'looking', ...given }])).toEqual([
    [
      'MISPLACED_PATH_RULE',
      '/steps/0/call',
      '"looking" has inputs with "mustExist", which is looked at when a run starts',
      'use "start" instead of "call"',
    ],
  ])
  expect(told([{ id: 's', uses: 'h', undo: { call: 'looking', ...given } }])).toEqual([
    'MISPLACED_PATH_RULE /steps/0/undo/call',
  ])
})

test('an import that nothing calls or starts is a warning, at its name', () => {
  const text = `segno: 1
name: test
imports:
  one: one.yaml
  two: one.yaml
  three: one.yaml
steps:
  - { id: a, call: one, undo: { call: two } }
`
  const { workflow, diagnostics } = loadWorkflow(text, { read: () => JSON.stringify(plain) })
  expect(workflow).toBeDefined()
  expect(diagnostics).toMatchObject([
    { code: 'UNUSED_IMPORT', severity: 'warning', range: { start: { line: 6, column: 3 } } },
  ])
})

describe('a schedule', () => {
  const input = { name: { type: 'string' }, rounds: { type: 'integer', default: 1 } }
  const schedule = (...given: readonly (object | undefined)[]): Told[] =>
    found([{ id: 'a', set: {} }], {
      input,
      on: { schedule: given.map((values) => ({ cron: '0 6 * * *', ...(values && { input: values }) })) },
    })

  test('gives what the workflow needs', () => {
    expect(schedule({ name: 'a' }, { name: 'a', rounds: 3 })).toEqual([])
  })

  test('is told what is wrong with its inputs', () => {
    expect(schedule(undefined, {}, { name: 5, ronuds: 3 }, { name: '${{ run.id }}', rounds: '${{ 1 }}' })).toEqual([
      ['MISSING_INPUT', '/on/schedule/0', 'the workflow needs the input "name"', undefined],
      ['MISSING_INPUT', '/on/schedule/1/input', 'the workflow needs the input "name"', undefined],
      ['UNKNOWN_INPUT', '/on/schedule/2/input/ronuds', 'the workflow has no input "ronuds"', 'did you mean "rounds"?'],
      ['TYPE_MISMATCH', '/on/schedule/2/input/name', 'the input "name": expected text, got 5', undefined],
      // Nothing is evaluated here.
      ['TYPE_MISMATCH', '/on/schedule/3/input/rounds', expect.stringContaining('expected an integer'), undefined],
    ])
  })

  test('may be any that cron knows, in any time zone', () => {
    expect(
      told([{ id: 'a', set: {} }], {
        on: { schedule: [{ cron: '0 25 * * *' }, { cron: '* * * * *', timezone: 'Mars' }] },
      }),
    ).toEqual(['INVALID_VALUE /on/schedule/0/cron', 'INVALID_VALUE /on/schedule/1/timezone'])
  })
})
