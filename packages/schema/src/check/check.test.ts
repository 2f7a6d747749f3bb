import { describe, expect, test } from 'vitest'
import { parseDefinition } from '../parse/plain.ts'
import { checkDefinition } from './check.ts'

const set = (id: string): object => ({ id, set: {} })
const uses = (id: string, more: object = {}): object => ({ id, uses: 'pay', ...more })

function told(
  steps: readonly object[],
  { handlers, ...more }: { handlers?: readonly string[] } & Record<string, unknown> = {},
): string[] {
  const { definition, diagnostics } = parseDefinition({ segno: 1, name: 'test', steps, ...more })
  if (!definition) throw new Error(JSON.stringify(diagnostics))
  return checkDefinition(definition, { handlers }).map(({ code, message, pointer }) => `${code} ${pointer}: ${message}`)
}

describe('names', () => {
  test('are taken across blocks too, and ignoring case', () => {
    expect(told([set('a'), { id: 'b', do: [set('A')] }])).toEqual([
      'DUPLICATE_ID /steps/1/do/0/id: the id "A" is taken, also ignoring case',
    ])
  })

  test('are no keywords of expressions; ids may be words that only variables may not be', () => {
    const words = told([set('loop'), { id: 'f', forEach: { in: [], as: 'loop' }, do: [] }], {
      input: { in: { type: 'string' } },
    })
    expect(words.map((line) => line.split(':')[0])).toEqual([
      'RESERVED_NAME /input/in',
      'RESERVED_NAME /steps/1/forEach/as',
    ])
  })

  test('of the fields of a form are read by expressions too', () => {
    const form = { id: 'q', ask: { title: 'A', form: { in: { type: 'string' } } }, timeout: '1h' }
    expect(told([form])).toEqual([
      'RESERVED_NAME /steps/0/ask/form/in: "in" is a word of expressions and cannot be a name',
    ])
  })

  test('of variables do not hide what expressions know', () => {
    expect(told([{ id: 't', try: [], catch: [{ as: 'steps', do: [] }] }])).toHaveLength(1)
  })
})

describe('needs', () => {
  test('that go in a circle are printed as a path', () => {
    const parallel = [
      { ...set('a'), needs: ['c'] },
      { ...set('b'), needs: ['a'] },
      { ...set('c'), needs: ['b'] },
    ]
    expect(told([{ id: 'p', parallel }])).toEqual([
      'NEEDS_CYCLE /steps/0/parallel/1/needs/0: steps need each other in a circle: a → c → b → a',
    ])
  })

  test('cannot name the step itself', () => {
    expect(told([{ id: 'p', parallel: [{ ...set('a'), needs: ['a'] }] }])).toEqual([
      'NEEDS_CYCLE /steps/0/parallel/0/needs/0: steps need each other in a circle: a → a',
    ])
  })

  test('name siblings only', () => {
    expect(told([set('before'), { id: 'p', parallel: [{ ...set('a'), needs: ['before'] }] }])).toEqual([
      'UNKNOWN_STEP /steps/1/parallel/0/needs/0: no step "before" beside this one',
    ])
  })

  test('are walked once each, so that a wide fan-in costs no more than its size', () => {
    const layer = (index: number): object[] =>
      ['a', 'b', 'c'].map((name) => ({
        ...set(`${name}${index}`),
        needs: index === 0 ? [] : ['a', 'b', 'c'].map((other) => `${other}${index - 1}`),
      }))
    expect(told([{ id: 'p', parallel: Array.from({ length: 40 }, (_, index) => layer(index)).flat() }])).toEqual([])
  })
})

