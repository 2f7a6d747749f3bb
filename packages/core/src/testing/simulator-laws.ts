import type { Failure, Json, RunEvent } from '@segno/schema/plan'
import { isTerminal } from '../ports/batch.ts'
import type { RunStatus } from '../ports/storage.ts'
import { expectThat } from './expectation.ts'
import type { Law } from './law.ts'
import type { RunHistory } from './run-history.ts'
import type { BookedRow } from './simulated-transactions.ts'
import type { SimulatedFault } from './simulator-swarm.ts'
import { failFastPrefix } from './simulator-workload.ts'

/** A run of a simulated world, after all has been done to let it end. */
export interface SimulatedRun extends RunHistory {
  readonly runId: string
  /** Another run started it. */
  readonly isChild: boolean
  readonly ending: { readonly status: RunStatus; readonly output?: Json; readonly failure?: Failure }
  /** Somebody cancelled it, so that it may end anywhere. */
  readonly cancelled: boolean
  /** How often a process that drives it was told that its journal is not where it thought. */
  readonly conflicts: number
  /** What all `tx` steps of the world have written: each attempt that it begins, and that it ends. */
  readonly rows: readonly BookedRow[]
}

/** A world whose time is over. */
export interface RanWorld {
  readonly runs: readonly SimulatedRun[]
  readonly trace: readonly string[]
  readonly traceHash: string
  readonly crashes: number
  /** How often each fault struck. */
  readonly struck: ReadonlyMap<SimulatedFault, number>
  /** How much time passed. */
  readonly tookMs: number
}

/** What only a simulated world can tell. */
export const simulatedLaws: readonly Law<SimulatedRun>[] = [
  {
    name: 'once the faults stop, every run comes to its end',
    async holds({ runId, row }) {
      expectThat(isTerminal(row.status), `${runId} is ${row.status}, its wakeAt ${row.wakeAt}`)
    },
  },
  {
    name: 'the holder of a run is never in conflict with itself',
    async holds({ runId, conflicts }) {
      expectThat(conflicts === 0, `${runId}: ${conflicts} appends were in conflict`)
    },
  },
  {
    name: 'what a `tx` step writes is there if its success is recorded, once, and else is not',
    async holds({ runId, events, rows }) {
      const succeeded = successesByTransaction(events)
      for (const [owner, path] of rows)
        if (owner === runId && typeof path === 'string' && !succeeded.has(path)) succeeded.set(path, 0)
      for (const [path, times] of succeeded) {
        for (const what of ['begun', 'ended']) {
          const written = rows.filter((row) => row[0] === runId && row[1] === path && row[2] === what).length
          expectThat(
            written === times,
            `"${path}" succeeded ${times} times, and has written that it has ${what} ${written} times`,
          )
        }
      }
    },
  },
  {
    name: 'after a branch has failed nothing new starts beside it',
    async holds({ events }) {
      const failing = new Set<string>()
      for (const event of events) {
        if (event.type === 'step.failed') for (const path of failFastAround(event)) failing.add(path)
        if (event.type !== 'attempt.started') continue
        const [around] = failFastAround(event)
        expectThat(around === undefined || !failing.has(around), `"${event.path}" started at ${event.seq}`)
      }
    },
  },
]

/** How often each step of the effect `tx` has succeeded. */
function successesByTransaction(events: readonly RunEvent[]): Map<string, number> {
  const successes = new Map<string, number>()
  for (const event of events) {
    if (event.type === 'attempt.started' && event.effect === 'tx')
      successes.set(event.path, successes.get(event.path) ?? 0)
    const times = event.type === 'step.completed' ? successes.get(event.path) : undefined
    if (event.type === 'step.completed' && times !== undefined) successes.set(event.path, times + 1)
  }
  return successes
}

/** The `parallel` that the event's step is a child of, at whatever depth. */
function failFastAround(event: RunEvent & { readonly path: string }): string[] {
  const parts = event.path.split('/')
  const at = parts.findLastIndex((part, index) => index < parts.length - 1 && part.startsWith(failFastPrefix))
  return at < 0 ? [] : [parts.slice(0, at + 1).join('/')]
}
