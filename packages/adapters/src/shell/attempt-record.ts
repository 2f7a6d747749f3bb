import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProcessIdentity } from '../process/process-identity.ts'

/** What `process.json` tells of an attempt. */
export interface AttemptRecord {
  /** Of the leader of the process group, whose number is the group's. */
  readonly identity: ProcessIdentity
  /** Masked. */
  readonly argv: readonly string[]
  readonly cwd: string
  /** Names of variables. */
  readonly env: readonly string[]
  readonly startedAt: string
  /** Set once nobody was left in the group. */
  readonly endedAt?: string
  readonly exitCode?: number | null
  readonly signal?: string | null
}

const file = 'process.json'

/** Writes the record as a whole or not at all. */
export async function writeRecord(folder: string, record: AttemptRecord): Promise<void> {
  const path = join(folder, file)
  await writeFile(`${path}.new`, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

/** What can be relied on of a record: `undefined` where there is none, or it is not one of ours. */
export async function readRecord(
  folder: string,
): Promise<{ readonly identity: ProcessIdentity; readonly hasEnded: boolean } | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(join(folder, file), 'utf8'))
    if (typeof record !== 'object' || record === null || !('identity' in record)) return undefined
    return isIdentity(record.identity) ? { identity: record.identity, hasEnded: 'endedAt' in record } : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false
  const { pid, host } = value as Readonly<Record<string, unknown>>
  // A group number of 1 or less would mean every process.
  return Number.isSafeInteger(pid) && Number(pid) > 1 && typeof host === 'string'
}
