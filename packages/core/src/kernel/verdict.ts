import type { Deciding } from './deciding.ts'
import { completeStep } from './complete.ts'
import { emit, isDecided } from './deciding.ts'
import { keptOutput } from './output.ts'
import type { StepState, Verdict } from './state.ts'

/**
 * Ends a step as an operator said. One that is skipped leaves nothing to take
 * back; one that is given its output has done what it does. False when a value
 * has to be loaded first.
 */
export function carryOut(deciding: Deciding, step: StepState, verdict: Verdict): boolean {
  const { path, node } = step
  if (verdict.kind === 'skip') {
    emit(deciding, 'step.skipped', { path, because: verdict.because })
    return true
  }
  const { output } = verdict
  const isProcess = node.kind === 'work' && node.process !== undefined
  const field = { ...(output === undefined ? {} : keptOutput(output)), ...(isProcess ? { exitCode: 0 } : {}) }
  return isDecided(deciding, completeStep(deciding, step, field))
}
