import { ExpressionError, isJsonObject } from '@segno/schema/plan'
import type { BlobRef, Expression, Failure, Json, Scope, StepView, Template } from '@segno/schema/plan'
import { timestampText } from './instant.ts'
import { Held } from './kept.ts'
import type { Kept } from './kept.ts'
import type { Plan, PlanNode, PlanUnit } from './plan.ts'
import { blockOf } from './state.ts'
import type { Frame, RunState, StepState } from './state.ts'

/** Values that live beside the journal and that the driver has loaded, by sha256. */
export type LoadedBlobs = Pick<Map<string, Json>, 'get' | 'has'> & { set(sha256: string, value: Json): unknown }

/** An evaluation that gave no value: it failed, or it needs values that are not loaded. */
export class NoValue {
  readonly failure: Failure | undefined
  readonly need: readonly BlobRef[]
  constructor(failure: Failure | undefined, need: readonly BlobRef[] = []) {
    this.failure = failure
    this.need = need
  }
}

/** Variables that only one expression sees: `data` of `waitFor.if`, `previous` and `iteration` of `while`. */
export type Extras = Readonly<Record<string, Kept | undefined>>

/** What an expression is evaluated against: a place in a run. */
export class KernelScope implements Scope {
  readonly #plan: Plan
  readonly #state: RunState
  readonly #blobs: LoadedBlobs
  #frame: Frame | undefined
  #extras: Extras | undefined
  /** A step that is looked at as if it had ended already. */
  #ended: StepState | undefined

  constructor(plan: Plan, state: RunState, blobs: LoadedBlobs) {
    this.#plan = plan
    this.#state = state
    this.#blobs = blobs
  }

  /** The value of `source` as seen from `frame`, where `extras` come before the variables of the place. */
  evaluate(source: Expression | Template, frame: Frame | undefined, extras?: Extras): Json | NoValue {
    this.#frame = frame
    this.#extras = extras
    if (this.#state.holdsBlobs) {
      const need = this.#missing(source)
      if (need.length > 0) return new NoValue(undefined, need)
    }
    try {
      return source.evaluate(this)
    } catch (error) {
      if (error instanceof ExpressionError) return new NoValue(error.failure)
      throw error
    }
  }

  /** Gives what `evaluate` gives while `step` is seen as it will be once it has ended. */
  withEnded<T>(step: StepState, evaluate: () => T): T {
    this.#ended = step
    try {
      return evaluate()
    } finally {
      this.#ended = undefined
    }
  }

  variable(name: string): Json | undefined {
    const kept = this.#lookUp(name)
    return kept instanceof Held ? this.#blobs.get(kept.ref.sha256) : kept
  }

  step(id: string): StepView | undefined {
    const node = this.#unit().byId.get(id)
    if (node === undefined) return undefined
    const step = this.#find(node)
    if (step === undefined) return pending
    const output = step.output instanceof Held ? this.#blobs.get(step.output.ref.sha256) : step.output
    return new View(step, output)
  }

  /** The value of a reference's root, before any loading. */
  #lookUp(name: string): Kept | undefined {
    if (name === 'run') return runView(this.#state)
    const extra = this.#extras?.[name]
    if (extra !== undefined) return extra
    for (let frame = this.#frame; frame !== undefined; frame = frame.owner.frame) {
      const value = frameVariable(frame, name, this.#blobs)
      if (value !== undefined) return value
      // Nothing of the caller is seen in what it calls.
      if (frame.owner.node.kind === 'call') return undefined
    }
    return name === 'input' ? this.#state.input : undefined
  }

  #unit(): PlanUnit {
    return this.#frame?.list.unit ?? this.#plan.root.unit
  }

  #find(node: PlanNode): StepState | undefined {
    return this.#ended?.node === node ? this.#ended : stepSeen(this.#frame, node)
  }

  #missing(source: Expression | Template): BlobRef[] {
    const need: BlobRef[] = []
    for (const { root, path } of source.references) {
      const [id] = path
      const node = root === 'steps' && id !== undefined ? this.#unit().byId.get(id) : undefined
      const kept = node === undefined ? this.#lookUp(root) : this.#find(node)?.output
      if (!(kept instanceof Held) || this.#blobs.has(kept.ref.sha256)) continue
      if (!need.some(({ sha256 }) => sha256 === kept.ref.sha256)) need.push(kept.ref)
    }
    return need
  }
}

/**
 * The step as it is seen from a list: its own earlier steps, those of the lists around it, and those of the lists
 * that its block ran before it.
 */
