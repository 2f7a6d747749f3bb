import type { RunEvent } from '@segno/schema/plan'
import type { Journal } from './journal.ts'
import type { Entry } from './ledger.ts'
import { onceSteps } from './workflows.ts'

/** What is wrong with what attempts did: begun again after success, twice, unrecorded, or under another key. */
export function* executions(journals: readonly Journal[], ledger: readonly Entry[]): Generator<string> {
  const started = startedAttempts(journals)
  const completed = new Set<string>()
  const begun = new Map<string, number>()
  const late = new Set(lateAttempts(journals, ledger))
  for (const entry of ledger) {
    if (entry.kind === 'ack' && entry.type === 'step.completed') completed.add(`${entry.runId} ${entry.path}`)
    if (entry.kind !== 'did') continue
    const step = `${entry.runId} ${entry.path}`
    const attempt = `${step}#${entry.attempt}`
    const known = started.get(attempt)
    if (completed.has(step) && !late.has(attempt)) yield `${attempt} began, and the step had completed`
    if (known?.event.key !== entry.key) yield `${attempt} began with ${entry.key}, which is not in the journal`
    for (const thing of [attempt, step]) begun.set(thing, (begun.get(thing) ?? 0) + 1)
    if (begun.get(attempt) === 2) yield `${attempt} began twice`
    if (begun.get(step) === 2 && onceSteps.has(`${known?.workflow}/${entry.path}`))
      yield `${step}: once, and done twice`
  }
}

interface StartedAttempt {
  readonly workflow: string
  readonly event: Extract<RunEvent, { readonly type: 'attempt.started' }>
}

function startedAttempts(journals: readonly Journal[]): Map<string, StartedAttempt> {
  const started = new Map<string, StartedAttempt>()
  for (const { runId, written } of journals) {
    const [created] = written.map(({ event }) => event)
    const workflow = created?.type === 'run.created' ? created.workflow : ''
    for (const { event } of written) {
      if (event.type === 'attempt.started') started.set(`${runId} ${event.path}#${event.attempt}`, { workflow, event })
    }
  }
  return started
}

/**
 * Whoever stood still between the look at its lease and the start of an attempt begins
 * it when it goes on, after the attempt was lost and the step has completed with
 * another one: the one thing that no lease can prevent.
 */
export function lateAttempts(journals: readonly Journal[], ledger: readonly Entry[]): string[] {
  const lost = new Set(
    journals.flatMap(({ runId, written }) =>
      written.flatMap(({ event }) =>
        event.type === 'attempt.lost' ? [`${runId} ${event.path}#${event.attempt}`] : [],
      ),
    ),
  )
  const started = startedAttempts(journals)
  const frozen = new Set(ledger.flatMap((entry) => (entry.kind === 'froze' ? [entry.worker] : [])))
  const starters = new Map(
    ledger.flatMap((entry) => (entry.kind === 'ack' ? [[`${entry.runId} ${entry.seq}`, entry.worker]] : [])),
  )
  const completed = new Set<string>()
  return ledger.flatMap((entry) => {
    if (entry.kind === 'ack' && entry.type === 'step.completed') completed.add(`${entry.runId} ${entry.path}`)
    if (entry.kind !== 'did' || !completed.has(`${entry.runId} ${entry.path}`)) return []
    const attempt = `${entry.runId} ${entry.path}#${entry.attempt}`
    const starter = starters.get(`${entry.runId} ${started.get(attempt)?.event.seq}`)
    return lost.has(attempt) && starter !== undefined && frozen.has(starter) ? [attempt] : []
  })
}
