import type { RunBundle } from '@segno/schema'
import type { RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { compile } from '../kernel/compile.ts'
import { evolve } from '../kernel/evolve.ts'
import type { Plan } from '../kernel/plan.ts'
import { planFrom } from '../ports/batch.ts'
import { emptyState } from '../kernel/state.ts'
import type { RunState } from '../kernel/state.ts'

/** The plans of a bundle, compiled when they are asked for. Throws `BUNDLE_INVALID` for one that it lacks. */
export type BundlePlans = (hash: string) => Plan

/** Finds the plans of a bundle. */
export function plansOfBundle({ plans }: Pick<RunBundle, 'plans'>): BundlePlans {
  const compiled = new Map<string, Plan>()
  return (hash) => {
    const definition = plans[hash]
    if (definition === undefined) throw invalid('/plans', `it has no plan ${hash}`)
    const plan = compiled.get(hash) ?? compile(definition, hash)
    compiled.set(hash, plan)
    return plan
  }
}

/** Folds events, each by the plan that the run went by; says which of them cannot follow. */
export function foldEvents(planOf: BundlePlans, events: readonly RunEvent[], state: RunState = emptyState()): RunState {
  for (const event of events) {
    try {
      evolve(planOf(planFrom(event) ?? state.planHash), state, event)
    } catch (error) {
      if (!SegnoError.is(error) || error.code === 'BUNDLE_INVALID') throw error
      throw invalid(`/events/${event.seq - 1}`, error.message, error)
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