describe('blocks', () => {
  const nested = (depth: number): object[] => (depth === 0 ? [] : [{ id: `d${depth}`, do: nested(depth - 1) }])

  test('nest sixteen deep and no deeper', () => {
    expect(told(nested(16))).toEqual([])
    expect(told(nested(18))).toHaveLength(1)
  })

  test('that repeat take one condition', () => {
    expect(told([{ id: 'a', repeat: { max: 1, until: true, while: true }, do: [] }])).toEqual([
      'LOOP_CONDITION /steps/0/repeat: "repeat" takes either "until" or "while", this one has both',
    ])
  })

  test('join no more children than they have', () => {
    expect(told([{ id: 'p', parallel: [set('a')], join: { atLeast: 1 } }])).toEqual([])
    expect(told([{ id: 'p', parallel: [set('a')], join: { atLeast: 2 } }])).toHaveLength(1)
  })
})

describe('return', () => {
  const output = { x: { type: 'string' } }
  const give = (id: string): object => ({ id, return: { x: 'a' } })
  const maybe = (id: string): object => ({ ...give(id), if: 'input.a' })
  const input = { a: { type: 'boolean' }, kind: { type: 'string' } }

  test.for<[string, object, object]>([
    ['parallel', { id: 'p', parallel: [maybe('r')] }, {}],
    ['a loop over a list', { id: 'f', forEach: { in: [] }, do: [{ id: 'd', do: [give('r')] }] }, {}],
    ['finally of a try', { id: 't', try: [], finally: [maybe('r')] }, {}],
    ['finally of the workflow', set('a'), { finally: [give('r')] }],
  ])('cannot stand inside %s', ([, step, more]) => {
    expect(told([step, give('end')], { input, output, ...more }).map((line) => line.split(' ')[0])).toEqual([
      'MISPLACED_RETURN',
    ])
  })

  test('may stand in branches and bounded loops', () => {
    const loop = { id: 'l', repeat: { max: 1, until: true }, do: [{ id: 'i', if: 'input.a', do: [give('r')] }] }
    expect(told([loop, give('end')], { input, output })).toEqual([])
  })

  test('gives every output and no other', () => {
    expect(told([{ id: 'r', return: { y: 1 } }], { output })).toEqual([
      'RETURN_OUTPUTS /steps/0/return: "return" gives every output; missing: "x"',
      'RETURN_OUTPUTS /steps/0/return/y: the workflow has no output "y"',
    ])
  })

  test.for<[string, object[]]>([
    ['a branch', [{ id: 'i', if: true, do: [give('r')], else: [{ id: 'f', fail: { code: 'A', message: 'b' } }] }]],
    ['all cases', [{ id: 'm', match: 'input.kind', cases: { a: [give('r')] }, default: [give('s')] }]],
    ['what is tried and what is caught', [{ id: 't', try: [give('r')], catch: [{ do: [give('s')] }] }]],
    ['a group', [{ id: 'd', do: [give('r')] }]],
  ])('on every path of %s lets outputs go without a value', ([, steps]) => {
    expect(told(steps, { input, output })).toEqual([])
  })

  test.for<[string, object[]]>([
    ['a branch without the other', [{ id: 'i', if: true, do: [give('r')] }]],
    ['some cases', [{ id: 'm', match: 'input.kind', cases: { a: [give('r')] }, default: [] }]],
    ['what is tried alone', [{ id: 't', try: [give('r')], catch: [{ do: [] }] }]],
    ['a group that may be skipped', [{ id: 'l', repeat: { max: 1, until: true }, do: [give('r')] }]],
    ['a step with a condition', [{ ...give('r'), if: 'input.a' }]],
  ])('on some paths does not: %s', ([, steps]) => {
    expect(told(steps, { input, output }).map((line) => line.split(' ')[0])).toEqual(['OUTPUT_WITHOUT_VALUE'])
  })
})

describe('a step whose effect is `once`', () => {
  const once = (more: object = {}): object => uses('a', { effect: 'once', ...more })

  test.for<[string, object, object]>([
    ['by itself', once({ retry: { max: 1 } }), {}],
    ['by a block around it', { id: 'b', retry: { max: 1 }, do: [{ id: 'c', do: [once()] }] }, {}],
    ['by the defaults', once(), { defaults: { retry: { max: 1 } } }],
  ])('is not retried %s', ([, step, more]) => {
    expect(told([step], { ...more }).map((line) => line.split(' ')[0])).toEqual(['RETRY_ONCE'])
  })

  test('may refuse the retries of the defaults', () => {
    expect(told([once({ retry: { max: 0 } })], { defaults: { retry: { max: 1 } } })).toEqual([])
  })
})

