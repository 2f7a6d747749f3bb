import { isJsonObject } from '@segno/schema/plan'
import type { Json } from '@segno/schema/plan'
import type { AttemptOutcome } from '../kernel/decide.ts'
import { commandPrefix } from '../kernel/messages.ts'
import type { Clock } from '../ports/clock.ts'
import type { Storage } from '../ports/storage.ts'
import { finalFailure } from './failure.ts'

/** What a signal is sent with. */
export interface EmitMeans {
  readonly storage: Pick<Storage, 'deliver'>
  readonly clock: Clock
  readonly onDelivered: (runId: string) => void
}

const againMs = 1000

/** Sends a signal to another run, once: sent again after a crash, it has the same id. A store that fails is asked again. */
export function performEmit(
  { storage, clock, onDelivered }: EmitMeans,
  input: Json,
  attempt: { readonly runId: string; readonly idempotencyKey: string; readonly signal: AbortSignal },
  settle: (outcome: AttemptOutcome) => void,
): void {
  const { signal: name, data, to } = isJsonObject(input) ? input : {}
  if (typeof name !== 'string' || name === '' || name.startsWith(commandPrefix)) {
    return refuse(
      'TYPE_MISMATCH',
      `\`signal\` is ${JSON.stringify(name) ?? 'missing'}; expected the name of a signal`,
      settle,
    )
  }
  if (typeof to !== 'string' || to === '') {
    return refuse('TYPE_MISMATCH', `\`to\` is ${JSON.stringify(to) ?? 'missing'}; expected the id of a run`, settle)
  }
  const message = { id: attempt.idempotencyKey, name, payload: data ?? null, sender: attempt.runId }
  const send = (): void => {
    storage.deliver(to, message).then(
      ({ outcome }) => {
        if (outcome === 'unknown') return refuse('SIGNAL_UNDELIVERED', `there is no run ${to}`, settle)
        if (outcome === 'closed') return refuse('SIGNAL_UNDELIVERED', `the run ${to} has ended`, settle)
        onDelivered(to)
        settle({ kind: 'completed' })
      },
      () => {
        if (!attempt.signal.aborted) clock.schedule(againMs, send)
      },
    )
  }
  send()
}

function refuse(
  code: 'TYPE_MISMATCH' | 'SIGNAL_UNDELIVERED',
  message: string,
  settle: (outcome: AttemptOutcome) => void,
): void {
  queueMicrotask(() => settle({ kind: 'failed', failure: finalFailure(code, message) }))
}
