import { planHash } from '@segno/schema/plan'
import type { Definition, Expression, Json, Step, Template } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import type { PlanList, PlanNode } from './plan.ts'

const given: Json = { n: 7, text: 'given' }

/** A part of a plan as data: an expression as its source, a template as what it gives, a list as its role and its steps. */
function shown(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part
  if (Array.isArray(part)) return part.map(shown)
  if (part instanceof Set) return new Set(part)
  if (part instanceof Map) return Object.fromEntries(Array.from(part, ([key, value]) => [key, shown(value)]))
  if ('evaluate' in part) return shownSource(part as Expression | Template)
  if ('role' in part) return shownList(part as PlanList)
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, shown(value)]))
}

function shownSource(source: Expression | Template): unknown {
  if ('source' in source) return `= ${source.source.trim()}`
  return source.evaluate({ variable: () => given, step: () => undefined })
}

const shownList = ({ role, nodes }: PlanList): string => [role, ...nodes.map(({ id }) => id)].join(' ')

const imported: Definition = { segno: 1, name: 'imported', steps: [{ id: 'i', set: {} }] }

function only(step: object, rest: Partial<Definition> = {}): PlanNode {
  const plan = compile(workflow([{ id: 'x', ...step } as Step], { imports: { imported }, ...rest }))
  const node = plan.root.unit.byId.get('x')
  if (node === undefined) throw new Error('the plan has the step')
  return node
}

/** What a step says of itself, whatever its verb; by default nothing. */
const nothing = {
  condition: undefined,
  onFailure: 'fail',
  retry: undefined,
  timeout: undefined,
  output: undefined,
  outputRead: false,
  lists: [],
  undo: undefined,
}

const work = {
  ...{ ...nothing, kind: 'work', major: undefined, effect: undefined, outputSchema: undefined },
  ...{ idempotencyKey: undefined, process: undefined, request: undefined, secretSlots: [], secrets: [] },
}
const parallel = {
  ...{ ...nothing, kind: 'parallel', concurrency: Number.MAX_SAFE_INTEGER, join: 'all', failFast: true },
  ...{ body: 'do', lists: ['do'], needs: [], neededBy: [] },
}
const forEach = {
  ...{ ...nothing, kind: 'forEach', as: 'item', concurrency: 1, collect: false, body: 'do', lists: ['do'] },
}
const repeat = {
  ...{ ...nothing, kind: 'repeat', max: 3, until: undefined, while: undefined, every: undefined },
  ...{ initial: undefined, exhausted: undefined, body: 'do', lists: ['do'] },
}
const states = { ...nothing, kind: 'states', initial: 'a' }
const [a, b] = [
  { id: 'a', set: {} },
  { id: 'b', set: {} },
]
const schema = { type: 'string' }