describe('handlers', () => {
  test('are not looked for where it is not known which there are', () => {
    expect(told([uses('a')])).toEqual([])
  })

  test('are found with and without a major version', () => {
    expect(told([uses('a', { uses: 'pay@2' }), uses('b')], { handlers: ['pay'] })).toEqual([])
  })

  test('that are missing are errors', () => {
    expect(told([uses('a')], { handlers: [] })).toEqual([
      'UNKNOWN_HANDLER /steps/0/uses: no handler "pay" is registered',
    ])
  })
})

describe('the rules of a path', () => {
  const path = { type: 'path', mustExist: true, under: 'docs' }

  test('stand where something keeps them', () => {
    const input = { a: path, b: { type: 'array', items: path }, c: { properties: { d: path } } }
    expect(told([set('a')], { input, output: { x: { type: 'path', under: 'docs', value: 'a' } } })).toEqual([])
  })

  test.for<[string, object, object, string]>([
    ['of an output', set('a'), { output: { x: { ...path, value: 'a' } } }, '/output/x/mustExist'],
    ['of a handler', uses('a', { output: { schema: { items: path } } }), {}, '/steps/0/output/schema/items/mustExist'],
    [
      'of a signal',
      { id: 'a', waitFor: { signal: 's', schema: path }, timeout: '1h' },
      {},
      '/steps/0/waitFor/schema/mustExist',
    ],
    [
      'of the body of an answer',
      { id: 'a', http: { url: 'https://a' }, output: { schema: path } },
      {},
      '/steps/0/output/schema/mustExist',
    ],
    [
      'of a form',
      { id: 'a', ask: { title: 'A', form: { f: path } }, timeout: '1h' },
      {},
      '/steps/0/ask/form/f/mustExist',
    ],
    [
      'of a signal that leads on',
      { id: 'a', states: { s: { on: { go: [{ to: 's', schema: path }] } } }, initial: 's' },
      {},
      '/steps/0/states/s/on/go/0/schema/mustExist',
    ],
    ['of an alternative', set('a'), { input: { x: { anyOf: [path] } } }, '/input/x/anyOf/0/mustExist'],
    ['of what may be any text', set('a'), { input: { x: { type: ['path', 'string'], under: 'a' } } }, '/input/x/under'],
  ])('cannot stand where nothing does: %s', ([, step, more, pointer]) => {
    expect(told([step], { ...more }).map((line) => line.split(':')[0])).toEqual([`MISPLACED_PATH_RULE ${pointer}`])
  })

  test('keep paths in a folder that is a path itself', () => {
    expect(told([set('a')], { input: { x: { type: 'path', under: '/etc' } } })).toEqual([
      'INVALID_VALUE /input/x/under: expected a relative path, got "/etc"',
    ])
  })
})

describe.for<[string, object]>([
  ['waitFor', { waitFor: { signal: 's' } }],
  ['ask', { ask: { title: 'Fine?', choices: ['yes', 'no'] } }],
  ['watch', { watch: { glob: '*.json' } }],
])('a step with %s', ([verb, step]) => {
  const wait = { id: 'w', ...step }

  test('can wait for ever, unless it or a block around it has a time limit', () => {
    expect(told([wait])).toEqual([`WAIT_WITHOUT_END /steps/0/${verb}: this can wait for ever`])
    expect(told([{ ...wait, timeout: '1h' }])).toEqual([])
    expect(told([{ id: 'b', timeout: '1h', do: [wait] }])).toEqual([])
    expect(told([{ id: 'b', timeout: '1h', states: { a: { do: [wait] } }, initial: 'a' }])).toEqual([])
  })
})
