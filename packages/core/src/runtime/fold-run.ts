import { isJsonObject } from '@segno/schema/plan'
import type { RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { evolve } from '../kernel/evolve.ts'
import type { Plan } from '../kernel/plan.ts'
import { restore, snapshotFormat } from '../kernel/snapshot.ts'
import { endsRun, planFrom } from '../ports/batch.ts'
import { emptyState, isTerminal } from '../kernel/state.ts'
import type { RunState } from '../kernel/state.ts'
import type { InboxMessage, RunRow, RunStatus, Snapshot, Storage } from '../ports/storage.ts'

/** A run as its journal tells it. */
export interface FoldedRun {
  readonly state: RunState
  /** What the list of runs said of it. */
  readonly row: RunRow
  /** As whoever wrote its newest event saw it. */
  readonly status: RunStatus
  /** That which it goes by now. */
  readonly plan: Plan
  /** How many events came after the snapshot; all of them without one. */
  readonly tail: number
  readonly inbox: readonly InboxMessage[]
  /** `n` of the newest message ever delivered. */
  readonly inboxHead: number
  readonly now: number
}

/**
 * Folds what a store holds of a run, each part of its journal by the plan that it went by; `undefined` if it holds no such run. A
 * snapshot is a cache: one that does not fit is ignored, and all is folded. `withoutEnd` gives
 * the state that a run ended in, with all that its end has it forget.
 */
export async function foldRun(
  storage: Pick<Storage, 'load' | 'read'>,
  runId: string,
  planOf: (hash: string) => Promise<Plan>,
  { withoutEnd = false }: { readonly withoutEnd?: boolean } = {},
): Promise<FoldedRun | undefined> {
  const loaded = await storage.load(runId)
  if (loaded === undefined) return undefined
  const { snapshot, inbox, now, row } = loaded
  const known = snapshot === undefined ? undefined : await restored(planOf, snapshot)
  // What has ended has forgotten its inside.
  const saved = withoutEnd && known !== undefined && isTerminal(known) ? undefined : known
  const everything = snapshot !== undefined && saved === undefined
  const state = saved ?? emptyState()
  const pages = everything ? storage.read(runId, 1) : loaded.tail
  const plan = await foldAll(state, { pages, withoutEnd, planOf, row: row.plan })
  return {
    state,
    row,
    status: row.status,
    plan,
    tail: state.seq - (everything ? 0 : (snapshot?.seq ?? 0)),
    inbox,
    inboxHead: row.inboxHead,
    now,
  }
}

async function restored(
  planOf: (hash: string) => Promise<Plan>,
  { format, seq, state }: Snapshot,
): Promise<RunState | undefined> {
  const hash = isJsonObject(state) ? state['planHash'] : undefined
  if (format !== snapshotFormat || typeof hash !== 'string') return undefined
  try {
    const saved = restore(await planOf(hash), state)
    return saved.seq === seq ? saved : undefined
  } catch (error) {
    if (SegnoError.is(error, 'JOURNAL_CORRUPT')) return undefined
    throw error
  }
}

interface Folding {
  readonly pages: AsyncIterable<readonly RunEvent[]>
  readonly withoutEnd: boolean
  readonly planOf: (hash: string) => Promise<Plan>
  /** The plan that the row names. */
  readonly row: string
}

async function foldAll(state: RunState, { pages, withoutEnd, planOf, row }: Folding): Promise<Plan> {
  let plan = state.planHash === '' ? undefined : await planOf(state.planHash)
  for await (const page of pages) {
    for (const event of page) {
      const named = planFrom(event)
      if (named !== undefined) plan = await planOf(named)
      plan ??= await planOf(row)
      if (!withoutEnd || !endsRun(event)) evolve(plan, state, event)
    }
  }
  return plan ?? (await planOf(row))
}
