import { SegnoError } from '../error.ts'
import type { RunFilter, RunRow, Storage } from '../ports/storage.ts'

const pageMax = 100

/** What the list of runs says of one. Throws `RUN_UNKNOWN` where there is none. */
export async function rowOf(storage: Pick<Storage, 'row'>, runId: string): Promise<RunRow> {
  const row = await storage.row(runId)
  if (row === undefined) throw unknownRun(runId)
  return row
}

/** There is no such run. */
export function unknownRun(runId: string): SegnoError {
  return new SegnoError('RUN_UNKNOWN', `There is no run ${JSON.stringify(runId)}`)
}

/** All runs that fit, newest first, page by page. */
export async function* everyRow(
  storage: Pick<Storage, 'list'>,
  filter: RunFilter,
): AsyncGenerator<RunRow, void, undefined> {
  let cursor: string | undefined
  do {
    const page = await storage.list(filter, { limit: pageMax, ...(cursor === undefined ? {} : { cursor }) })
    yield* page.runs
    ;({ cursor } = page)
  } while (cursor !== undefined)
}
