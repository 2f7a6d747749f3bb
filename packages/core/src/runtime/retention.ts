import { SegnoError } from '../error.ts'
import { isTerminal } from '../ports/batch.ts'
import type { RunFilter, RunRow, Storage } from '../ports/storage.ts'
import { everyRow, rowOf } from './known-rows.ts'

/** Which runs are deleted: ended ones, the rules together. At least one of `endedForMs` and `keep` is given. */
export interface RetainOptions {
  /** Only those that ended at least this long ago, in milliseconds. */
  readonly endedForMs?: number
  /** How many of the newest that have ended stay, whatever their age is. */
  readonly keep?: number
  /** Only these. */
  readonly filter?: Pick<RunFilter, 'workflow' | 'labels' | 'status'>
  /** Whether it is only told what would be deleted. */
  readonly dryRun?: boolean
}

/** What is deleted together: a run, and before it the runs that it has started, and theirs. */
type Family = readonly RunRow[]

/**
 * Deletes a run with the runs that it has started, those first: at no time is there one
 * whose parent is gone. Throws `RUN_UNKNOWN`, and `RUN_OPEN` where one of them has not
 * ended, or the run that started it has not.
 */
export async function deleteRun(storage: Storage, runId: string): Promise<void> {
  const row = await rowOf(storage, runId)
  const family = await familyOf(storage, row)
  const parent = row.parent && (await storage.row(row.parent.runId))
  const open = [...family, ...(parent === undefined ? [] : [parent])].find(({ status }) => !isTerminal(status))
  if (open !== undefined) throw openError(runId, open)
  for (const one of family) await storage.delete(one.runId)
}

/**
 * Deletes runs that have ended, page by page, each with the runs that it has started, as
 * soon as all of them have ended. Gives the rows of those that it deleted, or would.
 */
export async function retain(storage: Storage, options: RetainOptions, now: number): Promise<readonly RunRow[]> {
  const { endedForMs = 0, keep = 0, filter = {}, dryRun = false } = checked(options)
  const gone: RunRow[] = []
  let ended = 0
  for await (const row of everyRow(storage, filter)) {
    // A run that another one has started goes with that one, which may still ask what became of it.
    if (!isTerminal(row.status) || (row.parent && (await storage.row(row.parent.runId)) !== undefined)) continue
    ended += 1
    if (ended <= keep || now - row.updatedAt < endedForMs) continue
    const family = await familyOf(storage, row)
    if (family.some(({ status, updatedAt }) => !isTerminal(status) || now - updatedAt < endedForMs)) continue
    for (const one of family) if (dryRun || (await storage.delete(one.runId))) gone.push(one)
  }
  return gone
}

// The journal of a run names those that it has started, also one of which nothing else is known yet.
async function familyOf(storage: Storage, row: RunRow, seen: Set<string> = new Set([row.runId])): Promise<Family> {
  const family: RunRow[] = []
  for await (const page of storage.read(row.runId, 1)) {
    for (const event of page) {
      const child = 'child' in event && typeof event.child === 'string' ? event.child : undefined
      if (child === undefined || seen.has(child)) continue
      seen.add(child)
      const childRow = await storage.row(child)
      if (childRow?.parent?.runId === row.runId) family.push(...(await familyOf(storage, childRow, seen)))
    }
  }
  return [...family, row]
}

function checked(options: RetainOptions): RetainOptions {
  const { endedForMs, keep } = options
  if (endedForMs === undefined && keep === undefined)
    throw invalid('Nothing says which runs are to be deleted: give `endedForMs`, `keep`, or both')
  if (endedForMs !== undefined && (!Number.isFinite(endedForMs) || endedForMs < 0))
    throw invalid(`\`endedForMs\` is ${endedForMs}; expected milliseconds from 0`)
  if (keep !== undefined && (!Number.isSafeInteger(keep) || keep < 0))
    throw invalid(`\`keep\` is ${keep}; expected a whole number from 0`)
  return options
}

function invalid(message: string): SegnoError {
  return new SegnoError('ARGUMENT_INVALID', message)
}

function openError(runId: string, open: RunRow): SegnoError {
  const which = open.runId === runId ? `The run ${runId}` : `The run ${open.runId}, which belongs to ${runId},`
  return new SegnoError('RUN_OPEN', `${which} has not ended: it is ${open.status}`, {
    details: { runId: open.runId, status: open.status },
  })
}
