import { createHash } from 'node:crypto'
import type { CreateOutcome, NewRun } from '@segno/core'
import type { ProcessIdentity } from '../process/process-identity.ts'
import { onDisk, unavailable } from './faults.ts'
import { fileNameOf } from './file-name.ts'
import { journalOf } from './layout.ts'
import { currentState } from './read-run.ts'
import { checked, checkedText, jsonOf } from './record.ts'
import { entryOf, inTurn, type FileStore } from './store.ts'

/** The name of the folder of an idempotency key. Keys belong to a workflow. */
export function keyFileName(workflow: string, idempotencyKey: string): string {
  return sha256(JSON.stringify([workflow, idempotencyKey]))
}

interface Claim {
  readonly key: string
  readonly run: NewRun
  readonly inputHash: string
}

/**
 * Creates a run under a key, unless the key is another run's.
 *
 * The key comes first, so that no run is ever seen without it. It is a folder with
 * one file: a folder can only be put in the place of an empty one, and a file can
 * only be removed by its name. So a key whose creator died before its run was there
 * can be taken by anybody, and by one of them only.
 */
export async function claimKey(
  store: FileStore,
  claim: Claim,
  create: () => Promise<CreateOutcome>,
): Promise<CreateOutcome> {
  const before = store.keyTurns.get(claim.key) ?? Promise.resolve()
  const turn = before.then(() => claimInTurn(store, claim, create))
  const settled = turn.then(
    () => undefined,
    () => undefined,
  )
  store.keyTurns.set(claim.key, settled)
  try {
    return await turn
  } finally {
    if (store.keyTurns.get(claim.key) === settled) store.keyTurns.delete(claim.key)
  }
}

/** Gives a key back that this run has, and no other. */
export async function unclaimKey({ disk, layout }: FileStore, key: string, run: NewRun): Promise<void> {
  await disk.remove(`${layout.keys}/${key}/${holderName(run)}`)
}

/** What a key says of its run. */
interface KeyHolder {
  readonly runId: string
  readonly incarnation: string
  readonly process: ProcessIdentity
  /** Which storage of that process. */
  readonly maker: string
  readonly at: number
}

async function claimInTurn(
  store: FileStore,
  claim: Claim,
  create: () => Promise<CreateOutcome>,
): Promise<CreateOutcome> {
  const { key, run, inputHash } = claim
  const until = Date.now() + patienceMs
  while (!(await onDisk(false, taken(store, claim)))) {
    const holder = await onDisk(false, holderOf(store, key))
    if (holder === undefined) continue
    if (holder.runId === run.runId && holder.incarnation === run.incarnation) break
    const sameInput = await onDisk(false, inputOf(store, holder, inputHash))
    if (sameInput !== undefined) return { outcome: 'existing', now: store.now(), runId: holder.runId, sameInput }
    if (isStale(store, holder)) await onDisk(false, unclaimKey(store, key, { ...run, ...holder }))
    else if (Date.now() > until) throw unavailable(new Error(`the key of run ${holder.runId} is being claimed`), false)
    else await soon()
  }
  try {
    return await create()
  } catch (error) {
    // Where the disk fails here too, the key is found to be nobody's later.
    await Promise.allSettled([unclaimUnused(store, claim)])
    throw error
  }
}

async function unclaimUnused(store: FileStore, { key, run }: Claim): Promise<void> {
  const name = fileNameOf(run.runId) ?? ''
  const isThere = await store.disk.list(journalOf(`${store.layout.runs}/${name}`))
  if (isThere === undefined) await unclaimKey(store, key, run)
}

const patienceMs = 10_000
// Only for systems that do not tell whether a process lives.
const abandonedAfterMs = 60_000

function isStale(store: FileStore, { process, maker, at }: KeyHolder): boolean {
  // What this storage was doing with this key is over: it is its turn again.
  return maker === store.name || store.isDead(process) || Math.abs(store.now() - at) > abandonedAfterMs
}

function soon(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5)
  })
}

async function taken(store: FileStore, { key, run }: Claim): Promise<boolean> {
  const { disk, layout, identity, name } = store
  // A look is cheaper than a folder that is made for nothing.
  if (((await disk.list(`${layout.keys}/${key}`)) ?? []).length > 0) return false
  const staged = `${layout.staging}/${store.freshName()}`
  const holder: KeyHolder = {
    ...{ runId: run.runId, incarnation: run.incarnation },
    ...{ process: identity, maker: name, at: store.now() },
  }
  await disk.makeNewFolder(staged)
  const file = await disk.create(`${staged}/${holderName(run)}`)
  try {
    await file?.write(Buffer.from(checked(jsonOf(holder))))
    await Promise.all([file?.sync(), disk.syncFolder(staged)])
  } finally {
    await file?.close()
  }
  const isTaken = await disk.rename(staged, `${layout.keys}/${key}`)
  if (isTaken) await disk.syncFolder(layout.keys)
  else await disk.removeFolder(staged)
  return isTaken
}

async function holderOf({ disk, layout }: FileStore, key: string): Promise<KeyHolder | undefined> {
  const folder = `${layout.keys}/${key}`
  const [name] = (await disk.list(folder)) ?? []
  const bytes = name === undefined ? undefined : await disk.read(`${folder}/${name}`)
  if (bytes === undefined) return undefined
  const text = checkedText(bytes.subarray(0, -1))
  if (text === undefined) throw new Error(`${folder}/${name ?? ''} cannot be read`)
  return JSON.parse(text) as KeyHolder
}

/** Whether the run of a key has the same input; `undefined` if it is not there. */
async function inputOf(store: FileStore, holder: KeyHolder, inputHash: string): Promise<boolean | undefined> {
  const entry = entryOf(store, fileNameOf(holder.runId) ?? '')
  const state = await inTurn(entry, () => currentState(store, entry))
  if (state?.incarnation !== holder.incarnation) return undefined
  // What is told of it has to stay true.
  await store.disk.syncFolder(store.layout.keys)
  await store.syncRuns()
  return state.creation.inputHash === inputHash
}

function holderName({ runId, incarnation }: { readonly runId: string; readonly incarnation: string }): string {
  return sha256(JSON.stringify([runId, incarnation]))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
