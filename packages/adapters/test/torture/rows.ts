import { isDeepStrictEqual } from 'node:util'
import type { RunRow, Storage } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import type { Journal } from './journal.ts'

/** What a storage makes of what it keeps, where that is something else than the journals say. */
export async function rows(storage: Storage, journals: readonly Journal[]): Promise<string[]> {
  const wrong: string[] = []
  const keys = new Set<string>()
  for (const { runId, written, row: stored } of journals) {
    const row = await storage.row(runId)
    const events: RunEvent[] = []
    for await (const page of storage.read(runId, 1)) events.push(...page)
    const told = { status: row?.status, head: row?.head, wakeAt: row?.wakeAt, isHeld: row?.holder !== undefined }
    const wanted = { ...statusOf(written), head: written.length, wakeAt: null, isHeld: false }
    for (const said of stored === undefined ? [told] : [told, stored]) {
      if (isDeepStrictEqual(said, wanted)) continue
      wrong.push(`${runId}: the row says ${JSON.stringify(said)}, the journal ${JSON.stringify(wanted)}`)
    }
    const same = written.map(({ event }) => event)
    if (!isDeepStrictEqual(events, same)) wrong.push(`${runId}: the storage reads other events than it keeps`)
    const loaded = await loadedEvents(storage, runId)
    if (!isDeepStrictEqual(loaded, same.slice(same.length - loaded.length))) {
      wrong.push(`${runId}: what is loaded behind the snapshot is not what the journal has there`)
    }
    const key = keyOf(row)
    if (key !== undefined && keys.has(key)) wrong.push(`${runId}: another run has the key ${key}`)
    if (key !== undefined) keys.add(key)
  }
  return wrong
}

// Those behind the snapshot; all without one.
async function loadedEvents(storage: Storage, runId: string): Promise<readonly RunEvent[]> {
  const { snapshot, tail, row } = (await storage.load(runId)) ?? {}
  const events: RunEvent[] = []
  for await (const page of tail ?? []) events.push(...page)
  const missing = (row?.head ?? 0) - (snapshot?.seq ?? 0) - events.length
  if (missing !== 0) throw new Error(`${runId}: ${missing} events are missing between the snapshot and the head`)
  return events
}

function keyOf(row: RunRow | undefined): string | undefined {
  return row?.idempotencyKey === undefined ? undefined : `${row.workflow} ${row.idempotencyKey}`
}

/** Of a run that is over. Whoever did not end was blocked: anything else is found wrong elsewhere. */
export function statusOf(written: Journal['written']): { readonly status: string } {
  const last = written.at(-1)?.event.type ?? ''
  const [, ended] = /^run\.(completed|failed|cancelled)$/.exec(last) ?? []
  return { status: ended ?? 'blocked' }
}
