import type { AcquiredRun, LeaseName, Storage } from '@segno/core'
import { keptLabels, keptName } from './names.ts'
import { rowFrom, type KeptRow } from './rows.ts'
import { change, type PostgresStore } from './store.ts'

type AcquireOptions = Parameters<Storage['acquire']>[0]
type RenewOptions = Parameters<Storage['renew']>[0]

/** `Storage.acquire`: one call of the function in the store. Runs that another process is just taking or writing are passed over. */
export async function acquire(store: PostgresStore, options: AcquireOptions): ReturnType<Storage['acquire']> {
  const { owner, ttlMs, limit, runIds, workflows, labels = {}, except = {} } = options
  const wanted = keptLabels(labels)
  const text = `SELECT ${store.schema}.acquire($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
  await store.ready()
  const ask = async (most: number, dead: readonly string[]): Promise<AcquireAnswer> => {
    const { process, identity } = store.host.named()
    const answer = await change<AcquireAnswer>(store, text, [
      ...[keptName(owner), ttlMs, most, keptNames(runIds), keptNames(workflows)],
      ...[wanted.length === 0 ? null : wanted, keptNames(except.runIds), keptNames(except.plans)],
      ...[process, store.host.boot, identity, dead],
    ])
    store.host.isNumbered(answer.process)
    return answer
  }
  const told = ({ now, runs }: AcquireAnswer): AcquiredRun[] =>
    runs.map(({ row, expired }) => acquiredFrom(store, { row, expired, now }))
  const first = await ask(limit, store.host.ended())
  const runs = told(first)
  const dead = (first.neighbours ?? []).filter((identity) => store.host.isDead(identity))
  if (dead.length === 0) return { now: first.now, runs }
  // What they held is due at once.
  const then = await ask(limit - runs.length, dead)
  return { now: then.now, runs: [...runs, ...told(then)] }
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
  WHERE r.lease_expires_at > (SELECT now FROM clock) ORDER BY r.run_id FOR NO KEY UPDATE OF r
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
  UPDATE ${schema}.runs SET lease_expires_at = NULL, due_at = clock.now, process = NULL FROM clock
  WHERE run_id = $1 AND incarnation = $2 AND token = $3 AND lease_expires_at > clock.now RETURNING 1
)
SELECT count(*) FROM released`
  const released = await change<number>(store, text, [keptName(runId), keptName(incarnation), token])
  if (released > 0) store.hint(runId, 'journal')
}

interface AcquireAnswer {
  readonly now: number
  readonly runs: readonly { readonly expired: boolean; readonly row: KeptRow }[]
  /** The number of this process. */
  readonly process: number | null
  /** The identities of other processes of this system; `null` where there are none. */
  readonly neighbours: readonly string[] | null
}

interface RenewAnswer {
  readonly now: number
  readonly renewed: readonly { readonly place: number; readonly expiresAt: number; readonly inboxHead: number }[]
}

interface Taken {
  readonly row: KeptRow
  readonly expired: boolean
  readonly now: number
}

function acquiredFrom(store: PostgresStore, { row: kept, expired, now }: Taken): AcquiredRun {
  const row = rowFrom(store, kept, now)
  const { runId, incarnation } = row
  return { lease: { runId, incarnation, token: kept.token, expiresAt: kept.expiresAt ?? now }, row, expired }
}

function keptNames(names: readonly string[] | undefined): readonly string[] | null {
  return names?.map(keptName) ?? null
}
