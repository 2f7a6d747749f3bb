import type { RunBundle } from '@segno/schema'
import { diffDefinitions, diffValues } from '@segno/schema/plan'
import type { BlobRef, DefinitionDiff, Failure, Json, RunEvent, StepPath, ValueChange } from '@segno/schema/plan'
import { endsRun } from '../ports/batch.ts'

/** A value of each of two runs. What a run does not have is not there. */
export interface Both<T> {
  readonly before?: T
  readonly after?: T
}

/** What of a run is compared as a whole. */
export interface RunSide {
  readonly runId: string
  readonly workflow: string
  readonly plan: string
  readonly status: string
  readonly startedAt: number
  /** Of a run that has ended. */
  readonly durationMs?: number
}

/** One step of two runs, by its path. What is the same is not there, but for the times. */
export interface StepDiff {
  readonly path: StepPath
  /** Which of the runs came to it. */
  readonly in: 'both' | 'before' | 'after'
  readonly status?: Both<string>
  readonly attempts?: Both<number>
  /** Which list a block ran. */
  readonly branch?: Both<string>
  readonly output: readonly ValueChange[]
  readonly failure: readonly ValueChange[]
  /** How long it took, where it has ended. */
  readonly durationMs: Both<number> & { readonly delta?: number }
}

/** How two runs differ. */
export interface RunDiff {
  readonly before: RunSide
  readonly after: RunSide
  /** Whether nothing differs but times, ids and labels. */
  readonly same: boolean
  /** Where they went by different plans. */
  readonly definition?: DefinitionDiff
  readonly input: readonly ValueChange[]
  readonly status?: Both<string>
  readonly output: readonly ValueChange[]
  readonly failure: readonly ValueChange[]
  /** Every step that either came to, in the order of the first, then of the second. */
  readonly steps: readonly StepDiff[]
}

/** What is compared: a run as it is exported, redacted or not. */
export type ComparedRun = Pick<RunBundle, 'row' | 'plans' | 'events' | 'blobs'>

/**
 * Compares two runs: what they did, came to and took. Of blocks and loops every pass is
 * a step of its own, by its path. A value that lives beside the journal is compared as
 * any other, as far as the bundle has it.
 */
export function diffRuns(before: ComparedRun, after: ComparedRun): RunDiff {
  const [one, other] = [factsOf(before), factsOf(after)]
  const definition = definitionDiff(before, after)
  const input = diffValues(one.input, other.input)
  const output = diffValues(one.output, other.output)
  const failure = diffValues(failureJson(one.failure), failureJson(other.failure))
  const status = changed(one.side.status, other.side.status)
  const steps = [...new Set([...one.steps.keys(), ...other.steps.keys()])].map((path) =>
    stepDiff(path, one.steps.get(path), other.steps.get(path)),
  )
  const isSame = [input, output, failure].every((changes) => changes.length === 0) && status === undefined
  return {
    before: one.side,
    after: other.side,
    same: isSame && (definition === undefined || definition.same) && steps.every(isSameStep),
    ...(definition === undefined ? {} : { definition }),
    input,
    ...(status === undefined ? {} : { status }),
    output,
    failure,
    steps,
  }
}

/** Whether a step did the same in both runs, however long it took. */
function isSameStep(step: StepDiff): boolean {
  const { status, attempts, branch, output, failure } = step
  const others = status === undefined && attempts === undefined && branch === undefined
  return step.in === 'both' && others && output.length === 0 && failure.length === 0
}

function definitionDiff(before: ComparedRun, after: ComparedRun): DefinitionDiff | undefined {
  if (before.row.plan === after.row.plan) return undefined
  const [one, other] = [before.plans[before.row.plan], after.plans[after.row.plan]]
  return one === undefined || other === undefined ? undefined : diffDefinitions(one, other)
}

function changed<T>(before: T | undefined, after: T | undefined): Both<T> | undefined {
  if (before === after) return undefined
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}

