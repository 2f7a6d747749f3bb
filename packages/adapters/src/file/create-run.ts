import {
  checkBatch,
  isTerminal,
  StorageFault,
  type CreateOutcome,
  type Lease,
  type NewRun,
  type Storage,
} from '@segno/core'
import { writeBlobFiles } from './blobs.ts'
import type { DiskFile } from './disk.ts'
import { ifPossible, onDisk, unavailable, unsupported } from './faults.ts'
import { fileNameOf } from './file-name.ts'
import { claimKey, keyFileName, unclaimKey } from './keys.ts'
import { journalOf, segmentPath } from './layout.ts'
import { currentState } from './read-run.ts'
import { batchText, type EndMark } from './record.ts'
import { applyBatch, newState, type RunState } from './run-state.ts'
import { headerText, type Creation, type SegmentHeader } from './segment.ts'
import { entryOf, inTurn, type FileStore, type RunEntry } from './store.ts'

type FirstBatch = Parameters<Storage['createRun']>[1]
type CreateOptions = Parameters<Storage['createRun']>[2]

/** A run that is to be created. */
export interface Wanted {
  readonly run: NewRun
  readonly batch: FirstBatch
  readonly options: CreateOptions
}

/** `Storage.createRun`. */
export async function createRun(store: FileStore, wanted: Wanted): Promise<CreateOutcome> {
  const { run, batch, options } = wanted
  checkBatch(run.runId, 0, batch)
  if (batch.events.length === 0) {
    throw new StorageFault('BATCH_INVALID', `Run ${JSON.stringify(run.runId)}: created without an event.`, {
      ambiguous: false,
    })
  }
  const name = fileNameOf(run.runId)
  if (name === undefined) throw unsupported(`a run with the id ${JSON.stringify(run.runId)}`)
  await onDisk(false, store.ready())
  if (options.idempotencyKey === undefined) return createInTurn(store, entryOf(store, name), wanted)
  const key = keyFileName(run.workflow, options.idempotencyKey)
  return claimKey(store, { key, run, inputHash: options.inputHash }, () =>
    createInTurn(store, entryOf(store, name), { ...wanted, key }),
  )
}

async function createInTurn(
  store: FileStore,
  entry: RunEntry,
  wanted: Wanted & { readonly key?: string },
): Promise<CreateOutcome> {
  const { run, key } = wanted
  const outcome = await inTurn(entry, async () => {
    const now = store.now()
    for (;;) {
      // The name of a run is nearly always free, and making the run tells whether it is.
      const created = entry.state === undefined ? await create(store, entry, { ...wanted, now }) : undefined
      if (created !== undefined) return created
      const existing = await onDisk(false, existingRun(store, entry, wanted))
      if (existing !== undefined) return { ...existing, now }
      await onDisk(false, clearLeftovers(store, entry))
    }
  })
  if (outcome.outcome === 'created') store.hint(run.runId, 'journal')
  if (key !== undefined && !hasKey(entry, run, key)) await onDisk(false, unclaimKey(store, key, run))
  return outcome
}

// A creation that is sent again has the key that it was created with, whatever it is told now, and no other.
function hasKey({ state }: RunEntry, { incarnation }: NewRun, key: string): boolean {
  if (state?.incarnation !== incarnation) return false
  const { workflow, idempotencyKey } = state.creation
  return idempotencyKey !== undefined && keyFileName(workflow, idempotencyKey) === key
}

/** What is told of a run that is there; the same creation sent again gets its lease again. */
async function existingRun(store: FileStore, entry: RunEntry, { run, options }: Wanted): Promise<Answer | undefined> {
  const state = await currentState(store, entry)
  if (state === undefined) return undefined
  // Its creator may not have come so far, and what is told of it has to stay true.
  await store.syncRuns()
  const first = options.claim === undefined ? undefined : firstLease(entry, state, run)
  if (first !== undefined) return { outcome: 'created', lease: first }
  return { outcome: 'existing', runId: state.runId, sameInput: state.creation.inputHash === options.inputHash }
}

type Answer =
  { readonly outcome: 'created'; readonly lease: Lease } | Omit<CreateOutcome & { outcome: 'existing' }, 'now'>

