import type { RunEvent, Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { createRun } from './create.ts'
import { decide } from './decide.ts'
import type { Circumstances, Input } from './decide.ts'

const circumstances = (): Circumstances => ({ now: 1000, token: 1, seed: 1, blobs: new Map() })
const cancel: Input = { type: 'messages', messages: [{ id: 'c', name: 'segno.cancel', payload: { reason: 'enough' } }] }

/** What is recorded about a run as a whole, where another waits for it and is told how it ends. */
function child(steps: readonly Step[], ...inputs: readonly Input[]): object[] {
  const plan = compile(workflow(steps, { output: { n: { value: 1 } } }))
  const parent = { runId: 'parent', path: 'x', awaited: true } as const
  const creation = { runId: 'r', incarnation: 'i', engine: 'test', input: {}, labels: {}, handlers: {}, parent }
  const { state, decision } = createRun(plan, creation, circumstances())
  const after = inputs.flatMap((input) => decide(plan, state, input, circumstances()).events)
  return [...decision.events, ...after].flatMap((event: RunEvent) => {
    if (!event.type.startsWith('run.') || event.type === 'run.created') return []
    return [Object.fromEntries(Object.entries(event).filter(([key]) => !['seq', 'v', 'at', 'runId'].includes(key)))]
  })
}

const broken = { id: 'stop', fail: { code: 'BROKEN', message: 'it broke' } }
const failure = { code: 'BROKEN', message: 'it broke', retryable: true }
const because = { code: 'CANCELLED', message: 'enough' }

test.for<readonly [string, Step, readonly Input[], readonly object[]]>([
  [
    'completes',
    { id: 'a', set: {} },
    [cancel, { type: 'told' }],
    [
      { type: 'run.settled', status: 'completed', output: { n: 1 } },
      { type: 'run.completed', output: { n: 1 } },
    ],
  ],
  [
    'fails',
    broken,
    [cancel, { type: 'told' }],
    [
      { type: 'run.settled', status: 'failed', failure },
      { type: 'run.failed', failure },
    ],
  ],
  [
    'is cancelled',
    { id: 'nap', sleep: '1h' },
    [{ type: 'told' }, cancel, cancel, { type: 'told' }],
    [
      { type: 'run.settled', status: 'cancelled', because },
      { type: 'run.cancelled', because },
    ],
  ],
])('a run that another waits for settles once when it %s, and ends when that is told', ([, step, inputs, events]) => {
  expect(child([step], ...inputs)).toEqual(events)
})

test('a run whose outputs are too large together fails', () => {
  const value = '${{ input.half }}'
  const definition = workflow([{ id: 'a', set: {} }], { output: { v: { value }, w: { value } } })
  const world = new World(definition, { input: { half: 'x'.repeat(5_000_000) } })
  expect(told(world.journal).at(-1)).toBe('run.failed PAYLOAD_TOO_LARGE')
})

test('what went wrong in `finally` is told with the reason of a cancel', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h' }], { finally: [{ id: 'tidy', uses: 'h' }] }))
  world.send('segno.cancel', { reason: 'enough' })
  world.fail('a')
  world.fail('tidy', { code: 'LAST' })
  expect(world.journal.at(-1)).toMatchObject({
    type: 'run.cancelled',
    because: { code: 'CANCELLED', details: { finally: { code: 'LAST' } } },
  })
})

test('a cancel gives a block that its time limit is ending its reason, and the first cancel keeps it', () => {
  const step: Step = { id: 't', try: [{ id: 'a', uses: 'h' }], catch: [{ do: [] }], timeout: '1s' }
  const world = new World(workflow([step]))
  world.pass(1000)
  world.send('segno.cancel', { reason: 'first' })
  world.send('segno.cancel', { reason: 'second' })
  world.fail('t/a')
  const [block, run] = world.journal.slice(-2)
  expect(block).toMatchObject({ type: 'step.cancelled', path: 't', because: { code: 'CANCELLED', message: 'first' } })
  expect(run).toMatchObject({ type: 'run.cancelled', because: { code: 'CANCELLED', message: 'second' } })
})

