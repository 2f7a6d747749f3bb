import type { RunBundle } from '@segno/schema'
import type { RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { compile } from '../kernel/compile.ts'
import { evolve } from '../kernel/evolve.ts'
import type { Plan } from '../kernel/plan.ts'
import { emptyState } from '../kernel/state.ts'
import type { RunState } from '../kernel/state.ts'
import { planHashes } from './export-run.ts'

/** The plan of a run that has gone by one all its life. Throws `BUNDLE_INVALID` for one that was migrated. */
export function planOfBundle({ events, plans }: RunBundle): Plan {
  const [hash = '', ...others] = planHashes(events)
  const definition = plans[hash]
  if (definition === undefined) throw invalid('/plans', `it has no plan ${hash}`)
  if (others.length > 0) throw invalid('/plans', 'the run was migrated, and goes by several plans')
  return compile(definition, hash)
}

/** Folds events from the first on; says which of them cannot follow. */
export function foldEvents(plan: Plan, events: readonly RunEvent[], state: RunState = emptyState()): RunState {
  for (const [index, event] of events.entries()) {
    try {
      evolve(plan, state, event)
    } catch (error) {
      if (!SegnoError.is(error)) throw error
      throw invalid(`/events/${index}`, error.message, error)
    }
  }
  return state
}

/** What is wrong with a bundle, and where: a JSON Pointer into it. */
export function invalid(pointer: string, message: string, cause?: unknown): SegnoError {
  return new SegnoError('BUNDLE_INVALID', `The bundle is damaged at ${pointer === '' ? '/' : pointer}: ${message}`, {
    details: { pointer },
    ...(cause === undefined ? {} : { cause }),
  })
}
