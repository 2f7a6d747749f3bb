import type { Because, Failure, Json } from '@segno/schema/plan'
import { Held } from '../kernel/kept.ts'
import type { Kept } from '../kernel/kept.ts'
import { commandPrefix } from '../kernel/messages.ts'
import { hasAttempts } from '../kernel/outstanding.ts'
import type { Plan } from '../kernel/plan.ts'
import { KernelScope, NoValue, viewStatus } from '../kernel/scope.ts'
import { isTerminal } from '../kernel/state.ts'
import type { RunState, StepState } from '../kernel/state.ts'
import type { Storage } from '../ports/storage.ts'
import { isInFlight } from '../kernel/step-status.ts'
import { foldRun } from './fold-run.ts'
import { unknownRun } from './known-rows.ts'
import { readBlob } from './read-blob.ts'
import type { RunView, ViewedBlock, ViewedStep, ViewedWait } from './run-view.ts'

/** What a view is made of. */
export interface ViewWorld {
  readonly storage: Storage
  readonly planOf: (hash: string) => Promise<Plan>
}

/**
 * A run as it stands in the store, driven or not: its snapshot and what came after.
 * `values` also loads what lives beside the journal.
 */
export async function viewOfRun(
  { storage, planOf }: ViewWorld,
  runId: string,
  { values = false }: { readonly values?: boolean } = {},
): Promise<RunView> {
  const folded = await foldRun(storage, runId, planOf)
  if (folded === undefined) throw unknownRun(runId)
  const { state, status, plan, inbox } = folded
  // What it came to is known at its end; how its steps stood, just before.
  const last = isTerminal(state)
    ? ((await foldRun(storage, runId, planOf, { withoutEnd: true }))?.state ?? state)
    : state
  const blobs = new Map<string, Json>()
  const valueOf = async (kept: Kept): Promise<Json | undefined> => {
    // A copy: what is in the journal stays as it is, whatever becomes of what is given out.
    if (!(kept instanceof Held)) return structuredClone(kept)
    if (!values) return undefined
    const value = blobs.get(kept.ref.sha256) ?? (await readBlob(storage, runId, kept.ref.sha256))
    blobs.set(kept.ref.sha256, value)
    return value
  }
  const { failure, cancelBecause } = state
  return {
    id: runId,
    workflow: state.workflow,
    status,
    seq: state.seq,
    createdAt: state.createdAt,
    output: await outputOf({ plan, state, last, blobs, valueOf }),
    ...(failure === undefined ? {} : { failure }),
    ...(cancelBecause === undefined ? {} : { because: cancelBecause }),
    steps: await stepsOf(last, valueOf),
    running: isTerminal(state) || !hasAttempts(state) ? [] : runningIn(state),
    waits: isTerminal(state) ? [] : [...state.steps.values()].flatMap(waitOf),
    blocked: isTerminal(state) ? [] : blockedIn(state),
    usage: {
      steps: { started: state.stepsStarted, max: state.stepsMax },
      ...(state.deadline === 0 ? {} : { deadline: state.deadline }),
      signals: state.signalCount + inbox.filter(({ name }) => !name.startsWith(commandPrefix)).length,
    },
  }
}

type ValueOf = (kept: Kept) => Promise<Json | undefined>

interface Evaluated {
  readonly plan: Plan
  readonly state: RunState
  readonly last: RunState
  readonly blobs: Map<string, Json>
  readonly valueOf: ValueOf
}

async function outputOf({ plan, state, last, blobs, valueOf }: Evaluated): Promise<Readonly<Record<string, Json>>> {
  if (state.output !== undefined) return ((await valueOf(state.output)) ?? {}) as Readonly<Record<string, Json>>
  const frame = last.root?.block?.frames[0]
  if (frame === undefined) return {}
  const scope = new KernelScope(plan, last, blobs)
  const output: Record<string, Json> = {}
  for (const { name, value } of plan.root.unit.outputs) {
    const given = value && (await settledValue({ evaluate: () => scope.evaluate(value, frame), blobs, valueOf }))
    if (given !== undefined) output[name] = given
  }
  return output
}

interface Settling {
  readonly evaluate: () => Json | NoValue
  readonly blobs: ReadonlyMap<string, Json>
  readonly valueOf: ValueOf
}

