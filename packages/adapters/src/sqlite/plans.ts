import { crc32 } from 'node:zlib'
import { damaged } from './faults.ts'
import type { Store } from './store.ts'

/** `Storage.putPlan`. */
export function putPlan(
  { database }: Store,
  { hash, json }: { readonly hash: string; readonly json: string },
): undefined {
  database.run(
    'INSERT INTO segno_plans (hash, json, crc) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    hash,
    json,
    crc32(json),
  )
}

/** `Storage.getPlan`, as JSON text. */
export function getPlan(store: Store, { hash }: { readonly hash: string }): string | undefined {
  const plan = recordOf(store, hash)
  if (plan !== undefined && !isSound(plan)) {
    throw damaged(`${store.database.file}: plan ${hash}`, 'it has a wrong checksum')
  }
  return plan?.json
}

/** The plan that comes with a run; left out where it is damaged, which is told to whoever asks for the plan itself. */
export function soundPlan(store: Store, hash: string): string | undefined {
  const plan = recordOf(store, hash)
  return plan !== undefined && isSound(plan) ? plan.json : undefined
}

interface PlanRecord {
  readonly json: string
  readonly crc: number
}

function recordOf({ database }: Store, hash: string): PlanRecord | undefined {
  return database.one<PlanRecord>('SELECT json, crc FROM segno_plans WHERE hash = ?', hash)
}

function isSound({ json, crc }: PlanRecord): boolean {
  return crc32(json) === crc
}
