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
  return handlersCalledIn(definition).some(
    ({ uses, effect = pins[uses.replace(/@\d+$/, '')]?.effect }) => effect === 'tx',
  )
}

/** Whether the effect of a step must not happen twice: by the definition as it was written, not as the engine reads it. */
export function onceOf(definition: Definition): (path: string) => boolean {
  const steps = handlersCalledIn(definition).filter(({ effect }) => effect === 'once')
  const ids = new Set(steps.map(({ id }) => id))
  return (path) => ids.has(path.slice(path.lastIndexOf('/') + 1).replace(/~\d+$/, ''))
}

interface CallsHandler {
  readonly uses: string
  readonly id?: unknown
  readonly effect?: unknown
}

// Steps at any depth, in this definition and in those that it names.
function handlersCalledIn(value: unknown): readonly CallsHandler[] {
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.values(value).flatMap(handlersCalledIn)
  return 'uses' in value && typeof value.uses === 'string' ? [{ ...value, uses: value.uses }, ...inside] : inside
}

/** The same, as the journal tells it. */
export function onceIn(events: readonly RunEvent[]): (path: string) => boolean {
  const paths = new Set(
    events.flatMap((event) => (event.type === 'attempt.started' && event.effect === 'once' ? [event.path] : [])),
  )
  return (path) => paths.has(path)
}
