import type { Deciding } from './deciding.ts'
import { emit } from './deciding.ts'
import { isInFlight } from './step-status.ts'

/** How often a run may be picked up after a crash without getting any further. */
export const pickupsMax = 8

/**
 * A driver takes the run over. Attempts of older leases are lost: their process
 * is gone, or may no longer write. Losing one uses up no retry.
 */
export function adopt(deciding: Deciding, crashed: boolean): void {
  const { state, token } = deciding
  if (crashed) emit(deciding, 'run.adopted', { token })
  for (const step of [...state.steps.values()]) {
    if (step.node.kind !== 'work' || !isInFlight(step) || step.token === token) continue
    emit(deciding, 'attempt.lost', { path: step.path, attempt: step.attempt, token: step.token })
  }
  if (state.pickups >= pickupsMax && state.blocked === undefined) {
    const message = `the run was picked up ${state.pickups} times after a crash and got no further`
    emit(deciding, 'run.blocked', { because: { code: 'NO_PROGRESS', message } })
  }
}
