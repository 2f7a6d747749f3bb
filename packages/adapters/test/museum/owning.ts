import { memoryStorage } from '@segno/adapters/memory'
import { createEngine, type AcquiredRun, type Storage } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import { expect } from 'vitest'
import type { Exhibit } from './exhibit.ts'
import { timesOf, turn, workflow } from './museum-world.ts'

/** Who drives a run, and what becomes of it when that process is gone. */
export const owning: readonly Exhibit[] = [
  {
    // Effect-TS/effect #8312: a request was claimed and then skipped, and nobody read it again for ten minutes.
    // Guards: "forgets runs that one holder could not have" among the broken storages; a claim is one write that names its holder.
    name: 'a run that was claimed and then left is due for others, and so are those not claimed (effect #8312)',
    async show({ storage }) {
      const ids = ['run-1', 'run-2', 'run-3']
      for (const runId of ids) await create(storage, runId)
      const ttlMs = 100
      const { runs: claimed } = await storage.acquire({ owner: 'skips it', ttlMs, limit: 1 })
      const { runs: others } = await storage.acquire({ owner: 'other', ttlMs: 60_000, limit: 10 })
      expect([...claimed, ...others].map(({ lease }) => lease.runId).toSorted()).toEqual(ids)
      const again = await acquired(storage, 'other')
      expect([again.lease.runId, again.expired]).toEqual([claimed[0]?.lease.runId, true])
    },
  },
  {
    // Effect-TS/effect #7332: what ran with the engine in memory behaved otherwise than with the one on SQL.
    // Guards: the laws and the random operations that every storage gives the same answers to.
    name: 'a run has the same journal as in memory (effect #7332)',
    async show(world) {
      const steps = [
        { id: 'first', uses: 'work', retry: { max: 2, delay: '1ms', jitter: false } },
        { id: 'each', forEach: { in: [1, 2, 3] }, do: [{ id: 'item', uses: 'work' }] },
        { id: 'wait', waitFor: { signal: 'go' } },
        { id: 'large', uses: 'large' },
      ]
      const journals: RunEvent[][] = []
      for (const storage of [world.storage, memoryStorage()]) {
        let tries = 0
        const work = (): number => {
          tries += 1
          if (tries === 1) throw new Error('no luck')
          return tries
        }
        await using engine = createEngine({ storage, handlers: { work, large: () => 'x'.repeat(100_000) } })
        const run = await engine.start(workflow(steps), {}, { id: 'same' })
        const events: RunEvent[] = []
        for await (const event of run.events()) {
          events.push(event)
          if (event.type === 'step.started' && event.path === 'wait') await run.signal('go', 1, { id: 'go-1' })
        }
        journals.push(events)
      }
      const [here, inMemory] = journals.map((events) => events.filter(isNoTiming).map(withoutChance))
      expect(here).toEqual(inMemory)
    },
  },
  {
    // vercel/workflow #4199: a step had started, its process was gone, and nothing ever finished or retried it.
    // Guards: what was under way when a lease ended is lost, and done again under the same key (F2, F8).
    name: 'a step whose process died is done again under the same key, and finished (vercel #4199)',
    async show(world) {
      const keys: string[] = []
      const first = await world.process({
        work: ({ idempotencyKey }) => {
          keys.push(idempotencyKey)
          return new Promise(() => undefined)
        },
      })
      const run = await first.engine.start(workflow([{ id: 'work', uses: 'work' }]))
      await world.until(run, () => keys.length === 1)
      first.kill()
      const again = await world.takenUp(run, { work: ({ idempotencyKey }) => void keys.push(idempotencyKey) })
      expect((await again.result()).status).toBe('completed')
      const { work: lost = 0 } = timesOf(await world.journal(run), 'attempt.lost')
      expect(lost).toBeGreaterThan(0)
      expect(keys).toHaveLength(lost + 1)
      expect(new Set(keys).size).toBe(1)
    },
  },
  {
    // langchain-ai/langgraph #6792: a task that had completed ran again when its graph was resumed.
    // Guards: at most one success of a step (I2): what completed is in the journal before anything follows from it.
    name: 'a step that completed does not run again when its run is resumed (langgraph #6792)',
    async show(world) {
      const did: string[] = []
      const handlers = { work: ({ path }: { readonly path: string }) => void did.push(path) }
      const side = {
        id: 'side',
        parallel: [
          { id: 'task', uses: 'work' },
          { id: 'ask', waitFor: { signal: 'go' } },
        ],
      }
      const first = await world.process(handlers)
      const run = await first.engine.start(
        workflow([{ id: 'before', uses: 'work' }, side, { id: 'after', uses: 'work' }]),
      )
      await world.until(run, (events) => timesOf(events, 'step.completed')['side/task'] === 1)
      await world.untilWaiting(run, 1)
      first.kill()
      const again = await world.takenUp(run, handlers)
      await again.signal('go')
      expect((await again.result()).status).toBe('completed')
      expect(did).toEqual(['before', 'side/task', 'after'])
    },
  },
  {
    // conductor-oss/conductor #1527: starts with one idempotency key gave a run each.
    // Guards: "of fifty creations through several handles with one idempotency key exactly one creates a run".
    name: 'starts with one idempotency key give one run, and another input is refused (conductor #1527)',
    async show(world) {
      const [one, other] = [await world.engine(), await world.engine()]
      const definition = workflow([{ id: 'set', set: {} }], { input: { n: { type: 'integer' } } })
      const starts = Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? one : other).start(definition, { n: 1 }, { idempotencyKey: 'key' }),
      )
      const ids = (await Promise.all(starts)).map(({ id }) => id)
      expect(new Set(ids).size).toBe(1)
      const refused = one.start(definition, { n: 2 }, { idempotencyKey: 'key' })
      await expect(refused).rejects.toMatchObject({ code: 'RUN_EXISTS' })
    },
  },
  {
    // hatchet-dev/hatchet #2573: runs stayed RUNNING for ever, and could neither be cancelled nor deleted.
    // Guards: a cancel is a message like any other: whoever takes the run over finds it (F4, section 7 of the architecture).
    name: 'a run whose process is gone can be cancelled, and deleted (hatchet #2573)',
    async show(world) {
      let begun = false
      const first = await world.process({
        work: () => {
          begun = true
          return new Promise(() => undefined)
        },
      })
      const run = await first.engine.start(workflow([{ id: 'work', uses: 'work' }]))
      await world.until(run, () => begun)
      first.kill()
      const engine = await world.engine()
      await engine.run(run.id).cancel({ force: true })
      const again = await world.takenUp(run, { work: () => 1 })
      expect((await again.result()).status).toBe('cancelled')
      await engine.delete(run.id)
      expect(await world.storage.row(run.id)).toBeUndefined()
    },
  },
  {
    // openworkflow 0.9.2: a worker whose lease had moved on still wrote its result over that of the new one.
    // Guards: "does not fence" among the broken storages; the mutant "no-fence" of the simulator.
    name: 'who has lost a lease writes, renews and gives back nothing (openworkflow 0.9.2)',
    async show({ storage }) {
      await create(storage, 'run-1')
      const { runs } = await storage.acquire({ owner: 'stale', ttlMs: 100, limit: 1 })
      const [stale] = runs
      if (stale === undefined) throw new Error('nothing is due')
      const fresh = await acquired(storage, 'fresh')
      const request = {
        expectedSeq: 1,
        batchId: 'late',
        events: [event('run-1', 2)],
        status: 'running' as const,
        wakeAt: null,
      }
      expect((await storage.append({ ...stale.lease, ...request })).outcome).toBe('fenced')
      expect((await storage.renew({ leases: [stale.lease], ttlMs: 60_000 })).renewed).toEqual([])
      await storage.release(stale.lease)
      expect((await storage.append({ ...fresh.lease, ...request, batchId: 'mine' })).outcome).toBe('ok')
      expect((await storage.row('run-1'))?.head).toBe(2)
    },
  },
]

async function create(storage: Storage, runId: string): Promise<void> {
  const run = { runId, incarnation: `${runId}-1`, workflow: 'exhibit', plan: 'plan', labels: {} }
  const batch = { events: [event(runId, 1)], status: 'running' as const, wakeAt: null }
  await storage.createRun(run, batch, { inputHash: 'input' })
}

function event(runId: string, seq: number): RunEvent {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: `step-${seq}` }
}

/** Asks until a run can be had. */
async function acquired(storage: Storage, owner: string): Promise<AcquiredRun> {
  for (;;) {
    const { runs } = await storage.acquire({ owner, ttlMs: 60_000, limit: 1 })
    const [run] = runs
    if (run !== undefined) return run
    await turn()
  }
}

// Snapshots, leases and pickups come with time; what happened in the run does not.
function isNoTiming({ type }: RunEvent): boolean {
  return type !== 'run.adopted'
}

const chance: ReadonlySet<string> = new Set([
  'at',
  'key',
  'token',
  'incarnation',
  'retryAt',
  'deadline',
  'seq',
  'durationMs',
])

function withoutChance(value: RunEvent): unknown {
  return JSON.parse(JSON.stringify(value, (name, inner: unknown) => (chance.has(name) ? undefined : inner)))
}
