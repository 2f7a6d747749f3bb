import type { RunEvent } from '@segno/schema/plan'
import type { Journal } from './journal.ts'
import type { Entry } from './ledger.ts'

/** What fired before its time: by the store's clock as the journal has it, and by the clock of whoever heard of it. */
export function* earlyTimers(journals: readonly Journal[], ledger: readonly Entry[]): Generator<string> {
  const heard = new Map(
    ledger.flatMap((entry) => (entry.kind === 'ack' ? [[`${entry.runId} ${entry.seq}`, entry.at]] : [])),
  )
  for (const { runId, written } of journals) {
    const due = new Map<string, number>()
    for (const { event } of written) {
      const ended = timerEndedBy(event)
      const wanted = ended === undefined ? undefined : due.get(ended)
      const heardAt = heard.get(`${runId} ${event.seq}`)
      for (const at of wanted === undefined ? [] : [event.at, heardAt ?? event.at]) {
        if (at < (wanted ?? 0)) yield `${runId}: ${ended} was due at ${wanted}, and fired early, at ${at}`
      }
      if (event.type === 'timer.set') due.set(`${event.path} ${event.purpose}`, event.due)
      if (event.type === 'attempt.failed') due.set(`${event.path}#${event.attempt + 1}`, event.retryAt)
    }
  }
}

function timerEndedBy(event: RunEvent): string | undefined {
  if (event.type === 'timer.fired') return `${event.path} ${event.purpose}`
  return event.type === 'attempt.started' ? `${event.path}#${event.attempt}` : undefined
}
