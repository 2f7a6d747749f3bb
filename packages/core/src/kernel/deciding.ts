import type {
  Because,
  BlobRef,
  EventPayloads,
  EventType,
  Expression,
  Failure,
  HandlerPin,
  Json,
  RunEvent,
  Template,
} from '@segno/schema/plan'
import { parseDuration } from '@segno/schema/plan'
import { evolve } from './evolve.ts'
import { grown } from './grown.ts'
import { Held, measure } from './kept.ts'
import type { Blob, Kept } from './kept.ts'
import type { Plan, PlanDuration, PlanNode } from './plan.ts'
import { NoValue } from './scope.ts'
import type { Extras, KernelScope, LoadedBlobs } from './scope.ts'
import type { Frame, RunState, StepState } from './state.ts'

/** No slice is longer: what is left is `continue`. */
export const sliceEventsMax = 512

/** A plan that a run is to be migrated to, with the handlers that it adds; or why it cannot be had. */
export type KnownPlan =
  { readonly plan: Plan; readonly handlers: Readonly<Record<string, HandlerPin>> } | { readonly refused: Because }

/** One call of `decide` while it goes on: the events so far are already folded into `state`. */
export interface Deciding {
  /** Changes when the run is migrated, and `scope` with it. */
  plan: Plan
  readonly state: RunState
  /** Epoch ms by the store's clock: the `at` of every event. */
  readonly now: number
  readonly token: number
  scope: KernelScope
  /** Plans that the run may be migrated to, as far as they are at hand. */
  readonly plans: Pick<ReadonlyMap<string, KnownPlan>, 'get'>
  readonly loaded: LoadedBlobs
  events: RunEvent[]
  blobs: Blob[]
  /** For what is drawn; advanced by each draw. */
  seed: number
  need: readonly BlobRef[]
  /** The latest timer that fired. */
  notBefore: number
}

/** Writes one fact down and folds it. */
export function emit<T extends EventType>(deciding: Deciding, type: T, payload: EventPayloads[T]): void {
  const { state } = deciding
  const event: Record<string, unknown> = { seq: state.seq + 1, v: 1, at: deciding.now, runId: state.runId, type }
  // Twice as fast as a spread behind other fields.
  for (const field in payload) event[field] = payload[field]
  record(deciding, event as unknown as RunEvent)
}

// The two facts of nearly every step are written out: a tenth of the time of a step.

/** `emit` of an attempt that has an input and no limit, and takes nothing back. */
export function emitAttempt(
  deciding: Deciding,
  { path, attempt, token, effect, key, input }: EventPayloads['attempt.started'] & { readonly input: Json },
  step: StepState,
): void {
  const { state, now: at } = deciding
  const { runId } = state
  const seq = state.seq + 1
  record(deciding, { seq, v: 1, at, runId, type: 'attempt.started', path, attempt, token, effect, key, input }, step)
}

/** `emit` of a success that has an output and nothing else. */
export function emitOutput(deciding: Deciding, step: StepState, output: Json): void {
  const { state, now: at } = deciding
  const { runId } = state
  record(deciding, { seq: state.seq + 1, v: 1, at, runId, type: 'step.completed', path: step.path, output }, step)
}

function record(deciding: Deciding, event: RunEvent, step?: StepState): void {
  evolve(deciding.plan, deciding.state, event, step)
  deciding.events = grown(deciding.events, event)
}

/** Records that a step has failed for good: it fails, or blocks where it, or the start of the run, says so. */
export function emitFailed(deciding: Deciding, node: PlanNode, payload: EventPayloads['step.failed']): void {
  const blocks = node.onFailure === 'block' || (deciding.state.holdsFailures && failsTheRun(node))
  if (!blocks) return emit(deciding, 'step.failed', payload)
  const { path, attempt, failure } = payload
  emit(deciding, 'step.blocked', { path, attempt, failure })
}

// Whether nothing around the step would keep its failure from being that of the run.
function failsTheRun(node: PlanNode): boolean {
  const { list, onFailure } = node
  if (onFailure !== 'fail' || list === undefined || list.role === 'finally') return false
  const { owner } = list
  switch (owner.kind) {
    case 'workflow':
      return true
    case 'try':
      if (list.role === 'do' && owner.catches.length > 0) return false
      break
    case 'parallel':
      if (owner.join !== 'all' || !owner.failFast) return false
      break
    case 'forEach':
      if (owner.collect) return false
      break
    default:
  }
  return owner.retry === undefined && failsTheRun(owner)
}

