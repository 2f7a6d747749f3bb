import type { RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { evolve } from '../kernel/evolve.ts'
import type { Plan } from '../kernel/plan.ts'
import { restore, snapshotFormat } from '../kernel/snapshot.ts'
import { endsRun } from '../ports/batch.ts'
import { emptyState, isTerminal } from '../kernel/state.ts'
import type { RunState } from '../kernel/state.ts'
import type { InboxMessage, Snapshot, Storage } from '../ports/storage.ts'

/** A run as its journal tells it. */
export interface FoldedRun {
  readonly state: RunState
  /** How many events came after the snapshot; all of them without one. */
  readonly tail: number
  readonly inbox: readonly InboxMessage[]
  /** `n` of the newest message ever delivered. */
  readonly inboxHead: number
  readonly now: number
}

/**
 * Folds what a store holds of a run; `undefined` if it holds no such run. A
 * snapshot is a cache: one that does not fit is ignored, and all is folded. `withoutEnd` gives
 * the state that a run ended in, with all that its end has it forget.
 */
export async function foldRun(
  storage: Storage,
  runId: string,
  plan: Plan,
  { withoutEnd = false }: { readonly withoutEnd?: boolean } = {},
): Promise<FoldedRun | undefined> {
  const loaded = await storage.load(runId)
  if (loaded === undefined) return undefined
  const { snapshot, inbox, now, row } = loaded
  const known = snapshot === undefined ? undefined : restored(plan, snapshot)
  // What has ended has forgotten its inside.
  const saved = withoutEnd && known !== undefined && isTerminal(known) ? undefined : known
  const everything = snapshot !== undefined && saved === undefined
  const state = saved ?? emptyState()
  await foldAll(plan, state, { pages: everything ? storage.read(runId, 1) : loaded.tail, withoutEnd })
  return { state, tail: state.seq - (everything ? 0 : (snapshot?.seq ?? 0)), inbox, inboxHead: row.inboxHead, now }
}

function restored(plan: Plan, { format, seq, state }: Snapshot): RunState | undefined {
  if (format !== snapshotFormat) return undefined
  try {
    const saved = restore(plan, state)
    return saved.seq === seq ? saved : undefined
  } catch (error) {
    if (SegnoError.is(error, 'JOURNAL_CORRUPT')) return undefined
    throw error
  }
}

async function foldAll(
  plan: Plan,
  state: RunState,
  { pages, withoutEnd }: { readonly pages: AsyncIterable<readonly RunEvent[]>; readonly withoutEnd: boolean },
): Promise<void> {
  for await (const page of pages) {
    for (const event of page) if (!withoutEnd || !endsRun(event)) evolve(plan, state, event)
  }
}
