import type { Because, BlobRef, Failure, Json, StepPath } from '@segno/schema/plan'
import { Held } from './kept.ts'
import type { Kept } from './kept.ts'
import type { StepStatus } from './life-cycle.ts'
import { outstanding, statusOf, wakeAt } from './outstanding.ts'
import type { Effect } from './outstanding.ts'
import type { RunState, StepState } from './state.ts'

/** A step as an observer sees it. */
export interface StepView {
  readonly status: StepStatus
  readonly attempts: number
  /** Kept only where something reads it. */
  readonly output?: Json
  readonly outputBlob?: BlobRef
  readonly failure?: Failure
}

/** A run as an observer sees it: plain JSON, and the same for every way of folding the same journal. */
export interface RunView {
  readonly status: ReturnType<typeof statusOf>
  readonly output?: Json
  readonly outputBlob?: BlobRef
  readonly failure?: Failure
  /** Why the run is blocked as a whole, is being cancelled, or was. */
  readonly because?: Because
  /** The steps of the blocks that have not ended. */
  readonly steps: Readonly<Record<StepPath, StepView>>
  /** What should be happening, but for the wake-up: that is `wakeAt`. */
  readonly outstanding: readonly OutstandingView[]
  readonly wakeAt: number | null
  /** Signals that no step has taken. */
  readonly signals: readonly {
    readonly id: string
    readonly name: string
    readonly data?: Json
    readonly dataBlob?: BlobRef
  }[]
}

type Attempt = Extract<Effect, { type: 'attempt' }>
type OutstandingView =
  | Extract<Effect, { type: 'abort' | 'signal' }>
  | (Omit<Attempt, 'input' | 'node'> & {
      readonly handler: string
      readonly input?: Json
      readonly inputBlob?: BlobRef
    })
  | { readonly type: 'child'; readonly runId: string; readonly path: StepPath; readonly plan: string }
  | Extract<Effect, { type: 'stopChild' }>
  | { readonly type: 'tell'; readonly runId: string; readonly status: string }

/**
 * What can be seen of a run, without the order of the work to decide: a state
 * that was folded from a journal has entries for it that a driver's has not.
 */
export function view(state: RunState): RunView {
  const steps: Record<StepPath, StepView> = {}
  if (state.root !== undefined) addInside(steps, state.root)
  const because = state.blocked ?? state.cancelBecause
  return {
    status: statusOf(state),
    ...valueField('output', state.output),
    ...(state.failure === undefined ? {} : { failure: state.failure }),
    ...(because === undefined ? {} : { because }),
    steps,
    outstanding: outstanding(state).flatMap(effectView),
    wakeAt: wakeAt(state),
    signals: [...state.signals.values()]
      .flat()
      .map(({ id, name, data }) => ({ id, name, ...valueField('data', data) })),
  }
}

function addInside(steps: Record<StepPath, StepView>, { block }: StepState): void {
  for (const frame of [...(block?.frames ?? []), ...(block?.iterations.values() ?? [])]) {
    for (const step of frame.steps) {
      if (step === undefined) continue
      const { status, attempt, output, failure } = step
      const failed = failure === undefined ? {} : { failure }
      steps[step.path] = { status, attempts: attempt, ...valueField('output', output), ...failed }
      addInside(steps, step)
    }
  }
}

function effectView(effect: Effect): OutstandingView[] {
  switch (effect.type) {
    case 'attempt': {
      const { input, node, ...attempt } = effect
      return [{ ...attempt, handler: node.handler, ...valueField('input', input) }]
    }
    case 'abort':
    case 'signal':
    case 'stopChild':
      return [effect]
    case 'child':
      return [{ type: 'child', runId: effect.runId, path: effect.path, plan: effect.child.hash }]
    case 'tell':
      return [{ type: 'tell', runId: effect.runId, status: effect.outcome.status }]
    case 'timer':
    case 'continue':
      return []
    default:
      return effect satisfies never
  }
}

function valueField<Name extends string>(
  name: Name,
  value: Kept | undefined,
): { readonly [K in Name]?: Json } & { readonly [K in `${Name}Blob`]?: BlobRef } {
  const field =
    value === undefined ? {} : value instanceof Held ? { [`${name}Blob`]: { ...value.ref } } : { [name]: value }
  return field as { readonly [K in Name]?: Json } & { readonly [K in `${Name}Blob`]?: BlobRef }
}
