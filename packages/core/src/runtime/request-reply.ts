import type { Json, RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Storage } from '../ports/storage.ts'
import { fateOf } from './message-fate.ts'
import { readBlob } from './read-blob.ts'

/** What a request needs of its handle. */
export interface RequestWorld {
  readonly storage: Storage
  readonly clock: Clock
  /** Sends the signal. */
  readonly send: () => Promise<'accepted' | 'duplicate'>
  readonly events: (options: { readonly from: number; readonly signal: AbortSignal }) => AsyncIterable<RunEvent>
}

/** What is asked, and for how long. */
export interface Request {
  readonly runId: string
  readonly id: string
  readonly name: string
  readonly timeoutMs: number | undefined
}

/**
 * Sends a signal and waits for its reply. The journal keeps the reply, so whoever
 * asks again by the same id gets it, also after the run has ended.
 */
export async function requestReply(world: RequestWorld, request: Request): Promise<Json> {
  const { storage, clock } = world
  const { runId, id, timeoutMs } = request
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs > 0)) {
    throw new SegnoError('ARGUMENT_INVALID', `\`timeoutMs\` is ${timeoutMs}; expected milliseconds above 0`)
  }
  const before = (await storage.row(runId))?.head ?? 0
  const isNew = (await world.send()) === 'accepted'
  const abort = new AbortController()
  const cancel = timeoutMs === undefined ? undefined : clock.schedule(timeoutMs, () => abort.abort())
  try {
    const events = world.events({ from: isNew ? before + 1 : 1, signal: abort.signal })
    const fate = await fateOf(events, id)
    switch (fate.outcome) {
      case 'replied': {
        const { data = null, dataBlob } = fate.event
        // A copy: what is in the journal stays as it is, whatever becomes of what is given out.
        return dataBlob === undefined ? structuredClone(data) : await readBlob(storage, runId, dataBlob.sha256)
      }
      case 'ignored': {
        const { because } = fate
        const message = toldOf(request, `was ignored: ${because.message ?? because.code}`)
        throw new SegnoError('REQUEST_IGNORED', message, { details: { runId, id, because } })
      }
      case 'ended':
      case 'answered': {
        const message = toldOf(request, 'has no reply, and the run has ended')
        throw new SegnoError('REQUEST_UNANSWERED', message, { details: { runId, id } })
      }
      case 'open': {
        if (!abort.signal.aborted)
          throw new SegnoError('ENGINE_CLOSED', `The engine closed before run ${runId} replied`)
        const message = toldOf(request, `has had no reply for ${timeoutMs} ms`)
        throw new SegnoError('REQUEST_TIMEOUT', message, { details: { runId, id } })
      }
      default:
        return fate satisfies never
    }
  } finally {
    cancel?.()
    abort.abort()
  }
}

function toldOf({ runId, id, name }: Request, what: string): string {
  return `The signal "${name}" (${id}) to run ${runId} ${what}`
}
