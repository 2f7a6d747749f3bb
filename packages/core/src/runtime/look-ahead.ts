import { isTerminal } from '../ports/batch.ts'
import type { Clock } from '../ports/clock.ts'
import type { LoadedRun, RunRow, Storage } from '../ports/storage.ts'
import { foldRun } from './fold-run.ts'
import type { FoldedRun } from './fold-run.ts'
import { nextTask } from './next-task.ts'
import type { Plans } from './plans.ts'

/** Of more runs than these, each is read once it is held: most of them may be somebody else's. */
const aheadMax = 10

/** What a look ahead needs of its engine. */
export interface LookAheadOptions {
  readonly storage: Pick<Storage, 'load' | 'read'>
  readonly plans: Pick<Plans, 'pinned' | 'read'>
  readonly clock: Clock
}

/**
 * Reads runs while their leases are still being asked for: what a process that has just begun does for the first time,
 * compiling the plan and folding the journal, takes as long as the store's answer. It counts for nothing unless the row
 * that comes with the lease says that the run is as it was.
 */
export class LookAhead {
  readonly #options: LookAheadOptions
  readonly #coming = new Map<string, Promise<FoldedRun | undefined>>()

  constructor(options: LookAheadOptions) {
    this.#options = options
  }

  /** Begins to read. Resolves once the store has answered; what it told is folded after that. */
  async begin(runIds: readonly string[]): Promise<void> {
    if (runIds.length <= aheadMax) await Promise.all([...new Set(runIds)].map((runId) => this.#begin(runId)))
  }

  /**
   * The run as the store holds it now that its lease is held, if that is as it was read; `undefined` at once if nothing of
   * it was. Gives it once.
   */
  of(row: RunRow): Promise<FoldedRun | undefined> | undefined {
    const coming = this.#coming.get(row.runId)
    this.#coming.delete(row.runId)
    return coming?.then(
      (folded) => (folded !== undefined && isAsItWas(folded, row) ? folded : undefined),
      () => undefined,
    )
  }

  async #begin(runId: string): Promise<void> {
    const asked = this.#options.storage.load(runId, { withPlan: true })
    const coming = this.#fold(runId, asked)
    this.#coming.set(runId, coming)
    // Whoever takes the run up reads it again, and hears of what is wrong.
    coming.catch(() => undefined)
    await asked.catch(() => undefined)
  }

  async #fold(runId: string, asked: Promise<LoadedRun | undefined>): Promise<FoldedRun | undefined> {
    const loaded = await asked
    if (loaded === undefined || !mayBeDue(loaded.row)) return undefined
    const { storage, plans } = this.#options
    const { row, definition } = loaded
    if (definition === undefined) await plans.pinned(row.plan)
    else {
      await this.#turn()
      plans.read(row.plan, definition)
    }
    await this.#turn()
    const read = storage.read.bind(storage)
    return foldRun({ load: () => asked, read }, runId, (hash) => plans.pinned(hash))
  }

  // What asks for the lease has its turns between the pieces of work.
  async #turn(): Promise<void> {
    if (this.#options.clock.turn !== undefined) await new Promise<void>((resolve) => nextTask(resolve))
  }
}

function mayBeDue({ status, holder }: RunRow): boolean {
  return !isTerminal(status) && (holder === undefined || holder.isLost)
}

// A journal only grows. What changes without an event is the inbox, so that it has to have been empty.
function isAsItWas({ row: before, state, inbox }: FoldedRun, row: RunRow): boolean {
  const isSame =
    before.incarnation === row.incarnation &&
    before.plan === row.plan &&
    before.head === row.head &&
    before.inboxHead === row.inboxHead &&
    before.updatedAt === row.updatedAt
  return isSame && inbox.length === 0 && state.seq === row.head
}
