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
export function getPlan({ database }: Store, { hash }: { readonly hash: string }): string | undefined {
  const plan = database.one<{ json: string; crc: number }>('SELECT json, crc FROM segno_plans WHERE hash = ?', hash)
  if (plan !== undefined && crc32(plan.json) !== plan.crc) {
    throw damaged(`${database.file}: plan ${hash}`, 'it has a wrong checksum')
  }
  return plan?.json
}