test.for<readonly [string, object, object]>([
  ['work', { uses: 'h', with: '${{ input.n }}' }, { ...work, handler: 'h', input: 7 }],
  [
    'work with a key of its own',
    { uses: 'h', idempotencyKey: 'k-${{ input.n }}' },
    { ...work, handler: 'h', input: {}, idempotencyKey: 'k-7' },
  ],
  [
    'a signal to a run',
    { emit: { signal: 's', to: '${{ input.text }}' } },
    { ...work, handler: 'emit', input: { signal: 's', to: 'given' } },
  ],
  ['a signal', { emit: { signal: 's' } }, { ...nothing, kind: 'emit', signal: 's', reply: undefined, data: undefined }],
  [
    'a reply',
    { emit: { reply: 'w', data: '${{ input.n }}' } },
    { ...nothing, kind: 'emit', signal: undefined, reply: 'w', data: 7 },
  ],
  ['a sleep', { sleep: '10m' }, { ...nothing, kind: 'sleep', duration: 600_000, until: undefined }],
  [
    'a sleep until an instant',
    { sleepUntil: '${{ input.text }}' },
    { ...nothing, kind: 'sleep', duration: 0, until: 'given' },
  ],
  [
    'a wait',
    { waitFor: { signal: '${{ input.text }}' } },
    { ...nothing, kind: 'waitFor', signal: 'given', test: undefined, schema: undefined },
  ],
  [
    'a wait that says all',
    { waitFor: { signal: 's', if: '${{ data.n > 1 }}', schema } },
    { ...nothing, kind: 'waitFor', signal: 's', test: '= data.n > 1', schema },
  ],
  [
    'a question',
    { ask: { title: 'Pay ${{ input.n }}?', choices: ['yes', 'no'], subject: { n: '${{ input.n }}' } } },
    {
      ...{ ...nothing, kind: 'ask', choices: ['yes', 'no'], form: undefined },
      shown: { title: 'Pay 7?', subject: { n: 7 } },
    },
  ],
  [
    'a form',
    { ask: { title: 'How much?', form: { sum: { type: 'number' } } } },
    {
      ...nothing,
      kind: 'ask',
      choices: undefined,
      form: { sum: { type: 'number' } },
      shown: { title: 'How much?' },
    },
  ],
  [
    'a run',
    { start: 'imported' },
    {
      ...{ ...nothing, kind: 'start', input: {}, wait: true, detached: false },
      child: { hash: planHash(imported), definition: imported },
    },
  ],
  [
    'a run that goes its own way',
    { start: 'imported', with: { n: '${{ input.n }}' }, wait: false, detached: true },
    {
      ...{ ...nothing, kind: 'start', input: { n: 7 }, wait: false, detached: true },
      child: { hash: planHash(imported), definition: imported },
    },
  ],
  ['values', { set: { v: '${{ input.n }}' } }, { ...nothing, kind: 'set', values: { v: 7 } }],
  ['an end', { return: { v: '${{ input.n }}' } }, { ...nothing, kind: 'return', values: { v: 7 } }],
  ['an assertion', { assert: true }, { ...nothing, kind: 'assert', test: '= true', message: '' }],
  [
    'an assertion that says why',
    { assert: 'input.n > 8', message: 'is ${{ input.n }}' },
    { ...nothing, kind: 'assert', test: '= input.n > 8', message: 'is 7' },
  ],
  [
    'a failure',
    { fail: { code: 'X', message: '${{ input.text }}' } },
    { ...nothing, kind: 'fail', code: 'X', message: 'given', data: undefined },
  ],
  [
    'a failure with data',
    { fail: { code: 'X', message: 'm', data: ['${{ input.n }}'] } },
    { ...nothing, kind: 'fail', code: 'X', message: 'm', data: [7] },
  ],
  [
    'a group with an output',
    { do: [a, b], output: '${{ input.n }}' },
    { ...nothing, kind: 'do', output: 7, body: 'do a b', lists: ['do a b'] },
  ],
  [
    'a choice',
    { if: '${{ input.n > 1 }}', do: [a] },
    { ...nothing, kind: 'if', test: '= input.n > 1', then: 'do a', otherwise: undefined, lists: ['do a'] },
  ],
  [
    'a choice of two',
    { if: false, do: [a], else: [b] },
    { ...nothing, kind: 'if', test: '= false', then: 'do a', otherwise: 'else b', lists: ['do a', 'else b'] },
  ],
  [
    'a choice of many',
    { match: 'input.text', cases: { one: [a], two: [] }, default: [b] },
    {
      ...{ ...nothing, kind: 'match', subject: '= input.text', lists: ['case:one a', 'case:two', 'default b'] },
      ...{ cases: { one: 'case:one a', two: 'case:two' }, otherwise: 'default b' },
    },
  ],
  [
    'a choice without a default',
    { match: 'input.n', cases: {} },
    { ...nothing, kind: 'match', subject: '= input.n', cases: {}, otherwise: undefined },
  ],
  ['steps together', { parallel: [] }, parallel],
  [
    'steps together that say all',
    {
      parallel: [a, { ...b, needs: ['a', 'none'] }],
      concurrency: '${{ input.n }}',
      join: { atLeast: 1 },
      failFast: false,
    },
    {
      ...{ ...parallel, body: 'do a b', lists: ['do a b'], concurrency: 7, join: { atLeast: 1 }, failFast: false },
      ...{ needs: [[], [0]], neededBy: [[1], []] },
    },
  ],
  ['items', { forEach: { in: 'input.n' }, do: [] }, { ...forEach, items: 7 }],
  [
    'items that say all',
    { forEach: { in: '${{ input.n }}', as: 'one', concurrency: '${{ input.n }}', collect: true }, do: [a] },
    { ...forEach, items: 7, as: 'one', concurrency: 7, collect: true, body: 'do a', lists: ['do a'] },
  ],
  ['items of a list', { forEach: { in: [1, '${{ input.n }}'] }, do: [] }, { ...forEach, items: [1, 7] }],
  ['a loop', { repeat: { max: 3 }, do: [], onExhausted: 'fail' }, repeat],
  [
    'a loop that says all',
    {
      repeat: { max: '${{ input.n }}', until: 'input.n', while: '${{ true }}', every: '1m', initial: '${{ input.n }}' },
      ...{ do: [a], onExhausted: { output: { v: '${{ input.n }}' } } },
    },
    {
      ...{ ...repeat, max: 7, until: '= input.n', while: '= true', every: 60_000, initial: 7 },
      ...{ exhausted: { v: 7 }, body: 'do a', lists: ['do a'] },
    },
  ],
  [
    'an attempt',
    { try: [a] },
    { ...nothing, kind: 'try', body: 'do a', catches: [], finally: undefined, lists: ['do a'] },
  ],
  [
    'an attempt with all that follows',
    { try: [], catch: [{ on: ['X'], as: 'why', do: [a] }, { do: [] }], finally: [b] },
    {
      ...{ ...nothing, kind: 'try', body: 'do', finally: 'finally b' },
      catches: [
        { on: new Set(['X']), as: 'why', list: 'catch[0] a' },
        { on: undefined, as: 'error', list: 'catch[1]' },
      ],
      lists: ['do', 'catch[0] a', 'catch[1]', 'finally b'],
    },
  ],
  [
    'a state that nothing leaves',
    { states: { a: {} }, initial: 'a' },
    {
      ...{ ...states, signals: new Set(), max: 1000, lists: ['state:a'] },
      states: { a: { list: 'state:a', on: {}, after: [], next: [] } },
    },
  ],
  [
    'states with all that leads out of them',
    {
      ...{ initial: 'a', max: 5 },
      states: {
        a: {
          do: [a],
          on: { go: { to: 'b', schema }, stop: [{ to: 'a', if: 'signal.data' }, { to: 'b' }] },
          after: { '2h': { to: 'a' }, '1h': [{ to: 'b', if: true }] },
        },
        b: { on: { go: { to: 'a' } }, next: [{ to: 'a', if: '${{ input.n > 1 }}' }] },
      },
    },
    {
      ...{ ...states, max: 5, signals: new Set(['go', 'stop']), lists: ['state:a a', 'state:b'] },
      states: {
        a: {
          list: 'state:a a',
          on: {
            go: [{ to: 'b', test: undefined, schema }],
            stop: [
              { to: 'a', test: '= signal.data', schema: undefined },
              { to: 'b', test: undefined, schema: undefined },
            ],
          },
          after: [
            { ms: 3_600_000, transitions: [{ to: 'b', test: '= true', schema: undefined }] },
            { ms: 7_200_000, transitions: [{ to: 'a', test: undefined, schema: undefined }] },
          ],
          next: [],
        },
        b: {
          list: 'state:b',
          on: { go: [{ to: 'a', test: undefined, schema: undefined }] },
          after: [],
          next: [{ to: 'a', test: '= input.n > 1', schema: undefined }],
        },
      },
    },
  ],
])('%s is compiled to all that the step says, with its defaults', ([, step, expected]) => {
  const { index, id, position, list, ...rest } = only(step)
  expect({ index, id, position, list: list?.role }).toEqual({ index: 1, id: 'x', position: 0, list: 'do' })
  expect(shown(rest)).toStrictEqual(expected)
})

