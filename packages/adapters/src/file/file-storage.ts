import { randomUUID } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { Evidence, LoadedRun, RunRow, Storage } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import { threadKeeper } from '../keeper/thread-keeper.ts'
import { isDead, ownIdentity, type ProcessIdentity } from '../process/process-identity.ts'
import { append } from './append.ts'
import { readBlob } from './blobs.ts'
import { changesIn } from './changes.ts'
import { createRun } from './create-run.ts'
import { deleteRun } from './delete-run.ts'
import { deliver } from './deliver.ts'
import type { Disk } from './disk.ts'
import { onDisk } from './faults.ts'
import { fileNameOf } from './file-name.ts'
import { fileHints } from './hints.ts'
import { unconsumed } from './inbox.ts'
import { attemptFolder, layoutOf, type Layout } from './layout.ts'
import { acquire, release, renew } from './leases.ts'
import { listRuns } from './list-runs.ts'
import { nodeDisk } from './node-disk.ts'
import { getPlan, putPlan } from './plans.ts'
import { eventsOf } from './read-events.ts'
import { currentState } from './read-run.ts'
import { markBefore, rowOf, type RunState } from './run-state.ts'
import { sharedSync } from './shared-sync.ts'
import { readSnapshot } from './snapshot-file.ts'
import { entryOf, inTurn, isLost, letGo, type FileStore } from './store.ts'

/** How a file storage behaves. */
export interface FileStorageOptions {
  /** The folder of the store; made when something is written. */
  readonly dir: string
  /** The store's clock, epoch ms; `Date.now` unless given. */
  readonly now?: () => number
  /** The file system; this machine's unless given. */
  readonly disk?: Disk
  /** Which process this is, and which others have ended; as the host says unless given. */
  readonly process?: { readonly identity: ProcessIdentity; readonly isDead: (other: ProcessIdentity) => boolean }
}

/** A storage in a folder, for several processes of one host. */
export interface FileStorage extends Storage {
  /** Where attempts leave what people read. */
  readonly evidence: Evidence
  subscribe: NonNullable<Storage['subscribe']>
  /**
   * Closes all files, after what was asked for before is done. Leases that are held
   * stay held until they run out or the process ends. Again, it does nothing.
   */
  close(): Promise<void>
}

/**
 * A storage in a folder: a journal a run that people can read, durable through a
 * loss of power. Several processes of one host may use one folder; network file
 * systems are not supported. Made for up to 10,000 runs that have not ended.
 */
export function fileStorage(options: FileStorageOptions): FileStorage {
  const hints = fileHints()
  const store = storeOf(options, hints.send)
  return {
    capabilities: { multiProcess: true, durability: 'power', transactions: false },
    putPlan: (hash, definition) => onDisk(true, putPlan(store, hash, definition)),
    getPlan: (hash) => onDisk(false, getPlan(store, hash)),
    createRun: (run, batch, createOptions) => createRun(store, { run, batch, options: createOptions }),
    row: (runId) => onDisk(false, row(store, runId)),
    load: (runId) => onDisk(false, load(store, runId)),
    read: (runId, from) => read(store, runId, from),
    append: (request) => append(store, request),
    getBlob: (runId, sha256) => onDisk(false, blob(store, runId, sha256)),
    deliver: (runId, message) => onDisk(false, deliver(store, runId, message)),
    inbox: (runId, after) => onDisk(false, inbox(store, runId, after)),
    acquire: (wanted) => acquire(store, wanted),
    renew: (wanted) => renew(store, wanted),
    release: (lease) => release(store, lease),
    list: (filter, page) => listRuns(store, filter, page),
    delete: (runId) => deleteRun(store, runId),
    subscribe: (callback) => hints.subscribe(store, callback),
    // Only what is as another thread would open it can be kept from there.
    ...(options.disk === undefined && options.now === undefined && options.process === undefined
      ? { keeper: (wanted) => threadKeeper({ kind: 'file', options: { dir: store.layout.root } }, wanted) }
      : {}),
    evidence: {
      folder: (runId, path, attempt) => attemptFolder(`${store.layout.runs}/${fileNameOf(runId) ?? ''}`, path, attempt),
    },
    async close() {
      await hints.close()
      const entries = [...store.entries.values()]
      await onDisk(false, Promise.all(entries.map((entry) => inTurn(entry, () => letGo(entry)))))
      await Promise.all(entries.map(({ forPeople }) => forPeople))
    },
  }
}

