import { StorageFault, type RunFilter, type RunPage } from '@segno/core'
import { keptLabels, keptName } from './names.ts'
import { rowFrom, type KeptRow } from './rows.ts'
import { look, type PostgresStore } from './store.ts'

/** `Storage.list`: newest first, by the order in which runs were created. */
export async function listRuns(
  store: PostgresStore,
  filter: RunFilter,
  page: { readonly limit: number; readonly cursor?: string },
): Promise<RunPage> {
  const { schema } = store
  const values: unknown[] = []
  const conditions = ['true']
  if (page.cursor !== undefined) conditions.push(`id < $${values.push(placeOf(page.cursor))}`)
  if (filter.status !== undefined) conditions.push(`status = ANY ($${values.push(filter.status)}::text[])`)
  if (filter.workflow !== undefined) conditions.push(`workflow = $${values.push(keptName(filter.workflow))}`)
  const labels = keptLabels(filter.labels ?? {})
  if (labels.length > 0) {
    // The index is without those that have none, and told so.
    conditions.push(`label_pairs <> '{}' AND label_pairs @> $${values.push(labels)}::text[]`)
  }
  // One more than asked for tells that there is a next page.
  const text = `SELECT json_build_object('now', ${schema}.now_ms(), 'runs', (
    SELECT json_agg(json_build_array(id, ${schema}.run_row(r)) ORDER BY id DESC) FROM (
      SELECT * FROM ${schema}.runs WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT $${values.push(page.limit + 1)}
    ) AS r))`
  const { now, runs } = (await look<ListAnswer>(store, text, values)) ?? { now: 0, runs: null }
  const found = (runs ?? []).slice(0, page.limit)
  const last = found.at(-1)
  return {
    runs: found.map(([, row]) => rowFrom(store, row, now)),
    ...((runs ?? []).length > page.limit && last !== undefined ? { cursor: String(last[0]) } : {}),
  }
}

interface ListAnswer {
  readonly now: number
  readonly runs: readonly (readonly [id: number, row: KeptRow])[] | null
}

function placeOf(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor)
  throw new StorageFault('CURSOR_INVALID', `${JSON.stringify(cursor)} is not a cursor of this storage.`, {
    ambiguous: false,
  })
}