/** Whether something is decided; where a value has to be loaded first, that is what the caller is asked for. */
export function isDecided(deciding: Deciding, stop: NoValue | undefined): boolean {
  if (stop !== undefined) deciding.need = stop.need
  return stop === undefined
}

/** A template's or expression's value at a place of the run. */
export function evaluate(
  deciding: Deciding,
  source: Expression | Template,
  frame: Frame | undefined,
  extras?: Extras,
): Json | NoValue {
  return deciding.scope.evaluate(source, frame, extras)
}

/** The value of a condition; anything but a boolean is a failure. */
export function evaluateTest(
  deciding: Deciding,
  test: Expression,
  frame: Frame | undefined,
  extras?: Extras,
): boolean | NoValue {
  const value = deciding.scope.evaluate(test, frame, extras)
  if (typeof value === 'boolean' || value instanceof NoValue) return value
  return typeMismatch(`the condition "${test.source}" gives ${describe(value)}; a condition is true or false`)
}

/** The value of a whole number of at least `least`. */
export function evaluateCount(
  deciding: Deciding,
  source: Template,
  frame: Frame | undefined,
  { what, least }: { readonly what: string; readonly least: number },
): number | NoValue {
  const value = deciding.scope.evaluate(source, frame)
  if (value instanceof NoValue) return value
  if (Number.isSafeInteger(value) && Number(value) >= least) return Number(value)
  return typeMismatch(`\`${what}\` is ${describe(value)}; expected a whole number of at least ${least}`)
}

/** The value of a duration, in milliseconds. */
export function evaluateDuration(deciding: Deciding, source: PlanDuration, frame: Frame | undefined): number | NoValue {
  if (typeof source === 'number') return source
  const value = deciding.scope.evaluate(source, frame)
  if (value instanceof NoValue) return value
  const ms = typeof value === 'string' ? parseDuration(value) : undefined
  if (ms !== undefined) return ms
  return new NoValue({
    code: 'DURATION_INVALID',
    message: `${describe(value)} is not a duration such as 10m or PT10M`,
    retryable: false,
  })
}

/** When a time limit that begins now ends; `undefined` where there is none. */
export function deadlineOf(
  deciding: Deciding,
  timeout: PlanDuration | undefined,
  frame: Frame | undefined,
): number | undefined | NoValue {
  if (timeout === undefined) return undefined
  const ms = evaluateDuration(deciding, timeout, frame)
  return ms instanceof NoValue ? ms : deciding.now + ms
}

/**
 * Puts a value into an event's field, or beside the journal and its reference
 * into the field's `…Blob` twin.
 */
export function stored<Name extends string>(
  deciding: Deciding,
  name: Name,
  json: Json,
): { readonly [K in Name]?: Json } | { readonly [K in `${Name}Blob`]?: BlobRef } | NoValue {
  const measured = measure(json)
  if ('json' in measured) return { [name]: json } as { readonly [K in Name]?: Json }
  if ('failure' in measured) return new NoValue(measured.failure)
  const { sha256, size } = measured.blob
  deciding.blobs = grown(deciding.blobs, measured.blob)
  deciding.loaded.set(sha256, json)
  return { [`${name}Blob`]: { sha256, size } } as { readonly [K in `${Name}Blob`]?: BlobRef }
}

/** A value that may live beside the journal: then it has to be at hand. */
export function loadedValue({ loaded }: Deciding, kept: Kept): Json | NoValue {
  if (!(kept instanceof Held)) return kept
  return loaded.get(kept.ref.sha256) ?? new NoValue(undefined, [kept.ref])
}

/** A failure that a mistyped value causes. */
export function typeMismatch(message: string): NoValue {
  const failure: Failure = { code: 'TYPE_MISMATCH', message, retryable: false }
  return new NoValue(failure)
}

/** A value as a message quotes it. */
export function describe(value: Json): string {
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`
}