function stepDiff(path: StepPath, before: StepFacts | undefined, after: StepFacts | undefined): StepDiff {
  const status = changed(before?.status, after?.status)
  const attempts = changed(before?.attempts, after?.attempts)
  const branch = changed(before?.branch, after?.branch)
  const [one, other] = [took(before), took(after)]
  return {
    path,
    in: before === undefined ? 'after' : after === undefined ? 'before' : 'both',
    ...(status === undefined ? {} : { status }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(branch === undefined ? {} : { branch }),
    output: diffValues(before?.output, after?.output),
    failure: diffValues(failureJson(before?.failure), failureJson(after?.failure)),
    durationMs: {
      ...(one === undefined ? {} : { before: one }),
      ...(other === undefined ? {} : { after: other }),
      ...(one === undefined || other === undefined ? {} : { delta: other - one }),
    },
  }
}

function took(step: StepFacts | undefined): number | undefined {
  return step?.endedAt === undefined ? undefined : step.endedAt - step.startedAt
}

function failureJson(failure: Failure | undefined): Json | undefined {
  return failure as unknown as Json | undefined
}

interface StepFacts {
  status: string
  attempts: number
  startedAt: number
  endedAt?: number
  branch?: string
  output?: Json
  failure?: Failure
}

interface RunFacts {
  readonly side: RunSide
  readonly input: Json | undefined
  readonly output: Json | undefined
  readonly failure: Failure | undefined
  readonly steps: ReadonlyMap<StepPath, StepFacts>
}

function factsOf({ row, events, blobs }: ComparedRun): RunFacts {
  const steps = new Map<StepPath, StepFacts>()
  const valueOf = (value: Json | undefined, blob: BlobRef | undefined): Json | undefined => {
    const text = blob === undefined ? undefined : blobs[blob.sha256]
    if (text !== undefined) return JSON.parse(text) as Json
    return blob === undefined ? value : { ...blob }
  }
  let [input, output]: (Json | undefined)[] = []
  let failure: Failure | undefined
  for (const event of events) {
    note(steps, event, valueOf)
    if (event.type === 'run.created') input = valueOf(event.input, event.inputBlob)
    else if (event.type === 'run.completed') output = valueOf(event.output, event.outputBlob)
    else if (event.type === 'run.failed') failure = event.failure
  }
  const startedAt = events[0]?.at ?? row.createdAt
  const last = events.at(-1)
  const ended = last !== undefined && endsRun(last) ? { durationMs: last.at - startedAt } : {}
  const { runId, workflow, plan, status } = row
  return { side: { runId, workflow, plan, status, startedAt, ...ended }, input, output, failure, steps }
}

type ValueOf = (value: Json | undefined, blob: BlobRef | undefined) => Json | undefined

function note(steps: Map<StepPath, StepFacts>, event: RunEvent, valueOf: ValueOf): void {
  const path = 'path' in event ? event.path : undefined
  // The timer of the run itself has the empty path; an operator names a step that has begun.
  if (path === undefined || path === '' || event.type === 'operator.acted') return
  const step = steps.get(path) ?? { status: 'running', attempts: 0, startedAt: event.at }
  steps.set(path, step)
  switch (event.type) {
    case 'attempt.started':
    case 'step.started':
    case 'task.asked':
      step.attempts = event.attempt
      step.status = event.type === 'task.asked' ? 'waiting' : 'running'
      return
    case 'branch.taken':
      if (event.branch !== 'undo' && event.branch !== 'finally') step.branch ??= event.branch
      step.attempts = Math.max(step.attempts, event.attempt)
      return
    case 'attempt.failed':
      step.failure = event.failure
      return
    case 'step.blocked':
      step.status = 'blocked'
      step.failure = event.failure
      return
    case 'step.completed': {
      const output = valueOf(event.output, event.outputBlob)
      delete step.failure
      if (output !== undefined) step.output = output
      return end(step, 'completed', event.at)
    }
    case 'step.failed':
      step.failure = event.failure
      return end(step, 'failed', event.at)
    case 'step.skipped':
      return end(step, 'skipped', event.at)
    case 'step.cancelled':
      return end(step, 'cancelled', event.at)
    default:
  }
}

function end(step: StepFacts, status: string, at: number): void {
  step.status = status
  step.endedAt = at
}
