import type { Definition } from '@segno/schema/plan'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { snapshot } from '../../src/kernel/snapshot.ts'
import type { StepState } from '../../src/kernel/state.ts'
import { view } from '../../src/kernel/view.ts'
import { effort } from './effort.ts'
import { invariants } from './invariants.ts'
import { definitions } from './random-definition.ts'
import { finish, outcomeOf, play, scripts } from './script.ts'
import { foldAll, reload, World } from './world.ts'

const numRuns = effort(1000, 10_000)
const timeout = 600_000

const anything = definitions({ blocking: true })
const manners = fc.record({ deaf: fc.boolean(), force: fc.boolean() })

describe('a run of any definition, whatever happens to it', () => {
  test('keeps the invariants, and ends when it is helped', { timeout }, () => {
    fc.assert(
      fc.property(anything, scripts, fc.boolean(), (definition, script, deaf) => {
        const world = new World(definition, { watch: invariants() })
        play(world, script)
        finish(world, deaf)
      }),
      { numRuns },
    )
  })

  test('folds in two halves as in one go, also by way of a snapshot', { timeout }, () => {
    fc.assert(
      fc.property(anything, scripts, fc.nat(), (definition, script, at) => {
        const { plan, journal } = played(definition, script)
        const cut = 1 + (at % journal.length)
        const whole = foldAll(plan, journal)
        const half = foldAll(plan, journal.slice(0, cut))
        const restored = foldAll(plan, journal.slice(cut), reload(plan, half))
        assert.deepEqual(view(restored), view(whole))
        assert.equal(JSON.stringify(snapshot(restored)), JSON.stringify(snapshot(whole)))
        assert.deepEqual(view(foldAll(plan, journal.slice(cut), half)), view(whole))
      }),
      { numRuns },
    )
  })

  test('goes on from a snapshot with the events that would have followed', { timeout }, () => {
    fc.assert(
      fc.property(anything, scripts, scripts, (definition, before, after) => {
        const one = new World(definition)
        const other = new World(definition)
        play(one, before)
        play(other, before)
        other.reload()
        const moves = after.filter(({ type }) => type !== 'crash')
        play(one, moves)
        play(other, moves)
        assert.deepEqual(other.journal, one.journal)
      }),
      { numRuns },
    )
  })

  test('ends after a cancel at any event, with handlers that stop and with ones that do not', { timeout }, () => {
    fc.assert(
      fc.property(anything, scripts, fc.nat(), manners, (definition, script, at, { deaf, force }) => {
        const moves = script.filter(({ type }) => type !== 'cancel')
        const world = new World(definition, { watch: invariants() })
        play(world, moves.slice(0, at % (moves.length + 1)))
        world.send('segno.cancel', { force })
        const started = world.now
        finish(world, deaf)
        assert.ok(force === false || world.now <= started + 5000, 'a forced cancel takes no longer than the grace')
      }),
      { numRuns },
    )
  })

  test('takes no notice of an outcome that comes again', { timeout }, () => {
    fc.assert(
      fc.property(anything, scripts, (definition, script) => {
        const world = new World(definition)
        play(world, script)
        const [attempt] = world.attempts()
        if (attempt === undefined) return
        world.settle(attempt, outcomeOf('completed'))
        assert.deepEqual(world.settle(attempt, outcomeOf('failed')), [])
      }),
      { numRuns },
    )
  })
})

describe('a run with handlers that always do the same', () => {
  const deterministic = definitions({ blocking: false })

  test('ends after crashes as it ends without', { timeout }, () => {
    fc.assert(
      fc.property(deterministic, fc.nat(), fc.array(fc.nat({ max: 4 })), (definition, seed, crashes) => {
        const calm = new World(definition)
        unfold(calm, seed, [])
        const shaken = new World(definition, { watch: invariants() })
        unfold(shaken, seed, crashes)
        const lost = new Set(shaken.journal.flatMap((event) => (event.type === 'attempt.lost' ? [event.path] : [])))
        assert.deepEqual(resultOf(shaken, lost), resultOf(calm, lost))
      }),
      { numRuns },
    )
  })
})

function played(definition: Definition, script: Parameters<typeof play>[1]): World {
  const world = new World(definition)
  play(world, script)
  return world
}

// Each attempt's outcome depends on its path and on how many of it have been recorded, so a crash changes none of
// them; one that is told to stop, stops.
function unfold(world: World, seed: number, crashes: readonly number[]): void {
  const tried = new Map<string, number>()
  const kinds = ['completed', 'completed', 'failed', 'final', 'big'] as const
  for (let round = 0; !world.isOver; round++) {
    assert.ok(round < 5000, 'the run ends')
    for (let times = crashes[round] ?? 0; times > 2; times--) world.crash(times % 2 === 0)
    if (world.isOver) return
    const [attempt] = world.attempts()
    if (attempt === undefined) {
      const [child] = world.children()
      const [question] = world.questions()
      // A signal that a machine would take or drop comes only where no time can pass: crashes must not change its way.
      const awaited = [...world.state.waiters].find(
        ([, steps]) => [...steps].find((step) => !isBusy(step))?.node.kind === 'waitFor',
      )?.[0]
      const [name = awaited] = world.state.waiters.keys()
      if (child !== undefined) world.moveChild(child, 'completed')
      else if (question !== undefined) world.answer(question, 'yes')
      else if (awaited !== undefined) world.send(awaited, { ok: true })
      else if (!world.wake()) {
        assert.ok(name !== undefined && world.state.signalCount < 3, 'the run has something to wait for')
        world.send(name, { ok: true })
      }
      continue
    }
    const times = (tried.get(attempt.path) ?? 0) + 1
    tried.set(attempt.path, times)
    let hash = seed + times
    for (const letter of attempt.path) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) >>> 0
    const isStopped = world.known.has(`abort:${attempt.path}#${attempt.attempt}`)
    // What takes a step back would block the run.
    const kind = attempt.path.includes('.undo') ? 'completed' : (kinds[hash % kinds.length] ?? 'completed')
    world.settle(attempt, outcomeOf(isStopped ? 'failed' : kind))
  }
}

// A machine in the middle of what its state does takes no signal.
function isBusy({ block }: StepState): boolean {
  return (block?.frames.at(-1)?.active.size ?? 0) > 0
}

// What was lost while it was being stopped is taken back: nobody knows what it did.
function resultOf(world: World, lost: ReadonlySet<string>): unknown {
  const { status, output, failure } = view(world.state)
  const done = world.journal
    .flatMap((event) => (event.type === 'step.completed' ? [event.path] : []))
    .filter((path) => !path.includes('.undo') || !lost.has(path.slice(0, path.indexOf('.undo'))))
  return { status, output, failure, done: done.sort() }
}
