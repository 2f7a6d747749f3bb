import type { Deciding } from './deciding.ts'
import { emit } from './deciding.ts'
import type { AttemptName, StepState } from './state.ts'
import { isInFlight } from './step-status.ts'

/** How often a run may be picked up after a crash without getting any further. */
export const pickupsMax = 8

/**
 * A driver takes the run over. Attempts of older leases are lost: their process
 * is gone, or may no longer write; and so is one whose transaction the store undid.
 * Losing one uses up no retry.
 */
export function adopt(
  deciding: Deciding,
  { crashed, undone }: { readonly crashed: boolean; readonly undone?: AttemptName | undefined },
): void {
  const { state, token } = deciding
  const isUndone = ({ path, attempt }: StepState): boolean => path === undone?.path && attempt === undone.attempt
  const lost = [...state.steps.values()].filter(
    (step) => step.node.kind === 'work' && isInFlight(step) && (step.token !== token || isUndone(step)),
  )
  if (crashed || lost.some(isUndone)) emit(deciding, 'run.adopted', { token })
  for (const step of lost) {
    emit(deciding, 'attempt.lost', { path: step.path, attempt: step.attempt, token: step.token })
  }
  if (state.pickups >= pickupsMax && state.blocked === undefined) {
    const message = `the run was picked up ${state.pickups} times after a crash and got no further`
    emit(deciding, 'run.blocked', { because: { code: 'NO_PROGRESS', message } })
  }
}
