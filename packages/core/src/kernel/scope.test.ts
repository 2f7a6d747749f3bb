import type { Definition, Failure, Json, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'
import { KernelScope } from './scope.ts'

/** What the step at `path` is given. */
function inputOf(world: World, path: string): Json | undefined {
  const input = world.attempts().find((attempt) => attempt.path === path)?.input
  return input as Json | undefined
}

const details = { exitCode: 3, more: true }
const cause = { code: 'CAUSE', message: 'before', retryable: false }

describe('what is seen of a step', () => {
  const seen = {
    status: '${{ steps.a.status }}',
    attempts: '${{ has(steps.a.attempts) ? steps.a.attempts : -1 }}',
    began: '${{ has(steps.a.startedAt) ? steps.a.startedAt : "" }}',
    took: '${{ has(steps.a.durationMs) ? steps.a.durationMs : -1 }}',
    exit: '${{ has(steps.a.exitCode) ? steps.a.exitCode : -1 }}',
    failure: '${{ has(steps.a.failure) ? steps.a.failure.code : "" }}',
  }
  const began = new Date(1_700_000_000_000).toISOString()
  const steps: readonly Step[] = [
    { id: 'a', uses: 'h', onFailure: 'continue', if: 'input.does' },
    { id: 'go', uses: 'h' },
    { id: 'see', uses: 'h', with: seen, needs: ['go'] },
  ]

  test.for<[string, (world: World) => void, object]>([
    ['one at work', () => undefined, { status: 'running', attempts: 1, began, took: -1, exit: -1, failure: '' }],
    [
      'one that completed',
      (world) => [(world.now += 2000), world.complete('p/a')],
      { status: 'completed', attempts: 1, began, took: 2000, exit: -1, failure: '' },
    ],
    [
      'one that failed with an exit code',
      (world) => world.fail('p/a', { details }),
      { status: 'failed', attempts: 1, took: 0, exit: 3, failure: 'OOPS' },
    ],
    [
      'one that failed with something else for an exit code',
      (world) => world.fail('p/a', { details: { exitCode: 'three' } }),
      { status: 'failed', attempts: 1, took: 0, exit: -1, failure: 'OOPS' },
    ],
  ])('%s', ([, act, expected]) => {
    const world = new World(workflow([{ id: 'p', parallel: steps }]), { input: { does: true } })
    act(world)
    world.complete('p/go')
    expect(inputOf(world, 'p/see')).toMatchObject(expected)
  })

  test('one that was skipped never began', () => {
    const world = new World(workflow([{ id: 'p', parallel: steps }]), { input: { does: false } })
    world.complete('p/go')
    expect(inputOf(world, 'p/see')).toMatchObject({ status: 'skipped', began: '', took: -1, exit: -1 })
  })
})

test('one that completed shows no failure of an attempt before', () => {
  const retry = { max: 1, delay: '1s' }
  const world = new World(
    workflow([
      { id: 'a', uses: 'h', retry },
      { id: 'see', uses: 'h', with: '${{ has(steps.a.failure) }}' },
    ]),
  )
  world.fail('a')
  world.pass(1000)
  world.complete('a')
  expect(inputOf(world, 'see')).toBe(false)
})

test('one that completed with an exit code shows that, and not the one of an attempt that failed before', () => {
  const world = new World(
    workflow([
      { id: 'a', uses: 'h', retry: { max: 1, delay: '1s' } },
      { id: 'see', uses: 'h', with: '${{ steps.a.exitCode }}' },
    ]),
  )
  world.fail('a', { details })
  world.pass(1000)
  const [again] = world.attempts()
  if (again !== undefined) world.settle(again, { kind: 'completed', exitCode: 0 })
  expect(inputOf(world, 'see')).toBe(0)
})

test('a step that can be taken back is seen as ended only where its end is looked at', () => {
  const world = new World(
    workflow([
      {
        id: 'r',
        repeat: { max: 2 },
        do: [
          { id: 'see', uses: 'h', with: '${{ steps.a.status }}' },
          { id: 'a', uses: 'h', undo: { uses: 'h' } },
        ],
      },
    ]),
  )
  world.complete('r[0]/see')
  world.complete('r[0]/a')
  expect(inputOf(world, 'r[1]/see')).toBe('pending')
})

describe('what is not there to be seen is missing', () => {
  const x = (read: string): Step => ({ id: 'x', uses: 'h', with: `\${{ ${read} }}` })
  const calls = (inner: Definition): Definition =>
    workflow([{ id: 'each', forEach: { in: [1] }, do: [{ id: 'c', call: 'inner' }] }], { imports: { inner } })

  test.for<[string, string, Definition]>([
    ['a variable of the caller', 'each[0]/c/x', calls(workflow([x('item')]))],
    ['a variable of the caller, at the end', 'each[0]/c/x', calls(workflow([], { finally: [x('item')] }))],
    ['a step of the caller', 'each[0]/c/x', calls(workflow([x('steps.each.status')]))],
    ['the failure of what is called, before its end', 'each[0]/c/x', calls(workflow([x('error')]))],
    ['the failure of the workflow, before its end', 'x', workflow([x('error')])],
    ['a variable of nobody', 'x', workflow([x('nobody')])],
    ['a variable of nobody, at the end', 'x', workflow([], { finally: [x('nobody')] })],
  ])('%s', ([, path, definition]) => {
    const { journal } = new World(definition)
    expect(journal.find(({ type }) => type === 'step.failed')).toMatchObject({
      path,
      failure: { code: 'MISSING_VALUE' },
    })
  })
})

test('what is wrong with the journal is not taken for a mistake in the definition', () => {
  const world = new World(
    workflow([{ id: 'each', forEach: { in: [1] }, do: [{ id: 'x', uses: 'h', with: '${{ item }}' }] }]),
  )
  const [attempt] = world.attempts()
  const step = world.state.steps.get('each[0]/x')
  world.complete('each[0]/x')
  const scope = new KernelScope(world.plan, world.state, new Map())
  const read = attempt?.node.input
  expect(() => read && scope.evaluate(read, step?.frame)).toThrow(expect.objectContaining({ code: 'JOURNAL_CORRUPT' }))
})

describe('the failure that a list sees', () => {
  const whole = { code: 'OOPS', message: 'no luck', retryable: true }

  test.for<[string, Partial<Failure>, object]>([
    ['a plain one', {}, whole],
    ['one with details', { details }, { ...whole, details }],
    ['one with a cause', { cause: { ...cause, cause } }, { ...whole, cause: { ...cause, cause } }],
  ])('%s', ([, failure, expected]) => {
    const world = new World(
      workflow([
        {
          id: 't',
          try: [{ id: 'x', uses: 'h' }],
          catch: [{ as: 'oops', do: [{ id: 'c', uses: 'h', with: '${{ oops }}' }] }],
          finally: [{ id: 'f', uses: 'h', with: '${{ error }}' }],
        },
      ]),
    )
    world.fail('t/x', failure)
    expect(inputOf(world, 't/c')).toEqual(expected)
    world.fail('t/c', { code: 'AGAIN' })
    expect(inputOf(world, 't/f')).toEqual({ ...whole, code: 'AGAIN', cause: expected })
  })

  test('of a whole workflow, and null where nothing failed', () => {
    const definition = workflow([{ id: 'a', uses: 'h' }], {
      finally: [{ id: 'f', uses: 'h', with: { error: '${{ error }}' } }],
    })
    const failed = new World(definition)
    failed.fail('a')
    expect(inputOf(failed, 'f')).toEqual({ error: whole })
    const completed = new World(definition)
    completed.complete('a')
    expect(inputOf(completed, 'f')).toEqual({ error: null })
  })

  test('of what is called', () => {
    const inner = workflow([{ id: 'a', uses: 'h' }], {
      input: { n: { type: 'integer' } },
      finally: [{ id: 'f', uses: 'h', with: { error: '${{ error }}', n: '${{ input.n }}' } }],
    })
    const world = new World(
      workflow([{ id: 'c', call: 'inner', with: { n: 2 } }], { imports: { inner }, input: { n: { type: 'integer' } } }),
      { input: { n: 1 } },
    )
    world.fail('c/a')
    expect(inputOf(world, 'c/f')).toEqual({ error: whole, n: 2 })
  })
})

describe('large values beside the journal are read where they are needed', () => {
  const large = 'x'.repeat(20_000)
  const size = '${{ size(steps.a.output) + size(steps.a.output) + size(input.text) }}'

  test('by what follows, also after a crash', () => {
    const world = new World(
      workflow([
        { id: 'a', uses: 'h' },
        { id: 'w', waitFor: { signal: 's' } },
        { id: 'see', uses: 'h', with: size },
      ]),
      { input: { text: 'x'.repeat(30_000) } },
    )
    world.complete('a', large)
    world.crash()
    world.send('s')
    expect(inputOf(world, 'see')).toBe(70_000)
  })

  test('by what reads two parts of one, whatever the steps are called and whether they have begun', () => {
    const read = '${{ size(input.text) + size(input.more) + size(steps.more.status) }}'
    const world = new World(
      workflow([
        { id: 'text', uses: 'h' },
        { id: 'see', uses: 'h', with: read },
        { id: 'more', set: { v: '${{ steps.text.output }}' } },
      ]),
      { input: { text: 'x'.repeat(30_000), more: 'x' } },
    )
    world.complete('text', 'small')
    expect(inputOf(world, 'see')).toBe(30_001 + 'pending'.length)
  })

  test('by what a state does after its first step with the signal that led to it', () => {
    const world = new World(
      workflow([
        {
          id: 'm',
          initial: 'idle',
          states: {
            idle: { on: { s: [{ to: 'busy' }] } },
            busy: {
              do: [
                { id: 'x', uses: 'h' },
                { id: 'see', uses: 'h', with: '${{ size(signal.data.text) }}' },
              ],
            },
          },
        },
      ]),
    )
    world.send('s', { text: large })
    world.complete('m[1]/x')
    expect(inputOf(world, 'm[1]/see')).toBe(20_000)
  })

  test('by the items of a list of them, and by what follows the loop', () => {
    const world = new World(
      workflow([
        { id: 'a', uses: 'h' },
        {
          id: 'each',
          forEach: { in: 'steps.a.output', collect: true },
          do: [{ id: 'x', uses: 'h', with: '${{ [size(item), index] }}' }],
          output: '${{ steps.x.output }}',
        },
        { id: 'see', uses: 'h', with: '${{ steps.each.output.map(one, one.ok ? size(one.output) : -1) }}' },
      ]),
    )
    world.complete('a', [large, `${large}y`, 'z'])
    expect(inputOf(world, 'each[0]/x')).toEqual([20_000, 0])
    world.complete('each[0]/x', `${large}first`)
    expect(inputOf(world, 'each[1]/x')).toEqual([20_001, 1])
    world.fail('each[1]/x')
    expect(inputOf(world, 'each[2]/x')).toEqual([1, 2])
    world.complete('each[2]/x', large)
    expect(inputOf(world, 'see')).toEqual([20_005, -1, 20_000])
  })
})
