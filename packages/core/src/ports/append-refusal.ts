import { checkBatch, isTerminal, type Batch } from './batch.ts'
import { StorageFault } from './storage-fault.ts'
import type { AppendOutcome, AppendRequest, RunStatus, Snapshot } from './storage.ts'

/** What a storage knows of a run at the moment of an append. */
export interface AppendFacts {
  /** The store's time. */
  readonly now: number
  readonly status: RunStatus
  readonly head: number
  readonly inboxHead: number
  /** Whether the token of the request is that of a lease that stands. */
  readonly isHeld: boolean
  /** Whether a message of this id waits to be consumed. */
  readonly hasMessage: (id: string) => boolean
}

/** An append as far as it is judged. */
export type JudgedAppend = Batch &
  Pick<AppendRequest, 'runId' | 'expectedSeq' | 'notBefore' | 'consume' | 'park' | 'release'> & {
    readonly snapshot?: Pick<Snapshot, 'seq'> | undefined
  }

/**
 * Why an append is not written, in the order in which `AppendOutcome` tells; the
 * storage has found before that the batch is no duplicate. Throws `BATCH_INVALID`
 * for a batch that contradicts itself or the inbox.
 */
export function appendRefusal(
  request: JudgedAppend,
  { now, status, head, inboxHead, isHeld, hasMessage }: AppendFacts,
): Exclude<AppendOutcome['outcome'], 'ok' | 'duplicate'> | undefined {
  const { runId, expectedSeq, events, park, release } = request
  checkBatch(runId, expectedSeq, request)
  if (events.length === 0 && park === undefined && release !== true)
    throw invalid(request, 'an empty batch that gives nothing back')
  if (isTerminal(status)) return 'gone'
  if (!isHeld) return 'fenced'
  if (head !== expectedSeq) return 'conflict'
  if (request.notBefore !== undefined && request.notBefore > now) return 'early'
  if (park !== undefined && inboxHead > park.inboxHead) return 'inboxMoved'
  for (const id of request.consume ?? []) {
    if (!hasMessage(id)) throw invalid(request, `no message ${JSON.stringify(id)} to consume`)
  }
  if (request.snapshot !== undefined && request.snapshot.seq > expectedSeq + events.length) {
    throw invalid(request, `a snapshot at ${request.snapshot.seq}, after the last event`)
  }
  return undefined
}

function invalid(request: JudgedAppend, mistake: string): StorageFault {
  return new StorageFault('BATCH_INVALID', `Run ${JSON.stringify(request.runId)}: ${mistake}.`, { ambiguous: false })
}
