import type { Definition, EventPayloads, EventType, RunEvent } from '@segno/schema'
import { advance } from './advance.ts'
import { newProgress, type Progress } from './progress.ts'

/** One event to come: when after the start, its type, what it carries. */
export type Entry = { readonly [T in EventType]: readonly [at: number, type: T, payload: EventPayloads[T]] }[EventType]

/** A definition of these steps. */
export function definition(steps: Definition['steps'], more: Partial<Definition> = {}): Definition {
  return { segno: 1, name: 'release', steps, ...more }
}

/** The events of a run that was created at 0, with what came then. */
export function journal(entries: readonly Entry[]): readonly RunEvent[] {
  const created: Entry = [
    0,
    'run.created',
    { plan: 'a'.repeat(64), workflow: 'release', incarnation: 'inc_1', engine: '0.0.0', labels: {}, handlers: {} },
  ]
  return [created, ...entries].map(
    ([at, type, payload], index) => ({ seq: index + 1, v: 1, at, runId: 'run_1', type, ...payload }) as RunEvent,
  )
}

/** What is shown of a run with these events. */
export function progressOf(workflow: Definition, entries: readonly Entry[]): Progress {
  const progress = newProgress(workflow)
  for (const event of journal(entries)) advance(progress, event)
  return progress
}

/** An attempt that starts. */
export function started(at: number, path: string, attempt = 1): Entry {
  return [at, 'attempt.started', { path, attempt, token: 1, effect: 'idempotent', key: path }]
}

/** A step that completes. */
export function completed(at: number, path: string): Entry {
  return [at, 'step.completed', { path }]
}

/** A step that fails. */
export function failed(at: number, path: string, attempt = 1): Entry {
  return [at, 'step.failed', { path, attempt, failure: locked }]
}

/** What failing steps fail with. */
export const locked = { code: 'LOCKED', message: 'the mailbox is locked', retryable: true }
