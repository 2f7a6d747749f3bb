import type { Because, Json } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { emit, stored } from './deciding.ts'
import { outputField } from './output.ts'
import { NoValue } from './scope.ts'
import type { Ending, RunState } from './state.ts'

type End = Extract<Ending, { kind: 'failed' | 'cancelled' }> | { readonly kind: 'completed'; readonly output: Json }

/** Ends the run. One whose parent waits for it says so first, and ends when that has been told. */
export function endRun(deciding: Deciding, end: End): boolean {
  const { state } = deciding
  if (state.settled !== undefined) return true
  const isTold = state.parent !== undefined
  switch (end.kind) {
    case 'failed': {
      const { failure } = end
      if (isTold) emit(deciding, 'run.settled', { status: 'failed', failure })
      else emit(deciding, 'run.failed', { failure })
      return true
    }
    case 'cancelled': {
      const because = cancelReason(state, end.because)
      if (isTold) emit(deciding, 'run.settled', { status: 'cancelled', because })
      else emit(deciding, 'run.cancelled', { because })
      return true
    }
    case 'completed': {
      const field = stored(deciding, 'output', end.output)
      if (field instanceof NoValue)
        return field.failure === undefined || endRun(deciding, { kind: 'failed', failure: field.failure })
      if (isTold) emit(deciding, 'run.settled', { status: 'completed', ...field })
      else emit(deciding, 'run.completed', field)
      return true
    }
    default:
      return end satisfies never
  }
}

/** The parent knows how this run ends: now it may. */
export function parentTold(deciding: Deciding): void {
  const { settled } = deciding.state
  switch (settled?.status) {
    case undefined:
      return
    case 'failed':
      return emit(deciding, 'run.failed', { failure: settled.failure })
    case 'cancelled':
      return emit(deciding, 'run.cancelled', { because: settled.because })
    case 'completed':
      return emit(deciding, 'run.completed', outputField(deciding, settled.output) as { readonly output?: Json })
    default:
      settled satisfies never
  }
}

// What was asked last, with what went wrong in `finally`.
function cancelReason({ cancelBecause }: RunState, because: Because): Because {
  const { details } = because
  return { ...(cancelBecause ?? because), ...(details === undefined ? {} : { details }) }
}
