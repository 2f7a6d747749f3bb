import type { Storage } from '@segno/core'
import type { BlobRef, Json } from '@segno/schema'
import { sha256Hex } from '@segno/schema/plan'
import { CommandError } from './command-error.ts'
import { exitCodes } from './exit-code.ts'

/** A value as an event has it, or where it is beside the journal. */
export interface StoredValue {
  readonly value?: Json | undefined
  readonly blob?: BlobRef | undefined
}

/** Reads a value of a run, from beside the journal where it is there. One that is missing or damaged ends the command. */
export async function readValue(
  storage: Storage,
  runId: string,
  { value, blob }: StoredValue,
): Promise<Json | undefined> {
  if (blob === undefined) return value
  const text = await storage.getBlob(runId, blob.sha256)
  if (text !== undefined && sha256Hex(text) === blob.sha256) return JSON.parse(text) as Json
  const message =
    text === undefined
      ? `the store has no value ${blob.sha256} of ${runId}`
      : `the value ${blob.sha256} of ${runId} is damaged`
  const hint = 'put it back as it was; segno show --events tells what is in the journal'
  throw new CommandError({ code: 'RUN_UNREADABLE', message, hint }, { exitCode: exitCodes.notFound })
}