test('items that failed while their run was paused fail their block together', () => {
  const each: Step = { id: 'l', forEach: { in: [1, 2], concurrency: 2 }, do: [{ id: 'a', uses: 'h' }] }
  const world = new World(workflow([each]))
  world.send('segno.pause')
  world.fail('l[0]/a', { code: 'ONE' })
  world.fail('l[1]/a', { code: 'TWO' })
  world.send('segno.resume')
  expect(world.state.failure).toMatchObject({ code: 'ONE', details: { others: [{ code: 'TWO' }] } })
})

test('an output that cannot be evaluated after `finally` fails the block, which is not caught any more', () => {
  const step: Step = {
    id: 't',
    try: [{ id: 'a', set: {} }],
    catch: [{ do: [{ id: 'c', set: {} }] }],
    finally: [{ id: 'f', set: {} }],
    output: '${{ 1 / 0 }}',
    retry: { max: 1 },
  }
  expect(told(new World(workflow([step])).journal).slice(-4)).toEqual([
    'branch.taken t finally',
    'step.completed t/f',
    'step.failed t ARITHMETIC',
    'run.failed ARITHMETIC',
  ])
})

/** What the step `b` gives, where its output is read. */
function gives(...steps: readonly Step[]): unknown {
  const read: Step = { id: 'read', set: { has: '${{ has(steps.b.output) }}' } }
  const { journal } = new World(workflow([...steps, read]))
  const ended = journal.find((event) => event.type === 'step.completed' && event.path === 'b')
  if (ended?.type !== 'step.completed') throw new Error('the step was to complete')
  return ended.output
}

test('a block without an output of its own gives what its last step gave', () => {
  const inside: Step[] = [
    { id: 'x', set: { n: 1 } },
    { id: 'y', set: { n: 2 } },
  ]
  expect(gives({ id: 'b', do: inside })).toEqual({ n: 2 })
  expect(gives({ id: 'b', try: inside, finally: [{ id: 'z', set: { n: 3 } }] })).toEqual({ n: 2 })
})

test('children that run together have no last one, and a branch without steps gives nothing', () => {
  expect(gives({ id: 'b', parallel: [{ id: 'x', set: { n: 1 } }] })).toBeUndefined()
  expect(gives({ id: 'before', set: { n: 1 } }, { id: 'b', if: 'false', do: [{ id: 'x', set: {} }] })).toBeUndefined()
})

test('a loop without an iteration and without a memory gives nothing', () => {
  const step: Step = { id: 'b', repeat: { max: 3, while: 'false' }, do: [{ id: 'x', set: {} }], output: 7 }
  expect(gives(step)).toBeUndefined()
})

test('a machine gives what is seen from its last state', () => {
  const step: Step = {
    id: 'b',
    initial: 'one',
    states: {
      one: { next: [{ to: 'two' }] },
      two: { next: [{ to: 'three' }] },
      three: { do: [{ id: 'x', set: { n: 3 } }] },
    },
    output: '${{ state }}',
  }
  expect(gives(step)).toBe('three')
})

test('a block that a `return` ends gives nothing itself', () => {
  const step: Step = { id: 'b', do: [{ id: 'x', return: { n: 1 } }], output: '${{ 1 / 0 }}' }
  const world = new World(workflow([step], { output: { n: { type: 'number' } } }))
  expect(told(world.journal).slice(-2)).toEqual(['step.completed b', 'run.completed'])
})

test('a block that an operator skips while it waits for its retry runs its `finally` first', () => {
  const step: Step = {
    id: 'b',
    try: [{ id: 'x', uses: 'h' }],
    finally: [{ id: 'f', set: {} }],
    retry: { max: 1, delay: '1h' },
  }
  const world = new World(workflow([step]))
  world.fail('b/x')
  expect(told(world.send('segno.skip', { path: 'b' })).slice(1, 4)).toEqual([
    'branch.taken b finally',
    'step.completed b/f',
    expect.stringMatching(/^step\.skipped b/),
  ])
})
