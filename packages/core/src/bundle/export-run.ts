import type { RunBundle } from '@segno/schema'
import type { Definition, RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { planFrom } from '../ports/batch.ts'
import type { InboxMessage, RunRow, Storage } from '../ports/storage.ts'
import { unknownRun } from '../runtime/known-rows.ts'
import { readBlobText } from '../runtime/read-blob.ts'
import { blobRefsIn, reuseRefsIn } from './blob-refs.ts'
import { redactBundle } from './redact-bundle.ts'
import type { Redact } from './redact-bundle.ts'

/** How a run is exported. */
export interface ExportOptions {
  /** What is replaced; values under telling keys (`keys`) unless given. `false` leaves all as it is. */
  readonly redact?: Redact | false
  /** Whether the runs that it started come with it; they do not unless given. */
  readonly children?: boolean
}

/**
 * A run as one JSON document: its plans, its journal, its values and what it has not
 * taken in yet. Reads only; a live run is exported as it is just then. Throws
 * `RUN_UNKNOWN`, and `PLAN_MISSING` or `STORAGE_INVALID` where the store lacks a part.
 */
export async function exportRun(
  storage: Storage,
  runId: string,
  { redact = 'keys', children = false }: ExportOptions = {},
): Promise<RunBundle> {
  const loaded = await storage.load(runId)
  if (loaded === undefined) throw unknownRun(runId)
  const { row, inbox } = loaded
  const events = await eventsTo(storage, row)
  const bundle: RunBundle = {
    format: 'segno-run',
    v: 1,
    row: bundleRow(row),
    plans: await plansOf(storage, events),
    events,
    blobs: await blobsOf(storage, runId, events),
    inbox: inbox.map(messageOf),
    ...(children ? { children: await childrenOf(storage, events) } : {}),
  }
  // A copy, and JSON: what a storage gives may be its own.
  const copied = JSON.parse(JSON.stringify(bundle)) as RunBundle
  return redact === false ? copied : redactBundle(copied, redact)
}

function messageOf(kept: InboxMessage): RunBundle['inbox'][number] {
  const { n: _, ...message } = kept
  return message
}

function bundleRow(row: RunRow): RunBundle['row'] {
  const { runId, incarnation, workflow, plan, labels, parent, status, head, createdAt, updatedAt, idempotencyKey } = row
  return {
    ...{ runId, incarnation, workflow, plan, labels, status, head, createdAt, updatedAt },
    ...(parent === undefined ? {} : { parent }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  }
}

async function eventsTo(storage: Storage, { runId, head }: RunRow): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  for await (const page of storage.read(runId, 1)) for (const event of page) if (event.seq <= head) events.push(event)
  return events
}

async function plansOf(storage: Storage, events: readonly RunEvent[]): Promise<Readonly<Record<string, Definition>>> {
  const plans: Record<string, Definition> = {}
  for (const event of events) {
    const hash = planFrom(event)
    if (hash === undefined) continue

    const definition = await storage.getPlan(hash)
    if (definition === undefined) throw new SegnoError('PLAN_MISSING', `The store does not have the plan ${hash}`)
    plans[hash] = definition
  }
  return plans
}

async function blobsOf(
  storage: Storage,
  runId: string,
  events: readonly RunEvent[],
): Promise<Readonly<Record<string, string>>> {
  const blobs: Record<string, string> = {}
  const add = async (sha256: string): Promise<void> => {
    if (blobs[sha256] !== undefined) return
    blobs[sha256] = await readBlobText(storage, runId, sha256)
  }
  for (const event of events) {
    for (const { sha256 } of blobRefsIn(event)) await add(sha256)
    if (event.type !== 'run.created' || event.reuseBlob === undefined) continue
    for (const { sha256 } of reuseRefsIn(JSON.parse(blobs[event.reuseBlob.sha256] ?? '{}'))) await add(sha256)
  }
  return blobs
}

async function childrenOf(storage: Storage, events: readonly RunEvent[]): Promise<readonly RunBundle[]> {
  const bundles: RunBundle[] = []
  for (const event of events) {
    if (event.type !== 'child.started' || (await storage.row(event.child)) === undefined) continue
    bundles.push(await exportRun(storage, event.child, { redact: false, children: true }))
  }
  return bundles
}
