import type { Definition, RunEvent, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { foldAll, reload, told, workflow, World } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { evolve } from './evolve.ts'
import { snapshot } from './snapshot.ts'
import { sha256Hex } from '@segno/schema/plan'

const work = (id: string, rest: object = {}): Step => ({ id, uses: 'h', ...rest }) as Step
const [first, second, third] = [work('first'), work('second'), work('third')]
const nap = (id: string): Step => ({ id, sleep: '1h' })
const side = (children: readonly Step[], rest: object = {}): Step => ({ id: 'p', parallel: children, ...rest }) as Step
const kid: Definition = { segno: 1, name: 'kid', steps: [first] }

/** Puts a run on the plan of these steps. A snapshot of what the kernel holds then has to give the same. */
function goOnBy(world: World, steps: readonly Step[], rest: Partial<Definition> = {}): string[] {
  const events = told(world.migrate(compile(workflow(steps, rest))))
  expect(events[0]).toBe('plan.migrated')
  const { plan, state } = world
  expect(snapshot(reload(plan, state))).toEqual(snapshot(state))
  return events.slice(1)
}

const running = (world: World): string[] => world.attempts().map(({ path }) => path)
const wrong = { retryable: false }

describe('a run that goes on by another plan', () => {
  test('tries a blocked step again as that says', () => {
    const world = new World(workflow([work('first', { with: { url: 'wrong' }, onFailure: 'block' })]))
    world.fail('first', wrong)
    goOnBy(world, [work('first', { uses: 'other', with: { url: 'right' }, onFailure: 'block' })])
    world.send('segno.retry')
    const [attempt] = world.attempts()
    expect([attempt?.path, attempt?.node.handler, attempt?.input]).toEqual(['first~2', 'other', { url: 'right' }])
  })

  test('keeps the input of a step that waits for its retry', () => {
    const world = new World(workflow([work('first', { with: 1, retry: { max: 1, delay: '1s', jitter: false } })]))
    world.fail('first')
    goOnBy(world, [work('first', { with: 2, retry: { max: 1, delay: '1s', jitter: false } })])
    world.wake()
    expect(world.attempts()).toMatchObject([{ path: 'first', attempt: 2, input: 1 }])
  })

  test('keeps its input where the plan adds nothing to it', () => {
    const world = new World(workflow([first]), { input: { a: 1 } })
    goOnBy(world, [first, { id: 'tell', set: { a: '${{ input.a }}' } }])
    expect(world.complete('first')).toContainEqual(expect.objectContaining({ path: 'tell', output: { a: 1 } }))
  })

  test('begins at once what comes after all that it had to do, while it waits for a run that it started', () => {
    const start: Step = { id: 'go', start: 'kid', wait: false } as Step
    const world = new World(workflow([start], { imports: { kid } }))
    for (const child of world.children()) world.moveChild(child, 'completed')
    expect(goOnBy(world, [start, first], { imports: { kid } })).toEqual(['attempt.started first'])
  })

  test('may start as many steps as either plan allows', () => {
    const limited = (steps: number) => ({ limits: { steps } })
    const world = new World(workflow([first], limited(5)))
    goOnBy(world, [first], limited(9))
    expect(world.state.stepsMax).toBe(9)
    goOnBy(world, [first], limited(2))
    expect(world.state.stepsMax).toBe(9)
  })

  test('keeps a large input that the plan adds to beside its journal', () => {
    const world = new World(workflow([first]))
    const text = 'x'.repeat(20_000)
    const input = { text: { type: 'string', default: text } } as const
    goOnBy(world, [first, { id: 'tell', set: { text: '${{ input.text }}' } }], { input })
    const json = JSON.stringify({ text })
    const migrated = world.journal.find(({ type }) => type === 'plan.migrated')
    expect(migrated).toMatchObject({ inputBlob: { sha256: sha256Hex(json), size: json.length } })
    expect(told(world.complete('first'))).toContain('step.completed tell')
  })

  test('fires timers of one instant in the order that it has now', () => {
    const busy = (id: string): Step => work(id, { timeout: '1h' })
    const world = new World(workflow([side([nap('a'), nap('b'), busy('c'), busy('d')], { failFast: false })]))
    goOnBy(world, [side([busy('d'), busy('c'), nap('b'), nap('a')], { failFast: false })])
    const events = told(world.pass(3_600_000)).filter((event) => event.startsWith('timer.fired'))
    expect(events).toEqual(['timer.fired p/d', 'timer.fired p/c', 'timer.fired p/b', 'timer.fired p/a'])
  })
})

describe('steps that run together, by another plan', () => {
  test('start with what is added to them, and the block waits for all', () => {
    const world = new World(workflow([side([work('a'), work('b')])]))
    world.complete('p/a')
    expect(goOnBy(world, [side([work('c'), work('a'), work('b')])])).toEqual(['attempt.started p/c'])
    world.complete('p/c')
    expect(told(world.complete('p/b'))).toEqual(['step.completed p/b', 'step.completed p', 'run.completed'])
  })

  test('start in the order in which they could, what is added last', () => {
    const world = new World(workflow([side([work('a'), work('b'), work('c')], { concurrency: 1 })]))
    goOnBy(world, [side([work('n'), work('c'), work('a'), work('b')], { concurrency: 1 })])
    const order = ['a', 'b', 'c', 'n'].map((id) => told(world.complete(`p/${id}`)).at(-1))
    expect(order).toEqual(['attempt.started p/b', 'attempt.started p/c', 'attempt.started p/n', 'run.completed'])
  })

  test('start no more where one that was to come is gone', () => {
    const world = new World(workflow([side([work('a'), work('b'), work('c')], { concurrency: 1 })]))
    goOnBy(world, [side([work('a'), work('c')], { concurrency: 1 })])
    expect(told(world.complete('p/a'))).toEqual(['step.completed p/a', 'attempt.started p/c'])
    expect(told(world.complete('p/c'))).toEqual(['step.completed p/c', 'step.completed p', 'run.completed'])
  })

  test('leave out what is added and needs one that was left out', () => {
    const failing = [work('a'), work('b', { needs: ['a'] }), work('c')]
    const world = new World(workflow([side(failing, { failFast: false })]))
    world.fail('p/a', wrong)
    const events = goOnBy(world, [side([work('n'), ...failing, work('e', { needs: ['b'] })], { failFast: false })])
    expect(events).toEqual(['step.skipped p/e NEED_FAILED', 'attempt.started p/n'])
  })

  test.for<readonly [string, readonly string[]]>([
    ['new', ['n', 'a', 'b']],
    ['old', ['a', 'b', 'n']],
  ])('do again what an operator has taken up, at its %s place', ([, ids]) => {
    const world = new World(workflow([side([work('a'), work('b')], { failFast: false })]))
    world.fail('p/a', wrong)
    world.send('segno.pause')
    world.send('segno.retry', { path: 'p/a' })
    goOnBy(world, [
      side(
        ids.map((id) => work(id)),
        { failFast: false },
      ),
    ])
    world.send('segno.resume')
    expect(running(world)).toEqual(['p/a~2', 'p/b', 'p/n'])
  })

  test('forget what an operator has taken up and the plan does not have any more', () => {
    const world = new World(workflow([side([work('a'), work('b')], { failFast: false })]))
    world.fail('p/a', wrong)
    world.send('segno.pause')
    world.send('segno.retry', { path: 'p/a' })
    expect(JSON.stringify(snapshot(world.state))).toContain('"again"')
    goOnBy(world, [side([work('n'), work('b')], { failFast: false })])
    expect(JSON.stringify(snapshot(world.state))).not.toContain('"again"')
    world.send('segno.resume')
    expect(running(world)).toEqual(['p/b', 'p/n'])
  })
})

describe('a state machine, by another plan', () => {
  const machine = (on: object, rest: object = {}): Step =>
    ({ id: 'm', initial: 'one', states: { one: { on, ...rest }, two: { do: [first] } } }) as Step
  const two = { to: 'two' }

  test('leaves a state at once that leads on now', () => {
    const world = new World(workflow([machine({ red: two })]))
    expect(goOnBy(world, [machine({ red: two }, { next: [two] })])).toEqual([
      'state.entered m 1',
      'attempt.started m[1]/first',
    ])
  })

  test.for([
    ['another name', { red: two }, { green: two }, 'green', 'red'],
    ['a name more', { red: two }, { red: two, green: two }, 'green', undefined],
    ['a name less', { red: two, green: two }, { red: two }, 'red', 'green'],
    ['names with the same letters', { ab: two, c: two }, { a: two, bc: two }, 'bc', 'ab'],
  ] as const)('hears the signals of %s', ([, before, after, heard, unheard]) => {
    const world = new World(workflow([machine(before)]))
    goOnBy(world, [machine(after)])
    expect([...world.state.waiters.keys()]).toEqual(expect.arrayContaining(Object.keys(after)))
    expect(world.state.waiters.size).toBe(Object.keys(after).length)
    if (unheard !== undefined) expect(told(world.send(unheard))).toEqual(['signal.received'])
    expect(told(world.send(heard)).slice(0, 3)).toEqual(['signal.received', 'signal.consumed m', 'state.entered m 1'])
  })

  test('that has ended, or is blocked, hears no signal', () => {
    const steps = (on: object): Step[] => [
      { ...machine(on), id: 'm' },
      { ...machine(on), id: 'n', states: { one: { on, do: [work('other')] }, two: {} }, onFailure: 'block' } as Step,
      second,
    ]
    const world = new World(workflow([side(steps({ red: two }))]))
    world.fail('p/n[0]/other')
    world.send('red')
    world.complete('p/m[1]/first')
    goOnBy(world, [side(steps({ green: two }))])
    expect(world.state.waiters.size).toBe(0)
  })

  test('keeps its turn among those that wait for the same signal', () => {
    const children = [machine({ red: two }), { id: 'w', waitFor: { signal: 'red' } }]
    const world = new World(workflow([side(children)]))
    goOnBy(world, [side([...children, first])])
    expect(told(world.send('red'))).toContain('signal.consumed p/m')
  })

  test('hears other signals from now on also while it waits for its retry', () => {
    const retried = (on: object): Step => ({
      ...machine(on, { do: [first] }),
      retry: { max: 1, delay: '1h', jitter: false },
    })
    const world = new World(workflow([retried({ red: two })]))
    world.fail('m[0]/first')
    goOnBy(world, [retried({ green: two })])
    expect([...world.state.waiters.keys()]).toEqual(['green'])
  })
})

describe('what takes steps back, by another plan', () => {
  const stop: Step = { id: 'stop', fail: { code: 'STOP', message: 'stop' } }
  const undoing = (undo: object): Step => work('first', { undo })
  const again = { uses: 'h', retry: { max: 1, delay: '1s', jitter: false } }

  test.for<readonly [string, readonly Step[], (step: Step) => readonly Step[]]>([
    ['in its own list', [], (step) => [step, second]],
    ['in a block that is over', [], (step) => [{ id: 'd', do: [step] }, second]],
  ])('is tried again as that says, %s', ([, , around]) => {
    const world = new World(workflow([...around(undoing({ uses: 'h' }))]))
    const path = world.attempts()[0]?.path ?? ''
    world.complete(path)
    goOnBy(world, around(undoing(again)))
    world.fail('second', wrong)
    expect(told(world.fail(`${path}.undo`))).toEqual([`attempt.failed ${path}.undo OOPS`])
  })

  test('is tried again as that says once it is at work, and so is what comes after it', () => {
    const steps = (undo: object): Step[] => [undoing(undo), work('second', { undo }), stop]
    const world = new World(workflow(steps({ uses: 'h' })))
    world.complete('first')
    world.complete('second')
    goOnBy(world, steps(again))
    expect(told(world.fail('second.undo'))).toEqual(['attempt.failed second.undo OOPS'])
    world.wake()
    world.complete('second.undo')
    expect(told(world.fail('first.undo'))).toEqual(['attempt.failed first.undo OOPS'])
  })

  test('is a workflow that goes on with its own steps, children and what takes those back', () => {
    const refund = (...more: readonly Step[]): Definition => ({
      segno: 1,
      name: 'refund',
      imports: { kid },
      steps: [work('money', { undo: { uses: 'h' } }), { id: 'go', start: 'kid' }, ...more],
    })
    const steps = [undoing({ call: 'refund' }), stop]
    const world = new World(workflow(steps, { imports: { refund: refund() } }))
    world.complete('first')
    world.complete('first.undo/money')
    expect(goOnBy(world, steps, { imports: { refund: refund(third) } })).toEqual([])
    for (const how of ['completed', 'completed'] as const) for (const one of world.children()) world.moveChild(one, how)
    expect(running(world)).toEqual(['first.undo/third'])
    expect(told(world.fail('first.undo/third', wrong))).toContain('attempt.started first.undo/money.undo')
  })
})

describe('a journal cannot go on by a plan', () => {
  const imports = { kid }
  const two: Step = { id: 'd', if: 'true', do: [work('first', { undo: { uses: 'h' } })], else: [] } as Step
  const one: Step = { id: 'd', if: 'true', do: [first] } as Step

  test.for<readonly [string, readonly Step[], readonly Step[], string]>([
    ['that lacks a step', [first], [second], 'the plan has no step at "first"'],
    ['that lacks a list', [{ ...two, if: 'false', else: [second] } as Step], [one], '"d" has no else'],
    ['that takes nothing back', [two, second], [one, second], 'the plan has nothing that takes back "d/first.undo"'],
    [
      'that starts no run',
      [{ id: 'go', start: 'kid', wait: false } as Step, second],
      [{ id: 'go', set: {} }, second],
      'the plan starts no run at "go"',
    ],
    [
      'that starts no run in a block that is over',
      [{ id: 'd', do: [{ id: 'go', start: 'kid', wait: false } as Step] }, second],
      [{ id: 'd', do: [] }, second],
      'the plan starts no run at "d/go"',
    ],
  ])('%s', ([, before, after, message]) => {
    const world = new World(workflow(before, { imports }))
    for (const { path } of world.attempts()) if (path === 'd/first') world.complete(path)
    for (const child of world.children()) world.moveChild(child, 'completed')
    const plan = compile(workflow(after, { imports }))
    expect(() => evolve(plan, world.state, migrated(world, { to: plan.hash }))).toThrow(message)
  })

  test('that it does not go by, or that is not the one that it names', () => {
    const world = new World(workflow([first]))
    const plan = compile(workflow([first, second]))
    const { planHash } = world.state
    expect(() => evolve(plan, world.state, migrated(world, { from: 'other', to: plan.hash }))).toThrow(
      `the run goes by plan ${planHash}, not by other`,
    )
    expect(() => evolve(plan, world.state, migrated(world, { to: 'other' }))).toThrow(
      `the run is migrated to plan other, not to ${plan.hash}`,
    )
    expect(foldAll(world.plan, world.journal).planHash).toBe(planHash)
  })
})

function migrated({ state }: World, fields: { readonly from?: string; readonly to: string }): RunEvent {
  const { seq, runId, planHash } = state
  return { seq: seq + 1, v: 1, at: 0, runId, type: 'plan.migrated', id: 'm', from: planHash, handlers: {}, ...fields }
}
