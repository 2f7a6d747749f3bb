import type { Definition, Step } from '@segno/schema/plan'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import { compile } from '../../src/kernel/compile.ts'
import { rebind } from '../../src/kernel/evolve-migrate.ts'
import { migrate } from '../../src/kernel/migrate.ts'
import { snapshot } from '../../src/kernel/snapshot.ts'
import { view } from '../../src/kernel/view.ts'
import { effort } from './effort.ts'
import { invariants } from './invariants.ts'
import { definitions } from './random-definition.ts'
import { finish, play, scripts } from './script.ts'
import { foldAll, reload, told, workflow, World } from './world.ts'

const numRuns = effort(400, 5000)
const timeout = 600_000

const anything = definitions({ blocking: true })

// The same with one more step at its end.
function extended(definition: Definition): Definition {
  return { ...definition, steps: [...definition.steps, { id: 'zz_added', uses: 'h' }] }
}

describe('a run that is put on another plan', () => {
  test('stays as it is where the plan is the same', { timeout }, () => {
    fc.assert(
      fc.property(anything, scripts, (definition, script) => {
        const world = new World(definition)
        play(world, script)
        const { plan, state } = world
        const again = compile(definition)
        assert.deepEqual(migrate(plan, again, state), { input: undefined })
        const before = [JSON.stringify(snapshot(state)), JSON.stringify(view(state))]
        rebind(state, again)
        assert.deepEqual([JSON.stringify(snapshot(state)), JSON.stringify(view(state))], before)
      }),
      { numRuns },
    )
  })

  test('ends as the new plan says, whenever a step is added at the end, and keeps the invariants', { timeout }, () => {
    let migrated = 0
    fc.assert(
      fc.property(anything, scripts, scripts, fc.boolean(), (definition, before, after, deaf) => {
        const world = new World(definition, { watch: invariants() })
        play(world, before)
        if (world.isOver || world.state.status === 'cancelling') return
        const [event] = world.migrate(compile(extended(definition)))
        if (event?.type !== 'plan.migrated') return
        migrated++
        play(world, after)
        finish(world, deaf)
        const ended = world.journal.at(-1)?.type
        const isReturned = world.journal.some(({ type }) => type === 'step.completed') && hasReturn(definition)
        if (ended === 'run.completed' && !isReturned)
          assert.ok(world.journal.some((one) => 'path' in one && one.path === 'zz_added'))
      }),
      { numRuns },
    )
    assert.ok(migrated > numRuns / 4, `${migrated} runs were migrated`)
  })

  test('folds in two halves as in one go, also by way of a snapshot on either side of it', { timeout }, () => {
    fc.assert(
      fc.property(anything, scripts, scripts, fc.nat(), (definition, before, after, at) => {
        const world = new World(definition)
        play(world, before)
        if (!world.isOver) world.migrate(compile(extended(definition)))
        play(world, after)
        const { plans, journal } = world
        const cut = 1 + (at % journal.length)
        const whole = foldAll(plans, journal)
        const half = foldAll(plans, journal.slice(0, cut))
        const plan = plans.find(({ hash }) => hash === half.planHash) ?? world.plan
        const restored = foldAll(plans, journal.slice(cut), reload(plan, half))
        assert.deepEqual(view(restored), view(whole))
        assert.equal(JSON.stringify(snapshot(restored)), JSON.stringify(snapshot(whole)))
        assert.deepEqual(view(restored), view(world.state))
      }),
      { numRuns },
    )
  })
})

function hasReturn(definition: Definition): boolean {
  return JSON.stringify(definition).includes('"return"')
}

function reasons(before: readonly Step[], after: readonly Step[], moves: (world: World) => void): string[] {
  const world = new World(workflow(before))
  moves(world)
  const found = migrate(world.plan, compile(workflow(after)), world.state)
  return 'reasons' in found ? found.reasons.map(({ code, path }) => `${code} ${path}`) : []
}

describe('what stands against another plan', () => {
  const first: Step = { id: 'first', uses: 'h' }
  const second: Step = { id: 'second', uses: 'h' }

  test.for<readonly [string, readonly Step[], readonly Step[], readonly string[]]>([
    ['a step that has ended is gone', [first, second], [second], ['STEP_REMOVED first']],
    [
      'a step under way does something else',
      [first, second],
      [first, { id: 'second', uses: 'other' }],
      ['STEP_CHANGED second'],
    ],
    ['a step is of another kind', [first, second], [{ id: 'first', set: {} }, second], ['STEP_CHANGED first']],
    [
      'a step comes before one that has begun',
      [first, second],
      [first, { id: 'new', uses: 'h' }, second],
      ['STEP_ADDED_EARLIER new'],
    ],
    ['the order of what has begun is another', [first, second], [second, first], ['ORDER_CHANGED second']],
    [
      'what was given and not kept is read',
      [first, second],
      [first, second, { id: 'third', set: { was: '${{ steps.first.output }}' } }],
      ['OUTPUT_NOT_KEPT first'],
    ],
    [
      'a step that is to come is another',
      [first, second, { id: 'third', uses: 'h' }],
      [first, second, { id: 'third', set: {} }],
      [],
    ],
    ['steps come after', [first, second], [first, second, { id: 'third', uses: 'h' }], []],
    ['a retry is another', [first, second], [first, { ...second, retry: { max: 3 } } as Step], []],
  ])('%s', ([, before, after, expected]) => {
    expect(reasons(before, after, (world) => void world.complete('first', 1))).toEqual(expected)
  })

  test('a list under way is gone, or what takes back is', () => {
    const before: Step[] = [{ id: 'd', if: 'true', do: [{ ...first, undo: { uses: 'h' } } as Step, second], else: [] }]
    const after: Step[] = [{ id: 'd', if: 'true', do: [first, second], else: [] }]
    expect(reasons(before, after, (world) => void world.complete('d/first', 1))).toEqual(['UNDO_CHANGED d/first.undo'])
  })

  test('a blocked step is put right by a new plan, and its retry goes by that', () => {
    const world = new World(workflow([{ ...first, with: { url: 'wrong' }, onFailure: 'block' } as Step]))
    world.fail('first', { retryable: false })
    const plan = compile(workflow([{ id: 'first', uses: 'other', with: { url: 'right' }, onFailure: 'block' }]))
    expect(told(world.migrate(plan))).toEqual(['plan.migrated'])
    world.send('segno.retry')
    const [attempt] = world.attempts()
    expect([attempt?.path, attempt?.node.handler, attempt?.input]).toEqual(['first~2', 'other', { url: 'right' }])
  })

  test('what stands against it is recorded with the refusal, and the run stays as it was', () => {
    const world = new World(workflow([first, second]))
    const [event] = world.migrate(compile(workflow([second])))
    expect(event).toMatchObject({ type: 'operator.acted', action: 'migrate', refused: { code: 'PLAN_INCOMPATIBLE' } })
    const [again] = world.migrate(world.plan)
    expect(again).toMatchObject({ refused: { code: 'REFUSED', message: 'the run goes by this plan already' } })
  })

  test('children that are added to a parallel block under way start with it', () => {
    const block = (...ids: string[]): Step => ({ id: 'p', parallel: ids.map((id) => ({ id, uses: 'h' })) }) as Step
    const world = new World(workflow([block('a', 'b')]))
    world.complete('p/a')
    world.migrate(compile(workflow([block('c', 'a', 'b')])))
    expect(world.attempts().map(({ path }) => path)).toEqual(['p/b', 'p/c'])
    world.complete('p/c')
    expect(told(world.complete('p/b'))).toEqual(['step.completed p/b', 'step.completed p', 'run.completed'])
  })
})
