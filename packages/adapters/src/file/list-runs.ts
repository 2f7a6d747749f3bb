import { fitsFilter, StorageFault, type RunFilter, type RunPage } from '@segno/core'
import { onDisk } from './faults.ts'
import { fileNameOf, nameOfFile } from './file-name.ts'
import { rowOf, type RunState } from './run-state.ts'
import { scanAll } from './scan.ts'
import { isLost, type FileStore } from './store.ts'

/** `Storage.list`. */
export async function listRuns(
  store: FileStore,
  filter: RunFilter,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<RunPage> {
  const after = page.cursor === undefined ? undefined : placeAt(page.cursor)
  const scanned = await onDisk(
    false,
    scanAll(store, () => true),
  )
  const states = scanned
    .map(({ state }) => state)
    .filter(({ status, creation }) => fitsFilter({ ...creation, status }, filter))
  const rest = states.filter((state) => after === undefined || newestFirst(placeOf(state), after) > 0)
  rest.sort((a, b) => newestFirst(placeOf(a), placeOf(b)))
  const runs = rest.slice(0, page.limit)
  const last = runs.at(-1)
  const rows = runs.map((state) => rowOf(state, isLost(store, state.lease)))
  return { runs: rows, ...(last !== undefined && rest.length > runs.length ? { cursor: cursorOf(placeOf(last)) } : {}) }
}

// Runs of one millisecond have an order too, or a page could end between them twice.
interface Place {
  readonly createdAt: number
  readonly runId: string
}

function placeOf({ creation, runId }: RunState): Place {
  return { createdAt: creation.createdAt, runId }
}

function newestFirst(a: Place, b: Place): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt
  return a.runId === b.runId ? 0 : a.runId < b.runId ? 1 : -1
}

function cursorOf({ createdAt, runId }: Place): string {
  return `${createdAt}.${fileNameOf(runId) ?? ''}`
}

function placeAt(cursor: string): Place {
  const [, createdAt, name = ''] = /^(\d{1,16})\.(.+)$/.exec(cursor) ?? []
  const runId = nameOfFile(name)
  if (createdAt !== undefined && runId !== undefined) return { createdAt: Number(createdAt), runId }
  throw new StorageFault('CURSOR_INVALID', `${JSON.stringify(cursor)} is not a cursor of this storage.`, {
    ambiguous: false,
  })
}