test('a called workflow is a unit of its own: nothing of the caller reaches in', () => {
  const called: Definition = {
    ...imported,
    secrets: ['KEY'],
    steps: [{ id: 'x', exec: ['ls'] }],
    finally: [{ id: 'last', set: {} }],
    output: { n: { type: 'number', value: '${{ input.n }}' }, m: {} },
  }
  const block = {
    ...{ id: 'block', env: { A: 'a' }, secrets: ['OUTER'], workspace: { cwd: 'src' } },
    do: [
      { id: 'x', call: 'called', with: { n: '${{ input.n }}' } },
      { id: 'y', exec: ['ls'] },
    ],
  } as Step
  const plan = compile(workflow([block], { imports: { called }, secrets: ['OUTER'] }))
  const node = plan.root.unit.byId.get('x')
  if (node?.kind !== 'call') throw new Error('the step is a call')
  expect(shown([node.input, node.body, node.finally, node.unit.outputs])).toEqual([
    { n: 7 },
    'do x',
    'finally last',
    [
      { name: 'n', schema: { type: 'number' }, value: 7 },
      { name: 'm', schema: {}, value: undefined },
    ],
  ])
  expect([...node.unit.byId.keys()]).toEqual(['x', 'last'])
  expect([...plan.root.unit.byId.keys()]).toEqual(['x', 'y', 'block'])
  expect(node.unit.byId.get('x')).toMatchObject({ process: { inherited: [], cwd: undefined }, secrets: [] })
  expect(plan.root.unit.byId.get('y')).toMatchObject({ process: { cwd: 'src' }, secrets: ['OUTER'] })
  expect(plan.secrets).toEqual(['OUTER', 'KEY'])
  expect(compile(workflow([{ id: 'x', call: 'imported' }], { imports: { imported } })).secrets).toEqual([])
})