// What reads a step that has not ended cannot be told yet; what needs a value that is not loaded is asked for again.
async function settledValue({ evaluate, blobs, valueOf }: Settling): Promise<Json | undefined> {
  for (;;) {
    const value = evaluate()
    if (!(value instanceof NoValue)) return structuredClone(value)
    const missing = value.need.filter(({ sha256 }) => !blobs.has(sha256))
    if (value.failure !== undefined || missing.length === 0) return undefined
    for (const ref of missing) if ((await valueOf(new Held(ref))) === undefined) return undefined
  }
}

async function stepsOf({ root }: RunState, valueOf: ValueOf): Promise<Readonly<Record<string, ViewedStep>>> {
  const steps: Record<string, ViewedStep> = {}
  for (const frame of root?.block?.frames ?? []) {
    for (const node of frame.list.nodes) {
      const step = frame.steps[node.position]
      steps[node.id] = step === undefined ? { status: 'pending', attempts: 0 } : await stepView(step, valueOf)
    }
  }
  return steps
}

async function stepView(step: StepState, valueOf: ValueOf): Promise<ViewedStep> {
  const { attempt, output, failure, startedAt, endedAt } = step
  const value = output === undefined ? undefined : await valueOf(output)
  return {
    status: viewStatus(step),
    attempts: attempt,
    ...(value === undefined ? {} : { output: value }),
    ...(output instanceof Held && value === undefined ? { outputBlob: { ...output.ref } } : {}),
    ...(failure === undefined ? {} : { failure }),
    ...(startedAt === 0 ? {} : { startedAt }),
    ...(endedAt === 0 ? {} : { endedAt }),
  }
}

function runningIn(state: RunState): RunView['running'] {
  return [...state.steps.values()].flatMap((step) => {
    const { node, path, attempt } = step
    return node.kind === 'work' && isInFlight(step) ? [{ path, attempt, handler: node.handler }] : []
  })
}

function waitOf(step: StepState): ViewedWait[] {
  const { node, path, status, due, deadline, signal, hash, child } = step
  const until = deadline === 0 ? {} : { until: deadline }
  if (status === 'retrying') return due === 0 ? [] : [{ kind: 'timer', path, due, purpose: 'retry' }]
  switch (node.kind) {
    case 'waitFor':
      return status === 'waiting' && signal !== undefined ? [{ kind: 'signal', path, names: [signal], ...until }] : []
    case 'ask':
      return status === 'waiting' && hash !== undefined ? [{ kind: 'task', path, hash, ...until }] : []
    case 'start':
      return status === 'waiting' && child !== undefined ? [{ kind: 'run', path, runId: child, ...until }] : []
    case 'sleep':
      return status === 'waiting' ? [{ kind: 'timer', path, due, purpose: 'sleep' }] : []
    case 'repeat':
      return due === 0 ? [] : [{ kind: 'timer', path, due, purpose: 'pause' }]
    case 'states':
      return restingIn(step)
    default:
      return []
  }
}

// A machine takes signals while the steps of its state have ended.
function restingIn({ node, path, block, due, deadline }: StepState): ViewedWait[] {
  const frame = block?.frames.at(-1)
  if (node.kind !== 'states' || frame === undefined) return []
  if (frame.active.size > 0 || frame.cursor < frame.list.nodes.length) return []
  const names = [...(node.states.get(frame.list.role.slice('state:'.length))?.on.keys() ?? [])]
  const ends = [due, deadline].filter((instant) => instant !== 0)
  return [{ kind: 'signal', path, names, ...(ends.length === 0 ? {} : { until: Math.min(...ends) }) }]
}

function blockedIn(state: RunState): ViewedBlock[] {
  const whole = state.blocked === undefined ? [] : [{ path: '', because: state.blocked }]
  const steps = [...state.steps.values()].flatMap(({ path, status, failure }) =>
    status === 'blocked' && failure !== undefined ? [{ path, because: becauseOf(failure) }] : [],
  )
  return [...whole, ...steps]
}

function becauseOf({ code, message, details }: Failure): Because {
  return { code, message, ...(details === undefined ? {} : { details }) }
}