export function stepSeen(from: Frame | undefined, node: PlanNode): StepState | undefined {
  const { list } = node
  for (let frame = from; frame !== undefined; frame = frame.owner.frame) {
    if (frame.list === list) return frame.steps[node.position]
    for (const other of frame.owner.block?.frames ?? []) {
      if (other.list === list) return other.steps[node.position]
    }
    if (frame.owner.node.kind === 'call') return undefined
  }
  return undefined
}

const pending: StepView = { status: 'pending' }

class View implements StepView {
  readonly status: string
  readonly attempts: number
  readonly output: Json | undefined
  readonly failure: Failure | undefined
  readonly #step: StepState

  constructor(step: StepState, output: Json | undefined) {
    this.status = viewStatus(step)
    this.attempts = step.attempt
    this.output = output
    this.failure = step.failure
    this.#step = step
  }

  get startedAt(): string | undefined {
    return this.#step.startedAt === 0 ? undefined : timestampText(this.#step.startedAt)
  }

  /** Of the last attempt of a process. */
  get exitCode(): number | undefined {
    const { exitCode, failure } = this.#step
    if (exitCode !== undefined || !isJsonObject(failure?.details)) return exitCode
    const failed = failure.details['exitCode']
    return typeof failed === 'number' ? failed : undefined
  }

  get durationMs(): number | undefined {
    const { startedAt, endedAt } = this.#step
    // What was skipped has ended and never began.
    return startedAt === 0 || endedAt === 0 ? undefined : endedAt - startedAt
  }
}

/** The status of a step as expressions see it: one of the seven words of the language, not every inner one. */
export function viewStatus(step: StepState): string {
  switch (step.status) {
    case 'ready':
    case 'retrying':
    case 'cancelling':
      return 'running'
    case 'blocked':
      return 'waiting'
    default:
      return step.status
  }
}

function frameVariable(frame: Frame, name: string, blobs: LoadedBlobs): Kept | undefined {
  const { owner, list } = frame
  switch (owner.node.kind) {
    case 'forEach':
      if (name === owner.node.as) return itemOf(owner, frame.index, blobs)
      return name === 'index' ? frame.index : undefined
    case 'repeat':
      if (name === 'previous') return owner.node.initial === undefined ? undefined : blockOf(owner).previous
      return name === 'iteration' ? frame.index : undefined
    case 'try':
      return name === errorName(owner.node.catches, list.role) ? errorValue(frame.error) : undefined
    case 'states':
      if (name === 'state') return list.role.slice('state:'.length)
      return name === 'signal' ? signalOf(owner, blobs) : undefined
    case 'call':
      if (name === 'input') return owner.input
      return name === 'error' && list.role === 'finally' ? errorValue(frame.error) : undefined
    case 'workflow':
      return name === 'error' && list.role === 'finally' ? errorValue(frame.error) : undefined
    default:
      return undefined
  }
}

function errorName(
  catches: readonly { readonly as: string; readonly list: { readonly role: string } }[],
  role: string,
): string | undefined {
  return role === 'finally' ? 'error' : catches.find((clause) => clause.list.role === role)?.as
}

// A long list lives beside the journal as a whole; until it is loaded, it stands for each of its items.
function itemOf(owner: StepState, index: number, blobs: LoadedBlobs): Kept | undefined {
  const { items } = blockOf(owner)
  const list = items instanceof Held ? blobs.get(items.ref.sha256) : items
  return Array.isArray(list) ? (list as readonly Json[])[index] : items
}

// Empty where it was no signal that led here. Data that is not loaded stands for all of it, so that it gets loaded.
function signalOf(owner: StepState, blobs: LoadedBlobs): Kept {
  const { signal } = blockOf(owner)
  if (signal === undefined) return {}
  const { name, data: kept } = signal
  const data = kept instanceof Held ? blobs.get(kept.ref.sha256) : kept
  return data === undefined ? kept : { name, data }
}

function errorValue(error: Failure | null): Json {
  return error === null ? null : failureJson(error)
}

/** A failure as expressions see it. */
export function failureJson(failure: Failure): Json {
  const { code, message, retryable, details, cause } = failure
  return {
    code,
    message,
    retryable,
    ...(details === undefined ? {} : { details }),
    ...(cause === undefined ? {} : { cause: failureJson(cause) }),
  }
}

function runView(state: RunState): Json {
  return { id: state.runId, startedAt: timestampText(state.createdAt), labels: state.labels }
}
