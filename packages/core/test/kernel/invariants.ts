import type { RunEvent } from '@segno/schema/plan'
import assert from 'node:assert/strict'
import { hasAttempts, outstanding, runStatus, wakeAt, wantsContinue } from '../../src/kernel/outstanding.ts'
import { emptyState, isTerminal } from '../../src/kernel/state.ts'
import { view } from '../../src/kernel/view.ts'
import { foldAll } from './world.ts'
import type { World } from './world.ts'

/** What holds of a run after each decision; reliability.md numbers some of these. */
export function invariants(): (world: World, events: readonly RunEvent[]) => void {
  const replayed = emptyState()
  const completed = new Set<string>()
  let last = 0
  let ended = false
  return (world, events) => {
    const { state } = world
    for (const event of events) {
      assert.equal(event.seq, ++last, 'events are numbered without a gap')
      assert.ok(!ended, 'nothing follows the end of a run')
      ended = event.type === 'run.completed' || event.type === 'run.failed' || event.type === 'run.cancelled'
      if (event.type === 'operator.acted') forget(completed, event.again ?? [])
      if (event.type === 'step.completed') {
        assert.ok(!completed.has(event.path), `"${event.path}" succeeds once`)
        completed.add(event.path)
      }
      if (event.type === 'attempt.started') assert.ok(!completed.has(event.path), `"${event.path}" does not run again`)
    }
    foldAll(world.plans, events, replayed)
    assert.deepEqual(view(replayed), view(state), 'the journal folds to what the driver holds')
    assert.deepEqual([...world.known].sort(), attemptsOf(world), 'the changes add up to what is outstanding')
    assert.equal(isTerminal(state), ended)
    assert.ok(isNeverStuck(world), `a run that is ${runStatus(state)} has something to wait for`)
  }
}

// What an operator has had done again may succeed again.
function forget(completed: Set<string>, again: readonly string[]): void {
  for (const path of completed) {
    if (again.some((done) => path === done || (path.startsWith(done) && /^[[~/]/.test(path.slice(done.length)))))
      completed.delete(path)
  }
}

function attemptsOf({ state }: World): string[] {
  const names = outstanding(state).map((effect) => {
    if (effect.type === 'attempt') return `${effect.path}#${effect.attempt}`
    return effect.type === 'abort' ? `abort:${effect.path}#${effect.attempt}` : ''
  })
  return names.filter((name) => name !== '').sort()
}

function isNeverStuck(world: World): boolean {
  const { state } = world
  if (isTerminal(state) || hasAttempts(state) || wantsContinue(state) || wakeAt(state) !== null) return true
  const status = runStatus(state)
  if (state.children.size > 0 || world.questions().length > 0) return true
  return state.waiters.size > 0 || status === 'blocked' || status === 'paused'
}
