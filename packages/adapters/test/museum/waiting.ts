import { expect } from 'vitest'
import type { Exhibit } from './exhibit.ts'
import { timesOf, waits, workflow } from './museum-world.ts'

/** Signals, sleeps and suspensions. */
export const waiting: readonly Exhibit[] = [
  {
    // mastra-ai/mastra #20443: two resumes of one suspension both ran what came after it.
    // Guards: a message is taken once (`Storage` laws of the inbox), and a wait ends with the first.
    name: 'a suspension that is resumed twice goes on once (mastra #20443)',
    async show(world) {
      let after = 0
      const handlers = { after: () => void (after += 1) }
      const steps = [
        { id: 'wait', waitFor: { signal: 'go' } },
        { id: 'after', uses: 'after' },
      ]
      const first = await world.engine(handlers)
      const second = await world.engine(handlers)
      const run = await first.start(workflow(steps))
      await world.untilWaiting(run, 1)
      const other = second.run(run.id)
      await Promise.allSettled([run.signal('go', 1), other.signal('go', 2), run.signal('go', 3, { id: 'same' })])
      await Promise.allSettled([other.signal('go', 3, { id: 'same' })])
      expect((await run.result()).status).toBe('completed')
      const events = await world.journal(run)
      expect([after, timesOf(events, 'step.completed')]).toEqual([1, { wait: 1, after: 1 }])
    },
  },
  {
    // Effect-TS/effect #6318 and #8238: a completion that came while the run was being suspended was kept, and woke nobody.
    // Guards: "a message that races a park is never overlooked"; the storage that "parks without a look at the inbox" fails here.
    name: 'a signal that comes while its run goes to sleep wakes it (effect #6318, #8238)',
    async show(world) {
      const engine = await world.engine({ announce: ({ runId }) => void engine.run(runId).signal('ready', runId) })
      const steps = [
        { id: 'announce', uses: 'announce' },
        { id: 'wait', waitFor: { signal: 'ready' } },
      ]
      const runs = await Promise.all(Array.from({ length: 20 }, () => engine.start(workflow(steps))))
      const results = await Promise.all(runs.map((run) => run.result()))
      expect(results.map(({ status }) => status)).toEqual(runs.map(() => 'completed'))
    },
  },
  {
    // vercel/workflow #3070: `race(all(hooks), sleep)` was replayed in another order after a restart, and the run was lost.
    // Guards: nothing is replayed by code: what the journal says happened first came first, in any process.
    name: 'all of several signals against a sleep end alike in every process (vercel #3070)',
    async show(world) {
      const all = { id: 'all', parallel: ['a', 'b', 'c'].map((signal) => ({ id: signal, waitFor: { signal } })) }
      const race = { id: 'race', join: 'any' as const, parallel: [all, { id: 'late', sleep: '1h' }] }
      const first = await world.process()
      const run = await first.engine.start(workflow([race]))
      await world.untilWaiting(run, 3)
      await run.signal('b')
      await world.until(run, (events) => timesOf(events, 'step.completed')['race/all/b'] === 1)
      first.kill()
      const again = await world.takenUp(run)
      await again.signal('a')
      await again.signal('c')
      expect((await again.result()).status).toBe('completed')
      const events = await world.journal(run)
      const once = { 'race/all/a': 1, 'race/all/b': 1, 'race/all/c': 1, 'race/all': 1, race: 1 }
      expect(timesOf(events, 'step.completed')).toEqual(once)
      expect(timesOf(events, 'step.cancelled')).toEqual({ 'race/late': 1 })
    },
  },
  {
    // statelyai/xstate #5331: a delay that was pending in a snapshot never came after the machine was restored.
    // Guards: timers are part of the state, and `wakeAt` of the row is that of its fold.
    name: 'a time that a state machine waits for comes after a restart, when it was due (xstate #5331)',
    async show(world) {
      const states = { early: { after: { '700ms': { to: 'late' } } }, late: {} }
      const first = await world.process()
      const run = await first.engine.start(workflow([{ id: 'm', initial: 'early', states }]))
      await world.until(run, (events) => timesOf(events, 'state.entered')['m'] === 1)
      const { wakeAt: due } = await run.row()
      first.kill()
      const again = await world.takenUp(run)
      expect((await again.result()).status).toBe('completed')
      const fired = (await world.journal(run)).find(({ type }) => type === 'timer.fired')
      expect(due).not.toBeNull()
      expect(fired?.at).toBeGreaterThanOrEqual(due ?? Number.POSITIVE_INFINITY)
      // Not from the beginning again, as if the machine were new.
      expect(fired?.at).toBeLessThan((due ?? 0) + 60_000)
    },
  },
  {
    // inngest/inngest #2409: waits side by side were planned anew with each event, and were there twice.
    // Guards: an occurrence begins once ("begins again after it has ended" is a damaged journal).
    name: 'waits side by side are there once each, also after a restart (inngest #2409)',
    async show(world) {
      const both = { id: 'both', parallel: ['foo', 'bar'].map((signal) => ({ id: signal, waitFor: { signal } })) }
      const first = await world.process()
      const run = await first.engine.start(workflow([both]))
      await world.untilWaiting(run, 2)
      await run.signal('foo')
      await world.until(run, (events) => timesOf(events, 'step.completed')['both/foo'] === 1)
      first.kill()
      const again = await world.takenUp(run)
      await again.signal('bar')
      expect((await again.result()).status).toBe('completed')
      const events = await world.journal(run)
      expect(waits(events).toSorted()).toEqual(['both/bar', 'both/foo'])
      expect(timesOf(events, 'step.completed')).toEqual({ 'both/foo': 1, 'both/bar': 1, both: 1 })
    },
  },
]
