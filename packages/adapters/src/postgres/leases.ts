import type { AcquiredRun, LeaseName, Storage } from '@segno/core'
import { keptLabels, keptName } from './names.ts'
import { rowFrom, type KeptRow } from './rows.ts'
import { change, type PostgresStore } from './store.ts'

type AcquireOptions = Parameters<Storage['acquire']>[0]
type RenewOptions = Parameters<Storage['renew']>[0]

/** `Storage.acquire`: one statement. Runs that another process is just taking or writing are passed over. */
export async function acquire(store: PostgresStore, options: AcquireOptions): ReturnType<Storage['acquire']> {
  const { text, values } = acquireStatement(store.schema, options)
  const { now, runs } = await change<AcquireAnswer>(store, text, values)
  return { now, runs: runs.map(({ row, expired }) => acquiredFrom(row, expired, now)) }
}

/** The statement of `acquire`. */
export function acquireStatement(
  schema: string,
  options: AcquireOptions,
): { readonly text: string; readonly values: readonly unknown[] } {
  const { owner, ttlMs, limit, runIds, workflows, labels = {}, except = {} } = options
  const values: unknown[] = [keptName(owner), ttlMs, limit]
  const conditions = ['due_at <= (SELECT now FROM clock)']
  const among = (condition: string, names: readonly string[]): void => {
    conditions.push(`${condition} ($${values.push(names.map(keptName))}::text[])`)
  }
  if (runIds !== undefined) among('run_id = ANY', runIds)
  if (workflows !== undefined) among('workflow = ANY', workflows)
  if (except.runIds !== undefined) among('run_id <> ALL', except.runIds)
  if (except.plans !== undefined) among('plan <> ALL', except.plans)
  const wanted = keptLabels(labels)
  if (wanted.length > 0) conditions.push(`label_pairs @> $${values.push(wanted)}::text[]`)
  const text = `
WITH clock AS MATERIALIZED (SELECT ${schema}.write_ms() AS now), due AS MATERIALIZED (
  SELECT id, due_at, lease_expires_at IS NOT NULL AS expired FROM ${schema}.runs
  WHERE ${conditions.join(' AND ')}
  ORDER BY due_at, id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
), leased AS (
  UPDATE ${schema}.runs AS r SET token = r.token + 1, owner = $1,
    lease_expires_at = clock.now + $2::float8, due_at = clock.now + $2::float8
  FROM due, clock WHERE r.id = due.id
  RETURNING r.id, due.due_at, json_build_object('expired', due.expired, 'row', ${schema}.run_row(r)) AS run
)
SELECT json_build_object('now', (SELECT now FROM clock),
  'runs', coalesce((SELECT json_agg(run ORDER BY due_at, id) FROM leased), '[]'))`
  return { text, values }
}

/** `Storage.renew`: one statement, also for many leases. */
export async function renew(store: PostgresStore, { leases, ttlMs }: RenewOptions): ReturnType<Storage['renew']> {
  const { schema } = store
  // In one order, so that two that renew the same leases wait for each other and not for ever.
  const text = `
WITH clock AS MATERIALIZED (SELECT ${schema}.write_ms() AS now), held AS MATERIALIZED (
  SELECT r.id, wanted.place
  FROM unnest($1::text[], $2::text[], $3::bigint[]) WITH ORDINALITY AS wanted (run_id, incarnation, token, place)
  JOIN ${schema}.runs AS r USING (run_id, incarnation, token)
  WHERE r.lease_expires_at > (SELECT now FROM clock) ORDER BY r.id FOR NO KEY UPDATE OF r
), renewed AS (
  UPDATE ${schema}.runs AS r SET lease_expires_at = clock.now + $4::float8, due_at = clock.now + $4::float8
  FROM held, clock WHERE r.id = held.id
  RETURNING held.place, json_build_object('place', held.place, 'expiresAt', r.lease_expires_at, 'inboxHead', r.inbox_head) AS lease
)
SELECT json_build_object('now', (SELECT now FROM clock),
  'renewed', coalesce((SELECT json_agg(lease ORDER BY place) FROM renewed), '[]'))`
  const values = [
    leases.map(({ runId }) => keptName(runId)),
    leases.map(({ incarnation }) => keptName(incarnation)),
    leases.map(({ token }) => token),
    ttlMs,
  ]
  const { now, renewed } = await change<RenewAnswer>(store, text, values)
  return {
    now,
    renewed: renewed.map(({ place, ...lease }) => ({ runId: leases[place - 1]?.runId ?? '', ...lease })),
  }
}

/** `Storage.release`. */
export async function release(store: PostgresStore, { runId, incarnation, token }: LeaseName): Promise<void> {
  const { schema } = store
  const text = `
WITH clock AS MATERIALIZED (SELECT ${schema}.write_ms() AS now), released AS (
  UPDATE ${schema}.runs SET lease_expires_at = NULL, due_at = clock.now FROM clock
  WHERE run_id = $1 AND incarnation = $2 AND token = $3 AND lease_expires_at > clock.now RETURNING 1
)
SELECT count(*) FROM released`
  const released = await change<number>(store, text, [keptName(runId), keptName(incarnation), token])
  if (released > 0) store.hint(runId, 'journal')
}

interface AcquireAnswer {
  readonly now: number
  readonly runs: readonly { readonly expired: boolean; readonly row: KeptRow }[]
}

interface RenewAnswer {
  readonly now: number
  readonly renewed: readonly { readonly place: number; readonly expiresAt: number; readonly inboxHead: number }[]
}

function acquiredFrom(kept: KeptRow, expired: boolean, now: number): AcquiredRun {
  const row = rowFrom(kept, now)
  const { runId, incarnation } = row
  return { lease: { runId, incarnation, token: kept.token, expiresAt: kept.expiresAt ?? now }, row, expired }
}
