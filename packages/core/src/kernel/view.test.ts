import { expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { createRun } from './create.ts'
import { hasAttempts, runStatus } from './outstanding.ts'
import { viewStatus } from './scope.ts'
import { emptyState } from './state.ts'
import { view } from './view.ts'

test('a view tells what has happened, what is under way and what is awaited', () => {
  const world = new World(
    workflow([
      { id: 'a', uses: 'h' },
      {
        id: 'p',
        parallel: [
          { id: 'x', uses: 'h', timeout: '1s' },
          { id: 'w', waitFor: { signal: 's' } },
          { id: 'z', set: { v: '${{ steps.a.output }}' } },
        ],
      },
    ]),
  )
  world.send('other', 1)
  world.complete('a', 'done')
  const attempt = { path: 'p/x', attempt: 1 }
  const effect = {
    ...attempt,
    type: 'attempt',
    handler: 'h',
    effect: 'idempotent',
    key: 'incarnation/p/x',
    input: {},
    deadline: world.now + 1000,
  }
  expect(view(world.state)).toEqual({
    status: 'running',
    steps: {
      a: { status: 'completed', attempts: 1, output: 'done' },
      p: { status: 'running', attempts: 1 },
      'p/x': { status: 'running', attempts: 1 },
      'p/w': { status: 'waiting', attempts: 1 },
      'p/z': { status: 'completed', attempts: 0 },
    },
    outstanding: [effect, { type: 'signal', name: 's' }],
    wakeAt: world.now + 1000,
    signals: [{ id: 'm0', name: 'other', data: 1 }],
  })
  world.pass(1000)
  expect(view(world.state).outstanding).toContainEqual({ ...attempt, type: 'abort', code: 'TIMED_OUT' })
})

test('the end of a run is told with its outcome and its reason', () => {
  const failed = new World(workflow([{ id: 'a', uses: 'h' }]))
  failed.fail('a')
  expect(view(failed.state)).toMatchObject({
    status: 'failed',
    failure: { code: 'OOPS' },
    steps: {},
    outstanding: [],
    wakeAt: null,
  })
  const cancelled = new World(workflow([{ id: 'a', sleep: '1h' }]))
  cancelled.send('segno.cancel', { reason: 'enough' })
  expect(view(cancelled.state)).toMatchObject({
    status: 'cancelled',
    because: { code: 'CANCELLED', message: 'enough' },
  })
})

test('a step that failed inside of a block tells its failure, and a view is plain JSON', () => {
  const world = new World(
    workflow([
      {
        id: 'p',
        parallel: [
          { id: 'x', uses: 'h', onFailure: 'continue' },
          { id: 'y', waitFor: { signal: 's' } },
        ],
      },
    ]),
  )
  world.fail('p/x')
  const seen = view(world.state)
  const failure = { code: 'OOPS', message: 'no luck', retryable: true }
  expect(seen.steps['p/x']).toEqual({ status: 'failed', attempts: 1, failure })
  expect(seen).toStrictEqual(JSON.parse(JSON.stringify(seen)))
})

test('a run that another one waits for has to tell it how it ended', () => {
  const who = { runId: 'r', incarnation: 'i', engine: 'test', input: {}, labels: {}, handlers: {} }
  const parent = { runId: 'parent', path: 'x', awaited: true } as const
  const given = { now: 1_700_000_000_000, token: 1, seed: 1, blobs: new Map() }
  const { state } = createRun(compile(workflow([])), { ...who, parent }, given)
  expect(view(state).outstanding).toEqual([{ type: 'tell', runId: 'parent', status: 'completed' }])
})

test('a step whose process died is running to expressions, also while its run is paused', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h' }]))
  world.send('segno.pause')
  world.crash()
  const step = world.state.steps.get('a')
  expect(step?.status).toBe('ready')
  expect(step && viewStatus(step)).toBe('running')
})

test('a value beside the journal is told by its reference', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', with: '${{ input }}' }]), { input: 'x'.repeat(20_000) })
  expect(view(world.state).outstanding).toMatchObject([{ inputBlob: { size: 20_002 } }])
})

test('a run before its first event is queued and has nothing under way', () => {
  expect(runStatus(emptyState())).toBe('queued')
  expect(hasAttempts(emptyState())).toBe(false)
})

test.for<[string, string, (world: World) => void]>([
  ['one that is to be tried again is running', 'running', (world) => world.fail('p/a')],
  ['one that was told to stop is running', 'running', (world) => world.pass(1000)],
  ['one that waits for an operator is waiting', 'waiting', (world) => [world.fail('p/a', { retryable: false })]],
  ['one that has completed is completed', 'completed', (world) => world.complete('p/a')],
])('expressions see the seven words of the language: %s', ([, expected, act]) => {
  const steps = [
    { id: 'a', uses: 'h', timeout: '1s', retry: { max: 1, delay: '1h' }, onFailure: 'block' } as const,
    { id: 'go', uses: 'h' },
    { id: 'see', uses: 'h', needs: ['go'], with: '${{ steps.a.status }}' },
  ]
  const world = new World(workflow([{ id: 'p', parallel: steps }]))
  act(world)
  world.complete('p/go')
  expect(world.attempts().find(({ path }) => path === 'p/see')?.input).toBe(expected)
})

test('a step that has not begun is pending, and so is one of a list that is not open', () => {
  const world = new World(
    workflow([
      { id: 'i', if: false, do: [{ id: 'x', set: {} }] },
      { id: 'see', uses: 'h', with: '${{ [steps.x.status, steps.later.status] }}' },
      { id: 'later', set: {} },
    ]),
  )
  expect(world.attempts()[0]?.input).toEqual(['pending', 'pending'])
})
