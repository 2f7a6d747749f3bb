import type { EventPayloads, Undoable } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { emit, evaluate, stored } from './deciding.ts'
import { Held } from './kept.ts'
import type { Kept } from './kept.ts'
import type { PlanNode } from './plan.ts'
import { processInput } from './process-input.ts'
import { NoValue } from './scope.ts'
import { newStep } from './state.ts'
import type { Frame, StepState } from './state.ts'

/** A step, also one that has not begun. */
export interface Occurrence {
  readonly node: PlanNode
  readonly frame: Frame | undefined
  readonly path: string
}

/** Completes a step, with what will take it back. What is needed first comes back, and nothing has changed then. */
export function completeStep(
  deciding: Deciding,
  step: Occurrence,
  payload: Omit<EventPayloads['step.completed'], 'path'>,
): NoValue | undefined {
  const output = payload.outputBlob === undefined ? payload.output : new Held(payload.outputBlob)
  const undo = undoOf(deciding, step, { status: 'completed', output })
  if (undo instanceof NoValue) return undo
  emit(deciding, 'step.completed', { path: step.path, ...payload, ...undo })
  return undefined
}

/**
 * What will take a step back, should a block around it fail: the input of its
 * `undo`, as the step itself sees things, and with what it gave. Only a need of
 * values is no answer; an input that cannot be evaluated is kept as its failure.
 */
export function undoOf(
  deciding: Deciding,
  { node, frame, path }: Occurrence,
  end: { readonly status: StepState['status']; readonly output?: Kept | undefined },
): Undoable | NoValue {
  const { undo } = node
  if (undo === undefined || frame === undefined) return {}
  const step = deciding.state.steps.get(path) ?? newStep(node, frame, path)
  const ended: StepState = { ...step, status: end.status, endedAt: deciding.now, output: end.output }
  const input = deciding.scope.withEnded(ended, () =>
    undo.kind === 'work' && undo.process !== undefined
      ? processInput(deciding, undo, frame)
      : evaluate(deciding, undo.input, frame),
  )
  const field = input instanceof NoValue ? input : stored(deciding, 'undo', input)
  if (!(field instanceof NoValue)) return field
  return field.failure === undefined ? field : { undoFailure: field.failure }
}

/** What will take back a step that was stopped, or given up, while nobody knows what it did. */
export function undoOfUnknown(deciding: Deciding, step: StepState): Undoable | NoValue {
  return undoOf(deciding, step, { status: 'cancelled' })
}
