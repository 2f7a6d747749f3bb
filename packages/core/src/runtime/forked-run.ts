import type { Json, JsonObject, ReusedStep } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { measure } from '../kernel/kept.ts'
import type { Blob } from '../kernel/kept.ts'
import { outputProblem } from '../kernel/output-problem.ts'
import { isFrom, nodeAt } from '../kernel/plan-path.ts'
import type { Plan } from '../kernel/plan.ts'
import { ReusableSteps } from '../kernel/reuse.ts'
import { isSameWork } from '../kernel/same-work.ts'
import type { Reusable } from '../kernel/reuse.ts'
import type { Storage } from '../ports/storage.ts'
import type { ForkOptions } from './engine-options.ts'
import { NotJson, copyGiven } from './json-copy.ts'
import { rowOf } from './known-rows.ts'
import type { Plans } from './plans.ts'
import { readBlob, readBlobText } from './read-blob.ts'
import type { Beginning } from './run-creator.ts'
import { checkText, checkedInput } from './start-checks.ts'

/** What is forked, and how. */
export interface ForkRequest {
  readonly runId: string
  readonly options: ForkOptions
  /** That of the newer workflow, where there is one. */
  readonly plan: Plan | undefined
  readonly plans: Plans
}

/** What a fork of a run goes by and begins with. */
export interface ForkedRun {
  readonly plan: Plan
  readonly beginning: Beginning
}

/** Reads a run, as far as its journal goes, for another to be forked from it. Throws `RUN_UNKNOWN`, `EDIT_INVALID`. */
export async function readForFork(storage: Storage, request: ForkRequest): Promise<ForkedRun> {
  const { runId, options } = request
  const { at, actor, edits = {} } = options
  if (actor !== undefined) checkText('Who forks a run', actor)
  const row = await rowOf(storage, runId)
  const before = await request.plans.pinned(row.plan)
  const plan = request.plan ?? before
  if (at !== undefined && nodeAt(plan, at) === undefined) throw noStep(plan, at)
  const read = await readJournal(storage, runId)
  const given = edits.input === undefined ? read.input : { ...read.input, ...edits.input }
  const isChanged = edits.input !== undefined || plan !== before
  const input = isChanged ? checkedInput(plan, given) : given
  const done: Record<string, ReusedStep> = {}
  for (const [path, step] of Object.entries(read.steps)) {
    if (at !== undefined && isFrom(plan, path, at)) continue
    // What a newer workflow does otherwise has to be done, even where its input is the same.
    if (plan === before || isSameWork(nodeAt(before, path), nodeAt(plan, path))) done[path] = step
  }
  const blobs = await blobsOf(storage, runId, done)
  for (const [path, output] of Object.entries(edits.outputs ?? {})) {
    const edited = editedStep(plan, path, output)
    done[path] = edited.step
    blobs.push(...edited.blobs)
  }
  const fork = {
    runId,
    steps: done,
    ...(at === undefined ? {} : { at }),
    ...(actor === undefined ? {} : { by: actor }),
  }
  return { plan, beginning: { input, labels: row.labels, fork, blobs } }
}

async function readJournal(
  storage: Storage,
  runId: string,
): Promise<{ readonly input: JsonObject; readonly steps: Reusable }> {
  const found = new ReusableSteps()
  let input: Json = {}
  for await (const page of storage.read(runId, 1)) {
    for (const event of page) {
      if (event.type === 'run.created') {
        const { inputBlob } = event
        input = inputBlob === undefined ? (event.input ?? {}) : await readBlob(storage, runId, inputBlob.sha256)
      }
      found.add(event)
    }
  }
  return { input: input as JsonObject, steps: found.steps }
}

// The values beside the journal that are reused: the fork has to outlive the run that it comes from.
async function blobsOf(storage: Storage, runId: string, steps: Reusable): Promise<Blob[]> {
  const blobs: Blob[] = []
  for (const { outputBlob } of Object.values(steps)) {
    if (outputBlob !== undefined)
      blobs.push({ ...outputBlob, text: await readBlobText(storage, runId, outputBlob.sha256) })
  }
  return blobs
}

function editedStep(
  plan: Plan,
  path: string,
  given: Json,
): { readonly step: ReusedStep; readonly blobs: readonly Blob[] } {
  const node = nodeAt(plan, path)
  if (node === undefined) throw noStep(plan, path)
  const output = copyGiven(given)
  if (output instanceof NotJson) throw notFitting(path, `it is not JSON: ${output.message}`)
  const problem = outputProblem(node, output)
  if (problem !== undefined) throw notFitting(path, problem)
  const measured = measure(output ?? null)
  if ('failure' in measured) throw notFitting(path, measured.failure.message)
  const process = node.kind === 'work' && node.process !== undefined ? { exitCode: 0 } : {}
  if ('json' in measured) return { step: { output: measured.json, edited: true, ...process }, blobs: [] }
  const { sha256, size } = measured.blob
  return { step: { outputBlob: { sha256, size }, edited: true, ...process }, blobs: [measured.blob] }
}

function noStep({ definition }: Plan, path: string): SegnoError {
  return new SegnoError('EDIT_INVALID', `The workflow "${definition.name}" has no step at ${JSON.stringify(path)}`)
}

function notFitting(path: string, problem: string): SegnoError {
  return new SegnoError('EDIT_INVALID', `The output that "${path}" is given does not fit: ${problem}`)
}
