import { mayHaveWritten } from '../ports/storage-fault.ts'
import type { AppendOutcome, AppendRequest, Storage } from '../ports/storage.ts'
import type { Ledger } from './ledger.ts'
import type { AckedBatch } from './run-history.ts'

/** What processes are told of their appends, after everything that may have gone wrong on the way. */
export class ToldAppends {
  readonly #ledger: Ledger
  readonly #conflicts = new Map<string, number>()
  /** The batches of transactions that were not there when their process was told that they may be. */
  readonly #doubtful = new Set<string>()

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** The storage as an engine sees it. */
  watch(storage: Storage): Storage {
    const { begin } = storage
    return {
      ...storage,
      append: async (request) => this.#heard(request, await storage.append(request)),
      ...(begin && {
        begin: async (lease, options) => {
          const transaction = await begin(lease, options)
          return transaction && { ...transaction, append: (request) => this.#commit(request, transaction.append) }
        },
      }),
    }
  }

  /** How often a process was told that the journal of its run is not where it thought. */
  conflicts(runId: string): number {
    return this.#conflicts.get(runId) ?? 0
  }

  /** Numbers of events that a transaction has committed after its process was told of a fault. */
  late(runId: string): ReadonlySet<number> {
    const late = this.#ledger.page(runId).acked.filter((batch) => this.#isLate(batch))
    return new Set(late.flatMap(({ events }) => events.map(({ seq }) => seq)))
  }

  async #commit(request: AppendRequest, append: Storage['append']): Promise<AppendOutcome> {
    try {
      return this.#heard(request, await append(request))
    } catch (error) {
      const isThere = this.#acked(request).some((batch) => batch.request?.batchId === request.batchId)
      if (!isThere && mayHaveWritten(error)) this.#doubtful.add(nameOf(request))
      throw error
    }
  }

  // Nobody is in conflict with itself whose own transaction was committed after it was told of a fault.
  #heard(request: AppendRequest, answer: AppendOutcome): AppendOutcome {
    if (answer.outcome !== 'conflict') return answer
    const { runId, token, expectedSeq } = request
    const isOwnLate = this.#acked(request).some(
      (batch) => batch.request?.token === token && this.#isLate(batch) && (batch.events.at(-1)?.seq ?? 0) > expectedSeq,
    )
    if (!isOwnLate) this.#conflicts.set(runId, this.conflicts(runId) + 1)
    return answer
  }

  #acked({ runId }: AppendRequest): readonly AckedBatch[] {
    return this.#ledger.page(runId).acked
  }

  #isLate({ request }: AckedBatch): boolean {
    return request !== undefined && this.#doubtful.has(nameOf(request))
  }
}

// Batches are named by their tokens, and so within a run.
function nameOf({ runId, incarnation, batchId }: AppendRequest): string {
  return `${runId} ${incarnation} ${batchId}`
}
