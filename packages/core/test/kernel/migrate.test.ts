import type { Definition } from '@segno/schema/plan'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { compile } from '../../src/kernel/compile.ts'
import { rebind } from '../../src/kernel/evolve-migrate.ts'
import { migrate } from '../../src/kernel/migrate.ts'
import { snapshot } from '../../src/kernel/snapshot.ts'
import type { RunState } from '../../src/kernel/state.ts'
import { view } from '../../src/kernel/view.ts'
import { effort } from './effort.ts'
import { invariants } from './invariants.ts'
import { definitions } from './random-definition.ts'
import { finish, play, scripts } from './script.ts'
import { foldAll, reload, World } from './world.ts'

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
        const before = [rested(state), JSON.stringify(view(state))]
        rebind(state, again)
        assert.deepEqual([rested(state), JSON.stringify(view(state))], before)
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

// Without what is found anew: what there is to decide, and the input that a blocked step is tried again with.
function rested(state: RunState): string {
  return JSON.stringify(snapshot(state), (key, value: unknown) => {
    if (key === 'agenda' || key === 'cursor') return undefined
    return isBlocked(value) ? { ...value, input: undefined } : value
  })
}

function isBlocked(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'status' in value && value.status === 'blocked'
}