test('what any step may say is compiled with it', () => {
  const step = {
    ...{ uses: 'h', if: '${{ input.n > 1 }}', onFailure: 'continue', timeout: '${{ input.text }}' },
    retry: { max: 4, delay: '${{ input.n }}', maxDelay: '5s', jitter: false },
    undo: { uses: 'undo', with: '${{ input.n }}', timeout: '1s', retry: { max: 1 } },
  }
  const { condition, onFailure, timeout, retry, undo, lists } = only(step)
  expect(shown({ condition, onFailure, timeout, retry, lists })).toStrictEqual({
    ...{ condition: '= input.n > 1', onFailure: 'continue', timeout: 'given', lists: [] },
    retry: { max: 4, delayMs: 7, maxDelayMs: 5000, factor: 2, jitter: false, on: undefined, except: undefined },
  })
  expect(undo).toMatchObject({ kind: 'work', id: '', list: undefined, position: 0, onFailure: 'block', timeout: 1000 })
  expect(undo).toMatchObject({ handler: 'undo', retry: { max: 1 }, undo: undefined })
})

test.for<readonly [string, object, number | undefined]>([
  ['a program', { exec: ['ls'] }, 900_000],
  ['a script', { run: 'ls' }, 900_000],
  ['a request', { http: { url: 'https://example.com' } }, 60_000],
  ['a handler', { uses: 'h' }, undefined],
  ['a handler that is named as what every object has', { uses: 'constructor' }, undefined],
  ['a watch', { watch: { glob: '*' } }, undefined],
  ['a signal to a run', { emit: { signal: 's', to: 'r' } }, undefined],
  ['a group', { do: [] }, undefined],
])('%s has the time limit of its kind, unless the definition has a default for it', ([, step, expected]) => {
  expect(only(step).timeout).toBe(expected)
  const defaults = { timeout: '2s', retry: { max: 9 } }
  const takesDefaults = !('watch' in step || 'emit' in step || 'do' in step)
  expect(only(step, { defaults }).timeout).toBe(takesDefaults ? 2000 : undefined)
  expect(only(step, { defaults }).retry?.max).toBe(takesDefaults ? 9 : undefined)
  expect(only({ ...step, timeout: '3s', retry: { max: 1 } }, { defaults })).toMatchObject({
    timeout: 3000,
    retry: { max: 1 },
  })
})
