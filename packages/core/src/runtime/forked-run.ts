import { sha256Hex } from '@segno/schema/plan'
import type { Json, JsonObject } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { Blob } from '../kernel/kept.ts'
import { ReusableSteps } from '../kernel/reuse.ts'
import type { Reusable } from '../kernel/reuse.ts'
import { isTerminal } from '../ports/batch.ts'
import type { RunRow, Storage } from '../ports/storage.ts'
import { readBlob } from './read-blob.ts'

/** What a fork of a run begins with. */
export interface ForkedRun {
  readonly row: RunRow
  readonly input: JsonObject
  readonly steps: Reusable
  /** The values beside the journal that `steps` names: the fork has to outlive the run that it comes from. */
  readonly blobs: readonly Blob[]
}

/** Reads a run that has ended for another to be forked from it. Throws `RUN_UNKNOWN`, `RUN_OPEN`. */
export async function readForFork(storage: Storage, runId: string): Promise<ForkedRun> {
  const row = await storage.row(runId)
  if (row === undefined) throw new SegnoError('RUN_UNKNOWN', `There is no run ${JSON.stringify(runId)}`)
  if (!isTerminal(row.status)) {
    throw new SegnoError('RUN_OPEN', `Run ${runId} is ${row.status}; only a run that has ended can be forked`)
  }
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
  const blobs: Blob[] = []
  for (const { outputBlob } of Object.values(found.steps)) {
    if (outputBlob !== undefined) blobs.push({ ...outputBlob, text: await textOf(storage, runId, outputBlob.sha256) })
  }
  return { row, input: input as JsonObject, steps: found.steps, blobs }
}

async function textOf(storage: Storage, runId: string, sha256: string): Promise<string> {
  const text = await storage.getBlob(runId, sha256)
  if (text !== undefined && sha256Hex(text) === sha256) return text
  throw new SegnoError('STORAGE_INVALID', `The value ${sha256} of run ${runId} is lost or damaged`)
}