/** The lease that this very creation was given here, if it still stands. */
function firstLease(entry: RunEntry, state: RunState, { runId, incarnation }: NewRun): Lease | undefined {
  const { token, expiresAt } = state.lease
  if (state.incarnation !== incarnation || token !== 1 || entry.held?.token !== token) return undefined
  return { runId, incarnation, token, expiresAt }
}

type Creating = Wanted & { readonly now: number }

/**
 * Makes the run where nobody sees it, whole and durable, and then gives it its name:
 * a crash leaves all of it or nothing. `undefined` where the name is taken.
 */
async function create(store: FileStore, entry: RunEntry, creating: Creating): Promise<CreateOutcome | undefined> {
  const { layout } = store
  const { now, batch, run } = creating
  const staged = `${layout.staging}/${store.freshName()}`
  const creation = creationOf(creating)
  const header = headerOf(store, creating, creation)
  const head = Buffer.from(headerText(header))
  const end: EndMark = { batchId: null, n: batch.events.length, status: batch.status, wakeAt: batch.wakeAt, at: now }
  const bytes = Buffer.concat([head, Buffer.from(batchText(0, batch.events, end))])
  const file = await onDisk(false, stage(store, staged, { segment: header.segment, bytes, batch }))
  const isThere = await onDisk(true, renamed(store, { staged, folder: entry.folder, file }))
  if (!isThere) return undefined
  const state = newState(entry.folder, { header, start: head.length }, creation)
  entry.state = state
  applyBatch(state, end, { segment: header.segment, offset: head.length, next: bytes.length })
  const isClaimed = header.lease !== undefined && !isTerminal(batch.status)
  if (isClaimed) entry.held = { incarnation: run.incarnation, token: header.segment, file }
  else await onDisk(true, file.close())
  // Sent again after a failure here, the same creation finds its run and syncs it once more.
  await onDisk(true, Promise.all([store.syncRuns(), store.changes.tell()]))
  const lease = isClaimed ? firstLease(entry, state, run) : undefined
  return { outcome: 'created', now, ...(lease === undefined ? {} : { lease }) }
}

function creationOf({ run, options, now }: Creating): Creation {
  const { workflow, plan, labels, parent } = run
  const { inputHash, idempotencyKey } = options
  return {
    ...{ workflow, plan, labels, createdAt: now, inputHash },
    ...(parent === undefined ? {} : { parent }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  }
}

function headerOf({ identity }: FileStore, { run, options, now }: Creating, creation: Creation): SegmentHeader {
  const { runId, incarnation } = run
  const { claim } = options
  const header = { segment: 0, format: 1, runId, incarnation, run: creation } as const
  if (claim === undefined) return header
  return { ...header, segment: 1, lease: { owner: claim.owner, expiresAt: now + claim.ttlMs, process: identity } }
}

interface Staged {
  readonly segment: number
  readonly bytes: Uint8Array
  readonly batch: FirstBatch
}

async function stage(store: FileStore, folder: string, { segment, bytes, batch }: Staged): Promise<DiskFile> {
  const { disk } = store
  const { blobs = [] } = batch
  await disk.makeNewFolder(folder)
  await disk.makeNewFolder(journalOf(folder))
  if (blobs.length > 0) {
    await disk.makeNewFolder(`${folder}/blobs`)
    await writeBlobFiles(store, folder, blobs)
    await disk.syncFolder(`${folder}/blobs`)
  }
  const file = await disk.create(segmentPath(folder, segment), { commits: true })
  if (file === undefined) throw unavailable(new Error(`${folder} is not empty`), false)
  try {
    await Promise.all([file.commit(bytes), disk.syncFolder(journalOf(folder)), disk.syncFolder(folder)])
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

async function renamed(
  { disk }: FileStore,
  { staged, folder, file }: { readonly staged: string; readonly folder: string; readonly file: DiskFile },
): Promise<boolean> {
  let isThere = false
  try {
    isThere = await disk.rename(staged, folder)
    return isThere
  } finally {
    if (!isThere) await ifPossible(Promise.all([file.close(), disk.removeFolder(staged)]))
  }
}

/** Clears a folder away that has the name of a run but no journal: evidence that was written after a deletion. */
async function clearLeftovers({ disk, layout, freshName }: FileStore, { folder }: RunEntry): Promise<void> {
  if ((await disk.list(journalOf(folder))) !== undefined) return
  const away = `${layout.trash}/${freshName()}`
  if (await disk.rename(folder, away)) await disk.removeFolder(away)
}
