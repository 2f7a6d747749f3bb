import type { RunBundle } from '@segno/schema'
import { planHash, sha256Hex } from '@segno/schema/plan'
import type { BlobRef, Json, JsonObject, RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { decide } from '../kernel/decide.ts'
import { runStatus, wakeAt } from '../kernel/outstanding.ts'
import type { Plan } from '../kernel/plan.ts'
import { isTerminal } from '../kernel/state.ts'
import type { RunState } from '../kernel/state.ts'
import { planFrom } from '../ports/batch.ts'
import type { Storage } from '../ports/storage.ts'
import { uniqueId } from '../runtime/ids.ts'
import { inputHash } from '../runtime/run-beginning.ts'
import { checkRunId } from '../runtime/start-checks.ts'
import { blobRefsIn, reuseRefsIn } from './blob-refs.ts'
import { foldEvents, invalid, plansOfBundle } from './fold-bundle.ts'
import type { BundlePlans } from './fold-bundle.ts'

/** How a run is imported. */
export interface ImportOptions {
  /** Who imports it; the journal of a live run says so. */
  readonly actor?: string
}

/** What came of an import. */
export interface ImportedRun {
  readonly runId: string
  /** A run that had not ended is paused: nothing of it starts by itself. */
  readonly status: 'completed' | 'failed' | 'cancelled' | 'paused'
}

/**
 * Puts an exported run into a store, under its own id and in one write. A run that has
 * ended is there as it was. One that has not is paused by `actor`, and its attempts
 * are lost: whoever resumes it runs them again. Throws `RUN_EXISTS` where the store has
 * a run of that id or idempotency key, and `BUNDLE_INVALID` with the place of what does not hold together.
 */
export async function importRun(
  storage: Storage,
  given: unknown,
  { actor = 'segno import' }: ImportOptions = {},
): Promise<ImportedRun> {
  const bundle = await readBundle(given)
  const planOf = plansOfBundle(bundle)
  const state = foldEvents(planOf, bundle.events)
  const plan = planOf(state.planHash)
  assertRow(bundle, state)
  const { now } = await storage.renew({ leases: [], ttlMs: claimMs })
  const added = isTerminal(state) ? [] : rest(plan, state, { actor, now: Math.floor(now) })
  for (const [hash, definition] of Object.entries(bundle.plans)) await storage.putPlan(hash, definition)
  await create(storage, bundle, { plan: firstPlan(bundle, planOf), state, events: [...bundle.events, ...added] })
  for (const child of bundle.children ?? []) await importRun(storage, child, { actor })
  return { runId: bundle.row.runId, status: runStatus(state) as ImportedRun['status'] }
}

/** A bundle that holds together: its shape, its hashes, its order. Throws `BUNDLE_INVALID` with the first place where not. */
export async function readBundle(given: unknown): Promise<RunBundle> {
  // The schemas bring zod, which a host that imports nothing never loads.
  const { RunBundle: schema } = await import('@segno/schema/bundle')
  const { data: bundle, error } = schema.safeParse(given)
  if (bundle === undefined) {
    const [issue] = error.issues
    const pointer = (issue?.path ?? []).map((key) => `/${String(key)}`).join('')
    throw invalid(pointer, issue?.message ?? 'it is no bundle', error)
  }
  const { row, events, plans, blobs } = bundle
  checkRunId(row.runId)
  for (const [hash, definition] of Object.entries(plans)) {
    if (planHash(definition) !== hash) throw invalid(`/plans/${hash}`, 'the hash is not that of the definition')
  }
  for (const [sha256, text] of Object.entries(blobs)) {
    if (sha256Hex(text) !== sha256) throw invalid(`/blobs/${sha256}`, 'the hash is not that of the text')
  }
  for (const [index, event] of events.entries()) {
    if (event.seq !== index + 1) throw invalid(`/events/${index}/seq`, `it is ${event.seq}, expected ${index + 1}`)
    if (event.runId !== row.runId) throw invalid(`/events/${index}/runId`, `it is of run ${event.runId}`)
    assertPlan(event, plans, `/events/${index}`)
    for (const ref of refsOf(event, blobs)) assertBlob(ref, blobs, `/events/${index}`)
  }
  if (row.head !== events.length) throw invalid('/row/head', `it is ${row.head}, and there are ${events.length} events`)
  return bundle
}

// A run that was migrated has several, and each is named where the run begins to go by it.
function assertPlan(event: RunEvent, plans: RunBundle['plans'], pointer: string): void {
  const hash = planFrom(event)
  if (hash === undefined || plans[hash] !== undefined) return
  throw invalid(`${pointer}/${event.type === 'plan.migrated' ? 'to' : 'plan'}`, `the plan ${hash} is missing`)
}

function refsOf(event: RunEvent, blobs: RunBundle['blobs']): readonly BlobRef[] {
  const refs = blobRefsIn(event)
  const reuse =
    event.type === 'run.created' && event.reuseBlob !== undefined ? blobs[event.reuseBlob.sha256] : undefined
  return reuse === undefined ? refs : [...refs, ...reuseRefsIn(JSON.parse(reuse) as Json)]
}

function assertBlob({ sha256, size }: BlobRef, blobs: RunBundle['blobs'], pointer: string): void {
  const text = blobs[sha256]
  if (text === undefined) throw invalid(pointer, `the value ${sha256} is missing`)
  const bytes = new TextEncoder().encode(text).length
  if (bytes !== size) throw invalid(pointer, `the value ${sha256} has ${bytes} bytes, expected ${size}`)
}

// What the list says has to be what the journal says.
function assertRow({ row, events }: RunBundle, state: RunState): void {
  const told = { incarnation: row.incarnation, workflow: row.workflow, plan: row.plan }
  const known = { incarnation: state.incarnation, workflow: state.workflow, plan: state.planHash }
  for (const key of ['incarnation', 'workflow', 'plan'] as const) {
    if (told[key] !== known[key]) throw invalid(`/row/${key}`, `it is ${told[key]}, and the journal says ${known[key]}`)
  }
  const status = runStatus(state)
  if (isTerminal(state) && row.status !== status) {
    throw invalid('/row/status', `it is ${row.status}, and the journal of ${events.length} events says ${status}`)
  }
  if (state.status === 'cancelling') {
    throw invalid('/row/status', 'the run is being cancelled and cannot be paused; export it once it has ended')
  }
}

const claimMs = 60_000

// Its attempts were those of another process, whatever its token: none of them is under way here.
function rest(
  plan: Plan,
  state: RunState,
  { actor, now }: { readonly actor: string; readonly now: number },
): RunEvent[] {
  const circumstances = { now, token: 0, seed: 0, blobs: new Map<string, Json>(), hold: true }
  const pause = { id: uniqueId('imp'), name: 'segno.pause', payload: {}, sender: actor }
  const paused = state.paused ? [] : decide(plan, state, { type: 'messages', messages: [pause] }, circumstances).events
  return [...paused, ...decide(plan, state, { type: 'adopted', crashed: false }, circumstances).events]
}

// A key stands for the call that began the run, whatever plan it goes by now.
function firstPlan({ events }: RunBundle, planOf: BundlePlans): Plan {
  const [created] = events
  return planOf(created?.type === 'run.created' ? created.plan : '')
}

interface Creating {
  /** That it was started with. */
  readonly plan: Plan
  readonly state: RunState
  readonly events: readonly RunEvent[]
}

async function create(storage: Storage, bundle: RunBundle, { plan, state, events }: Creating): Promise<void> {
  const { row, inbox, blobs } = bundle
  const { runId, incarnation, workflow, plan: hash, labels, parent, idempotencyKey } = row
  const run = { runId, incarnation, workflow, plan: hash, labels, ...(parent === undefined ? {} : { parent }) }
  const values = Object.entries(blobs).map(([sha256, text]) => ({
    ...{ sha256, text },
    size: new TextEncoder().encode(text).length,
  }))
  const batch = { events, blobs: values, status: runStatus(state), wakeAt: wakeAt(state) }
  const input = inputOf(bundle)
  const outcome = await storage.createRun(run, batch, {
    inputHash: inputHash(plan, input, { id: runId, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) }),
    claim: { owner: uniqueId('imp'), ttlMs: claimMs },
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  })
  if (outcome.outcome === 'existing') {
    throw new SegnoError('RUN_EXISTS', `The store has the run ${outcome.runId} already`, {
      details: { runId: outcome.runId },
    })
  }
  const { lease } = outcome
  if (lease === undefined) return
  // What the run has taken in before is taken in no more: the store knows messages by their ids.
  const taken = takenIds(bundle.events)
  for (const id of taken) await storage.deliver(runId, { id, name: 'segno.imported', payload: null })
  const { outcome: written } = await storage.append({
    ...{ runId, incarnation, token: lease.token, batchId: uniqueId('imp'), expectedSeq: events.length, events: [] },
    ...{ status: batch.status, wakeAt: batch.wakeAt, consume: taken, release: true },
  })
  if (written !== 'ok') throw new SegnoError('STORAGE_INVALID', `The import of run ${runId} ended as ${written}`)
  for (const { deliveredAt: _, ...message } of inbox) await storage.deliver(runId, message)
}

function takenIds(events: readonly RunEvent[]): readonly string[] {
  const ids = events.flatMap((event) => {
    switch (event.type) {
      case 'signal.received':
      case 'signal.ignored':
      case 'task.answered':
      case 'cancel.requested':
      case 'operator.acted':
        return [event.id]
      case 'child.settled':
        return [event.child]
      default:
        return []
    }
  })
  return [...new Set(ids)]
}

function inputOf({ events, blobs }: RunBundle): JsonObject {
  const [created] = events
  if (created?.type !== 'run.created') throw invalid('/events/0', 'a journal begins with run.created')
  const { input, inputBlob } = created
  return (inputBlob === undefined ? (input ?? {}) : JSON.parse(blobs[inputBlob.sha256] ?? '{}')) as JsonObject
}
