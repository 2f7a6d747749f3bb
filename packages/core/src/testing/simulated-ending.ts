import type { Definition, HandlerPin, RunEvent } from '@segno/schema/plan'
import type { RunRow } from '../ports/storage.ts'
import type { SimulatedRun } from './simulator-laws.ts'

/** How a run of a simulated world ended. */
export function endingOf({ status }: RunRow, last: RunEvent | undefined): SimulatedRun['ending'] {
  if (last?.type === 'run.failed') return { status, failure: last.failure }
  return last?.type === 'run.completed' && last.output !== undefined ? { status, output: last.output } : { status }
}

/** Whether a step of the workflow, or of one that it calls or starts, has the effect `tx`. */
export function isTransactional(definition: Definition, pins: Readonly<Record<string, HandlerPin>>): boolean {
  const found = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false
    if ('uses' in value && typeof value.uses === 'string') {
      const own = 'effect' in value ? value.effect : pins[value.uses.replace(/@\d+$/, '')]?.effect
      if (own === 'tx') return true
    }
    return Object.values(value).some(found)
  }
  return found(definition)
}

/** Whether the effect of a step must not happen twice: by the definition as it was written, not as the engine reads it. */
export function onceOf(definition: Definition): (path: string) => boolean {
  const ids = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('uses' in value && 'effect' in value && value.effect === 'once' && 'id' in value) ids.add(String(value.id))
    for (const inner of Object.values(value)) visit(inner)
  }
  visit(definition)
  return (path) => ids.has(path.slice(path.lastIndexOf('/') + 1).replace(/~\d+$/, ''))
}

/** The same, as the journal tells it. */
export function onceIn(events: readonly RunEvent[]): (path: string) => boolean {
  const paths = new Set(
    events.flatMap((event) => (event.type === 'attempt.started' && event.effect === 'once' ? [event.path] : [])),
  )
  return (path) => paths.has(path)
}
