import type { RunEvent } from '@segno/schema/plan'
import { isTerminal } from '../ports/batch.ts'
import type { AppendRequest, LeaseName, NewRun, Storage } from '../ports/storage.ts'
import type { HandlerContext } from '../runtime/handler.ts'
import { withAppends } from './appends.ts'
import { prefixOf } from './prefix-of.ts'
import type { AckedBatch, HandlerCall } from './run-history.ts'

/** What was seen of one run. */
export interface LedgerPage {
  readonly acked: AckedBatch[]
  readonly calls: HandlerCall[]
  readonly accepted: Set<string>
  /** The events of the acknowledged batches, in their order. */
  readonly events: RunEvent[]
  /** How many events the journal had when it was last loaded: more than were acknowledged where an answer was lost. */
  read: number
  lease: { readonly token: number; readonly incarnation: string; readonly expiresAt: number } | undefined
}

/**
 * Writes down what a storage answers and what handlers are called with. Kept
 * apart from the storage, so that it can bear witness against it.
 */
export class Ledger {
  readonly #pages = new Map<string, LedgerPage>()
  readonly #starters = new Map<string, NonNullable<NewRun['parent']>>()

  page(runId: string): LedgerPage {
    const page = this.#pages.get(runId) ?? {
      acked: [],
      calls: [],
      accepted: new Set(),
      events: [],
      read: 0,
      lease: undefined,
    }
    this.#pages.set(runId, page)
    return page
  }

  get runIds(): string[] {
    return [...this.#pages.keys()]
  }

  /** Where a run stands. */
  prefixOf(runId: string): string {
    return prefixOf(runId, this.#starters)
  }

  called(
    process: number,
    {
      runId,
      path,
      attempt,
      idempotencyKey: key,
    }: Pick<HandlerContext, 'runId' | 'path' | 'attempt' | 'idempotencyKey'>,
  ): void {
    const page = this.page(runId)
    page.calls.push({ process, path, attempt, key, head: Math.max(page.read, page.events.at(-1)?.seq ?? 0) })
  }

  /** The storage, watched. */
  watch(storage: Storage): Storage {
    const watched = withAppends(storage, async (request, send) => {
      const answer = await send()
      if (answer.outcome === 'ok') this.#appended(request, answer.now)
      return answer
    })
    return {
      ...watched,
      createRun: async (run, batch, options) => {
        const answer = await storage.createRun(run, batch, options)
        if (answer.outcome !== 'created') return answer
        const page = this.page(run.runId)
        if (answer.lease !== undefined) page.lease = answer.lease
        if (run.parent !== undefined) this.#starters.set(run.runId, run.parent)
        // A creation that was sent again, because its answer was lost, is answered like the first.
        if (page.events.length === 0)
          written(page, { request: undefined, events: batch.events, at: answer.now, held: true })
        return answer
      },
      load: async (runId) => {
        const loaded = await storage.load(runId)
        if (loaded !== undefined) this.page(runId).read = loaded.row.head
        return loaded
      },
      deliver: async (runId, message) => {
        const answer = await storage.deliver(runId, message)
        if (answer.outcome === 'accepted') this.page(runId).accepted.add(message.id)
        return answer
      },
      acquire: async (wanted) => {
        const answer = await storage.acquire(wanted)
        for (const { lease } of answer.runs) this.page(lease.runId).lease = lease
        return answer
      },
      renew: async (held) => {
        const answer = await storage.renew(held)
        for (const { runId, expiresAt } of answer.renewed) {
          const page = this.page(runId)
          if (page.lease !== undefined) page.lease = { ...page.lease, expiresAt }
        }
        return answer
      },
      release: async (lease) => {
        await storage.release(lease)
        const page = this.page(lease.runId)
        if (isHolder(page, lease)) page.lease = undefined
      },
    }
  }

  #appended(request: AppendRequest, at: number): void {
    const page = this.page(request.runId)
    const held = isHolder(page, request) && (page.lease?.expiresAt ?? 0) > at
    written(page, { request, events: request.events, at, held })
    const givenBack = request.park !== undefined || request.release === true || isTerminal(request.status)
    if (held && givenBack) page.lease = undefined
  }
}

function isHolder({ lease }: LedgerPage, { token, incarnation }: LeaseName): boolean {
  return lease?.token === token && lease.incarnation === incarnation
}

function written(page: LedgerPage, batch: AckedBatch): void {
  page.acked.push(batch)
  for (const event of batch.events) page.events.push(event)
}
