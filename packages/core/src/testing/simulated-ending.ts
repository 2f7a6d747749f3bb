import type { Definition, RunEvent } from '@segno/schema/plan'
import type { RunRow } from '../ports/storage.ts'
import type { SimulatedRun } from './simulator-laws.ts'

/** How a run of a simulated world ended. */
export function endingOf({ status }: RunRow, last: RunEvent | undefined): SimulatedRun['ending'] {
  if (last?.type === 'run.failed') return { status, failure: last.failure }
  return last?.type === 'run.completed' && last.output !== undefined ? { status, output: last.output } : { status }
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
