import type { RunEvent } from '@segno/schema/plan'
import type { Plan } from '../kernel/plan.ts'
import type { RunState } from '../kernel/state.ts'
import { planFrom } from '../ports/batch.ts'
import type { AppendRequest, RunRow, Snapshot } from '../ports/storage.ts'

/** A batch that a store said it wrote. */
export interface AckedBatch {
  /** `undefined` for the batch that created the run. */
  readonly request: AppendRequest | undefined
  readonly events: readonly RunEvent[]
  /** The store's time then. */
  readonly at: number
  /** Whether its writer held the run's lease at that moment. */
  readonly held: boolean
}

/** One call of a handler. */
export interface HandlerCall {
  readonly process: number
  readonly path: string
  readonly attempt: number
  readonly key: string
  /** How many events the journal had. */
  readonly head: number
}

/** What is known of a run from outside and from its journal: what the laws of runs are about. */
export interface RunHistory {
  /** That which it goes by now. */
  readonly plan: Plan
  /** Those that it went by, by hash, where it was migrated. */
  readonly plans?: ReadonlyMap<string, Plan>
  readonly row: RunRow
  /** The journal as it is read at the end, from its first event. */
  readonly events: readonly RunEvent[]
  readonly snapshot: Snapshot | undefined
  readonly acked: readonly AckedBatch[]
  readonly calls: readonly HandlerCall[]
  /** Whether the effect of a step must not happen twice. */
  readonly once: (path: string) => boolean
  /** Messages that the store accepted, by id. */
  readonly accepted: ReadonlySet<string>
  /** Messages that are still in the inbox. */
  readonly unread: number
  /** Whether the store may have ended leases before their time, by its clock or without any reason. */
  readonly leasesEndEarly?: boolean
  /** Numbers of events that the transaction of a `tx` step has committed after its process was told of a fault. */
  readonly committedLate?: ReadonlySet<number>
}

/** The plan that an event is read with, after all events before it. */
export function planAt({ plan, plans }: RunHistory, { planHash }: RunState, event: RunEvent): Plan {
  return plans?.get(planFrom(event) ?? planHash) ?? plan
}
