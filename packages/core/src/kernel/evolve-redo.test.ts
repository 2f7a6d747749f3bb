import type { RunEvent, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { evolve } from './evolve.ts'
import { runStatus, wakeAt } from './outstanding.ts'

const uses = (id: string, rest: object = {}): Step => ({ id, uses: 'h', ...rest })
const passedOver = (id: string): Step => uses(id, { onFailure: 'continue' })
const undone = (id: string): Step => uses(id, { undo: { uses: 'h' } })

const retry = (world: World, path: string, downstream = false): string[] =>
  told(world.send('segno.retry', { path, downstream }))

describe('a step that is withdrawn to begin anew', () => {
  test.for<[string, Step, RunEvent['type']]>([
    ['sleeps', { id: 'b', sleep: '1h' }, 'timer.set'],
    ['sleeps for so long', { id: 'b', sleep: '2h', timeout: '1h' }, 'timer.set'],
    ['waits for a signal', { id: 'b', waitFor: { signal: 's' }, timeout: '1h' }, 'step.started'],
    ['asks', { id: 'b', ask: { title: 'Go on?', choices: ['yes', 'no'] }, timeout: '1h' }, 'task.asked'],
    ['waits for its retry', uses('b', { retry: { max: 1 } }), 'attempt.started'],
    ['is blocked', uses('b', { onFailure: 'block' }), 'attempt.started'],
  ])('and %s waits for nothing meanwhile', ([, step, begins]) => {
    const world = new World(workflow([passedOver('a'), step, { id: 'z', sleep: '1d' }]))
    world.fail('a')
    if ('uses' in step) world.fail('b')
    expect(retry(world, 'a', true)).toEqual(['operator.acted a', 'attempt.started a~2'])
    expect(wakeAt(world.state)).toBeNull()
    expect([...world.state.waiters.keys()]).toEqual([])
    expect([...world.state.steps.keys()]).toEqual(['a~2'])
    expect(runStatus(world.state)).toBe('running')
    expect(told(world.send('s', 1))).toEqual(['signal.received'])
    expect(told(world.pass(7_200_000))).toEqual([])
    expect(told(world.complete('a~2'))[1]).toBe(`${begins} b~2`)
    if (begins === 'attempt.started') world.complete('b~2')
    if (begins === 'task.asked' || begins === 'timer.set') world.send('segno.skip', { path: 'b~2' })
    expect(runStatus(world.state)).toBe('waiting')
    expect(told(world.pass(86_400_000)).at(-1)).toBe('run.completed')
  })
})

describe('what is done again is taken back first', () => {
  const steps = [
    undone('gg'),
    passedOver('f'),
    { id: 'g', do: [undone('x')] },
    { id: 'l', forEach: { in: [0, 1] }, do: [undone('x')] },
    undone('b'),
    undone('be'),
    { id: 'go', waitFor: { signal: 'go' } },
    { id: 'stop', fail: { code: 'LATE', message: 'stop' } },
  ] as const

  /** Takes back all that there is to be taken back. */
  function takeBack(world: World): string[] {
    const paths: string[] = []
    for (;;) {
      const [attempt] = world.attempts()
      if (attempt === undefined || !attempt.path.endsWith('.undo')) return paths
      paths.push(attempt.path)
      world.complete(attempt.path)
    }
  }

  test('the newest first, each once, and with it nothing that was done before', () => {
    const world = new World(workflow(steps))
    world.complete('gg')
    world.fail('f')
    for (const path of ['g/x', 'l[0]/x', 'l[1]/x', 'b', 'be']) world.complete(path)
    retry(world, 'f', true)
    expect(world.state.undoCount).toBe(6)
    expect(takeBack(world)).toEqual(['be.undo', 'b.undo', 'l[1]/x.undo', 'l[0]/x.undo', 'g/x.undo'])
    world.fail('f~2')
    const second = ['g~2/x', 'l[0]~2/x', 'l[1]~2/x', 'b~2', 'be~2']
    for (const path of second) world.complete(path)
    retry(world, 'f~2', true)
    expect(takeBack(world)).toEqual(second.toReversed().map((path) => `${path}.undo`))
    world.complete('f~3')
    for (const path of ['g~3/x', 'l[0]~3/x', 'l[1]~3/x', 'b~3', 'be~3']) world.complete(path)
    expect(told(world.send('go'))).toContain('step.failed stop LATE')
    expect(takeBack(world).slice(-2)).toEqual(['g~3/x.undo', 'gg.undo'])
    expect(world.isOver).toBe(true)
  })

  test('of a step that is done again alone nothing is left to take back', () => {
    const world = new World(workflow([undone('ab'), passedOver('a'), { id: 'nap', sleep: '1h' }]))
    world.complete('ab')
    world.fail('a')
    expect(retry(world, 'a')).toEqual(['operator.acted a', 'attempt.started a~2'])
    expect(world.state.root?.block?.frames[0]?.unwind).toBeUndefined()
  })
})

describe('a parallel of which a child is done again', () => {
  const parallel = (...children: readonly Step[]): World =>
    new World(workflow([{ id: 'p', failFast: false, parallel: [...children, uses('z')] }]))

  /** How it ends once all is done: the codes of its failure and of the others in its details. */
  function failureOf(world: World): unknown {
    for (let [next] = world.attempts(); next !== undefined; [next] = world.attempts()) world.complete(next.path)
    const { failure } = world.state
    const { others = [] } = (failure?.details ?? {}) as { readonly others?: readonly { readonly code: string }[] }
    return failure === undefined ? undefined : [failure.code, ...others.map(({ code }) => code)]
  }

  test('completes where the only one that failed does', () => {
    const world = parallel(uses('a'))
    world.fail('p/a')
    retry(world, 'p/a')
    expect(failureOf(world)).toBeUndefined()
    expect(world.isOver).toBe(true)
  })

  test('fails by the others that failed, and not by that one', () => {
    const world = parallel(uses('a'), uses('b'), uses('c'))
    world.fail('p/a', { code: 'A' })
    world.fail('p/b', { code: 'B' })
    world.fail('p/c', { code: 'C' })
    retry(world, 'p/b')
    expect(failureOf(world)).toEqual(['A', 'C'])
  })

  test('fails once for each of two that failed alike', () => {
    const world = parallel(uses('a'), uses('b'))
    world.fail('p/a')
    world.fail('p/b')
    retry(world, 'p/b')
    expect(failureOf(world)).toEqual(['OOPS'])
  })

  test('keeps the failure of another where the child was passed over, and failed alike', () => {
    const world = parallel(uses('a'), passedOver('b'))
    world.fail('p/a')
    world.fail('p/b')
    retry(world, 'p/b')
    expect(failureOf(world)).toEqual(['OOPS'])
  })

  test('keeps the failure of another where what needs the child had once failed alike, and completed', () => {
    const again = { needs: ['b'], retry: { max: 1, delay: '1s', jitter: false } }
    const world = parallel(uses('a'), passedOver('b'), uses('c', again))
    world.fail('p/b')
    world.fail('p/c')
    world.pass(1000)
    world.complete('p/c')
    world.fail('p/a')
    expect(retry(world, 'p/b', true)).toEqual(['operator.acted p/b', 'attempt.started p/b~2'])
    expect(failureOf(world)).toEqual(['OOPS'])
  })

  test('goes on where a newer plan no longer passes over the child', () => {
    const world = parallel(uses('a'), passedOver('b'))
    world.fail('p/a', { code: 'A' })
    world.fail('p/b', { code: 'B' })
    const newer = compile(workflow([{ id: 'p', failFast: false, parallel: [uses('a'), uses('b'), uses('z')] }]))
    expect(told(world.migrate(newer))).toEqual(['plan.migrated'])
    retry(world, 'p/b')
    expect(failureOf(world)).toEqual(['A'])
  })
})

describe('a block that is done again', () => {
  test('counts its attempts on, and its steps have new keys', () => {
    const world = new World(
      workflow([
        { id: 'g', do: [uses('x')], onFailure: 'continue' },
        { id: 'nap', sleep: '1h' },
      ]),
    )
    world.fail('g/x')
    retry(world, 'g')
    expect(world.attempts()).toMatchObject([{ path: 'g~2/x', key: 'incarnation/g~2/x' }])
    world.fail('g~2/x')
    expect(retry(world, 'g')).toContain('attempt.started g~3/x')
  })

  test('has what ended last before what is done again, and what has not ended, for its last', () => {
    const list = [{ id: 'one', set: {} }, passedOver('a'), { id: 'nap', sleep: '1h' }] as const
    for (const [steps, last] of [
      [list, 'g/one'],
      [[...list.slice(0, 2), uses('b'), ...list.slice(2)], 'g/b'],
    ] as const) {
      const world = new World(workflow([{ id: 'g', do: steps }]))
      world.fail('g/a')
      if (last === 'g/b') world.complete('g/b')
      expect(retry(world, 'g/a')).toEqual(['operator.acted g/a', 'attempt.started g/a~2'])
      expect(world.state.frames.get('g/')?.last?.path).toBe(last)
    }
  })
})

describe('a list of which the only item that has ended is done again', () => {
  test('has kept nothing that a newer plan could miss', () => {
    const list: Step = { id: 'l', forEach: { in: [1, 2], collect: true }, do: [uses('x')] } as Step
    const world = new World(workflow([list]))
    world.fail('l[0]/x')
    const reading = compile(workflow([list, { id: 'tell', set: { all: '${{ steps.l.output }}' } }]))
    expect(world.migrate(reading)).toMatchObject([{ type: 'operator.acted', refused: { code: 'PLAN_INCOMPATIBLE' } }])
    retry(world, 'l[0]')
    expect(told(world.migrate(reading))).toEqual(['plan.migrated'])
    for (let [next] = world.attempts(); next !== undefined; [next] = world.attempts()) world.complete(next.path, 7)
    const all = [7, 7].map((output) => ({ ok: true, output }))
    expect(world.journal).toContainEqual(expect.objectContaining({ path: 'tell', output: { all } }))
  })
})

describe('a journal that has something done again that cannot be', () => {
  const world = new World(workflow([passedOver('a'), { id: 'g', do: [passedOver('b'), { id: 'nap', sleep: '1h' }] }]))
  world.fail('a')
  world.fail('g/b')
  const { seq } = world.state

  test.for([
    [['x'], '"x" is to be done again, and it has not been done'],
    [['a', 'x'], '"x" is to be done again, and it has not been done'],
    [[], '"" is to be done again, and it has not been done'],
    [['a', 'g/b'], '"g/b" is in another list'],
  ] as const)('%j is corrupt', ([again, message]) => {
    const event = { seq: seq + 1, v: 1, at: world.now, runId: 'run', type: 'operator.acted', id: 'x', action: 'retry' }
    const cut = world.state
    world.reload()
    expect(() => evolve(world.plan, world.state, { ...event, again } as unknown as RunEvent)).toThrow(
      expect.objectContaining({ code: 'JOURNAL_CORRUPT', message: expect.stringContaining(message) }),
    )
    world.state = cut
  })
})
