import type { Definition } from '@segno/schema/plan'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { snapshot } from '../../src/kernel/snapshot.ts'
import { view } from '../../src/kernel/view.ts'
import { effort } from './effort.ts'
import { invariants } from './invariants.ts'
import { failedPaths, finish, outcomeOf, play, scripts } from './script.ts'
import type { Move } from './script.ts'
import { foldAll, reload, workflow, World } from './world.ts'

const numRuns = effort(400, 5000)
const timeout = 600_000

/** Where failures are passed over, so that there is something for an operator to take up again. */
const definitions: readonly Definition[] = [
  workflow([
    { id: 'a', uses: 'h', onFailure: 'continue', undo: { uses: 'h' } },
    { id: 'b', uses: 'h', onFailure: 'continue', undo: { uses: 'h', with: { was: '${{ steps.b.output }}' } } },
    { id: 'd', do: [{ id: 'in', uses: 'h', undo: { uses: 'h' } }], onFailure: 'continue' },
    { id: 'q', ask: { title: 'Go on?', choices: ['yes', 'no'] } },
    { id: 'c', uses: 'h' },
  ]),
  workflow([
    {
      id: 'p',
      failFast: false,
      parallel: [
        { id: 'a', uses: 'h', undo: { uses: 'h' } },
        { id: 'b', uses: 'h', needs: ['a'], undo: { uses: 'h' } },
        { id: 'c', do: [{ id: 'in', uses: 'h', undo: { uses: 'h' } }], needs: ['a'], onFailure: 'continue' },
        { id: 'd', uses: 'h', needs: ['c'], onFailure: 'block' },
        { id: 'w', waitFor: { signal: 'red' } },
      ],
      onFailure: 'continue',
    },
    { id: 'z', uses: 'h' },
  ]),
  workflow([
    {
      id: 'l',
      forEach: { in: [1, 2, 3], concurrency: 2, collect: true },
      do: [
        { id: 'a', uses: 'h', undo: { uses: 'h' } },
        { id: 'b', uses: 'h', retry: { max: 1, delay: '1s', jitter: false } },
      ],
      output: '${{ steps.a.output }}',
      retry: { max: 1, delay: '1s', jitter: false },
    },
  ]),
  workflow([
    {
      id: 'm',
      initial: 'one',
      states: {
        one: {
          do: [
            { id: 'a', uses: 'h', onFailure: 'continue' },
            { id: 'b', uses: 'h' },
          ],
          on: { red: { to: 'end' } },
        },
        end: {},
      },
    },
  ]),
]

const failing: fc.Arbitrary<Move> = fc.record({
  type: fc.constant('settle' as const),
  pick: fc.nat({ max: 3 }),
  outcome: fc.constantFrom('final' as const, 'completed' as const, 'big' as const),
})
const redo: fc.Arbitrary<Move> = fc.record({
  type: fc.constantFrom('redo' as const, 'redo' as const, 'skip' as const, 'override' as const),
  pick: fc.nat({ max: 3 }),
  how: fc.boolean(),
})
const operated: fc.Arbitrary<Move[]> = fc
  .array(fc.oneof({ weight: 4, arbitrary: failing }, { weight: 3, arbitrary: redo }), { maxLength: 15 })
  .chain((moves) => scripts.map((others) => moves.flatMap((move, at) => [move, ...others.slice(at, at + 1)])))

const given = fc.constantFrom(...definitions)

describe('a run whose operators skip, override and take up again', () => {
  test('keeps the invariants, takes back what was done once each, and ends when it is helped', { timeout }, () => {
    let again = 0
    fc.assert(
      fc.property(given, operated, fc.boolean(), (definition, script, deaf) => {
        const world = new World(definition, { watch: invariants() })
        play(world, script)
        finish(world, deaf)
        again += world.journal.filter((event) => event.type === 'operator.acted' && event.again !== undefined).length
        assert.deepEqual(doneTwice(world), [])
        assert.equal(world.state.undoing.size, 0)
      }),
      { numRuns },
    )
    assert.ok(again > numRuns / 20, `${again} steps were taken up again`)
  })

  test('folds in two halves as in one go, also by way of a snapshot', { timeout }, () => {
    fc.assert(
      fc.property(given, operated, fc.nat(), (definition, script, at) => {
        const world = new World(definition)
        play(world, script)
        const { plan, journal } = world
        const cut = 1 + (at % journal.length)
        const whole = foldAll(plan, journal)
        const restored = foldAll(plan, journal.slice(cut), reload(plan, foldAll(plan, journal.slice(0, cut))))
        assert.deepEqual(view(restored), view(whole))
        assert.equal(JSON.stringify(snapshot(restored)), JSON.stringify(snapshot(whole)))
      }),
      { numRuns },
    )
  })

  test('leaves no step that could not be taken up again where its list is open and rests', { timeout }, () => {
    fc.assert(
      fc.property(given, operated, (definition, script) => {
        const world = new World(definition)
        play(world, script)
        if (world.isOver || world.state.status === 'cancelling') return
        for (const attempt of world.attempts()) world.settle(attempt, outcomeOf('completed'))
        if (world.isOver) return
        world.send('segno.pause')
        const [path] = failedPaths(world)
        if (path === undefined || world.attempts().length > 0) return
        const [acted] = world.send('segno.retry', { path })
        if (acted?.type !== 'operator.acted') throw new Error('the command was not taken in')
        const refusals = [undefined, 'REFUSED']
        assert.ok(refusals.includes(acted.refused?.code))
        assert.ok(acted.again !== undefined || /ending|taken back/.test(acted.refused?.message ?? ''))
      }),
      { numRuns },
    )
  })
})

// What was taken back twice: each undo has a path of its own, and completes once.
function doneTwice(world: World): string[] {
  const seen = new Set<string>()
  return world.journal.flatMap((event) => {
    if (event.type !== 'step.completed' || !event.path.includes('.undo')) return []
    const isSecond = seen.has(event.path)
    seen.add(event.path)
    return isSecond ? [event.path] : []
  })
}
