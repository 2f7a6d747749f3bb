import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { Evidence } from '@segno/core'
import { fileNameOf } from '../file/file-name.ts'
import { attemptFolder } from '../file/layout.ts'

/** What attempts leave in `folder`, beside a database that keeps their runs. */
export function evidenceIn(folder: string): Evidence {
  return { folder: (runId, path, attempt) => attemptFolder(runFolder(folder, runId), path, attempt) }
}

/** Removes what all attempts of a run left in `folder`. */
export async function removeEvidence(folder: string, runId: string): Promise<void> {
  await rm(runFolder(folder, runId), { recursive: true, force: true })
}

// Ids that no folder can be named after have one named after their hash.
function runFolder(folder: string, runId: string): string {
  return `${folder}/${fileNameOf(runId) ?? `+${createHash('sha256').update(runId).digest('hex')}`}`
}
