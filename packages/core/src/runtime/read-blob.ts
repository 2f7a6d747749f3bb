import { sha256Hex } from '@segno/schema/plan'
import type { Json } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { Storage } from '../ports/storage.ts'

/** A value beside the journal, as `readBlobText` finds it. */
export async function readBlob(storage: Storage, runId: string, sha256: string): Promise<Json> {
  return JSON.parse(await readBlobText(storage, runId, sha256)) as Json
}

/** The text of a value beside the journal. Throws `STORAGE_INVALID` where it is missing, or is not what the journal names. */
export async function readBlobText(storage: Storage, runId: string, sha256: string): Promise<string> {
  const text = await storage.getBlob(runId, sha256)
  if (text === undefined) throw new SegnoError('STORAGE_INVALID', `The store has no value ${sha256} of run ${runId}`)
  if (sha256Hex(text) !== sha256)
    throw new SegnoError('STORAGE_INVALID', `The value ${sha256} of run ${runId} is damaged`)
  return text
}