function storeOf(options: FileStorageOptions, hint: FileStore['hint']): FileStore {
  const { now = Date.now, disk = nodeDisk() } = options
  const host = options.process ?? { identity: ownIdentity(), isDead }
  const name = randomUUID()
  const layout = layoutOf(resolve(options.dir))
  let made = 0
  let folders: Promise<void> | undefined
  let above: string | undefined
  const make = async (): Promise<void> => {
    // Asked once: what a try that failed has made is there for the next one, and may not last.
    above ??= await folderThere(disk, dirname(layout.root))
    await makeFolders(disk, layout, above)
  }
  return {
    ...{ disk, layout, now, hint, name },
    ...host,
    syncRuns: sharedSync(() => disk.syncFolder(layout.runs)),
    entries: new Map(),
    plans: new Set(),
    keyTurns: new Map(),
    deletions: 0,
    changes: changesIn(disk, layout.changes),
    looked: undefined,
    freshName: () => `${name}-${(made += 1)}`,
    async ready() {
      folders ??= make()
      try {
        await folders
      } catch (error) {
        folders = undefined
        throw error
      }
    },
  }
}

async function makeFolders(disk: Disk, { root, ...folders }: Layout, above: string): Promise<void> {
  const { plans, keys, runs, staging, sending, trash } = folders
  await disk.makeFolder(root)
  const make = async (folder: string): Promise<void> => {
    if (!(await disk.has(folder))) await disk.makeFolder(folder)
  }
  await Promise.all([plans, keys, runs, staging, sending, trash].map(make))
  await disk.syncFolder(root)
  // A folder that is made lasts once the one above it is synced.
  for (let folder = root; folder !== above; folder = dirname(folder)) await disk.syncFolder(dirname(folder))
  // What a process did not come to remove.
  const left = (await disk.list(trash)) ?? []
  await Promise.all(left.map((name) => disk.removeFolder(`${trash}/${name}`)))
}

/** The lowest folder on the way to one that is there already. */
async function folderThere(disk: Disk, folder: string): Promise<string> {
  let there = folder
  while (there !== dirname(there) && (await disk.look(there)) === undefined) there = dirname(there)
  return there
}

async function stateOf(store: FileStore, runId: string): Promise<RunState | undefined> {
  const name = fileNameOf(runId)
  if (name === undefined) return undefined
  const entry = entryOf(store, name)
  return inTurn(entry, () => currentState(store, entry))
}

async function row(store: FileStore, runId: string): Promise<RunRow | undefined> {
  const state = await stateOf(store, runId)
  return state && rowOf(state, isLost(store, state.lease))
}

async function inbox(store: FileStore, runId: string, after: number): ReturnType<Storage['inbox']> {
  const state = await stateOf(store, runId)
  return state === undefined ? [] : unconsumed(state, after)
}

async function blob(store: FileStore, runId: string, sha256: string): Promise<string | undefined> {
  const name = fileNameOf(runId)
  return name === undefined ? undefined : readBlob(store, `${store.layout.runs}/${name}`, sha256)
}

async function load(store: FileStore, runId: string): Promise<LoadedRun | undefined> {
  const name = fileNameOf(runId)
  if (name === undefined) return undefined
  const entry = entryOf(store, name)
  return inTurn(entry, async () => {
    const state = await currentState(store, entry, { keepsRecent: true })
    if (state === undefined) return undefined
    const kept = await readSnapshot(store.disk, state)
    const seq = (kept?.seq ?? 0) + 1
    const mark = kept?.tail ?? markBefore(state, seq)
    return {
      now: store.now(),
      row: rowOf(state, isLost(store, state.lease)),
      ...(kept === undefined ? {} : { snapshot: { seq: kept.seq, format: kept.format, state: kept.state } }),
      tail: eventsOf(store.disk, state, { seq, mark }),
      inbox: unconsumed(state, 0),
    }
  })
}

async function* read(store: FileStore, runId: string, from: number): AsyncGenerator<readonly RunEvent[]> {
  const state = await onDisk(false, stateOf(store, runId))
  if (state === undefined) return
  const seq = Math.max(1, from)
  yield* eventsOf(store.disk, state, { seq, mark: markBefore(state, seq) })
}
