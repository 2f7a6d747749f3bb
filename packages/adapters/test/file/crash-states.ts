import { applyName, copyFolders, fingerprint, joined } from './disk-image.ts'
import type { Change, DiskImage } from './disk-image.ts'

/**
 * What a disk may hold after the power failed when `count` changes had happened.
 * What was synced is there. Of what was not, each folder has kept the first few
 * names that changed in it, any number of them, and each file nothing, a part,
 * zeros, or all of what was written to it. Beyond `productMax` combinations, one
 * folder or file at a time differs from all or nothing.
 */
export function* crashStates(initial: DiskImage, changes: readonly Change[], count: number): Generator<DiskImage> {
  const happened = changes.slice(0, count)
  const pending = pendingOf(initial, happened)
  const choices: Choice[] = [
    ...[...pending.names].map(([folder, list]): Choice => ({ folder, options: list.length + 1 })),
    ...[...pending.bytes].map(([file, { unsynced }]): Choice => ({ file, options: variantsOf(unsynced).length })),
  ]
  const seen = new Set<string>()
  for (const picks of combinations(choices.map(({ options }) => options))) {
    const image = built(initial, happened, lossOf(pending, choices, picks))
    const print = fingerprint(image)
    if (seen.has(print)) continue
    seen.add(print)
    yield image
  }
}

type Choice = { readonly options: number } & ({ readonly folder: number } | { readonly file: number })

interface Pending {
  /** Changes of names that no sync has made durable, by the folder that they are in. */
  readonly names: ReadonlyMap<number, readonly Change[]>
  readonly bytes: ReadonlyMap<number, { readonly synced: Uint8Array; readonly unsynced: readonly Uint8Array[] }>
}

const productMax = 256

function pendingOf(initial: DiskImage, changes: readonly Change[]): Pending {
  let names: Change[] = []
  const bytes = new Map<number, { synced: Uint8Array; unsynced: Uint8Array[] }>()
  for (const change of changes) {
    if (change.type === 'write') {
      const file = bytes.get(change.node) ?? {
        synced: initial.files.get(change.node) ?? new Uint8Array(),
        unsynced: [],
      }
      file.unsynced.push(change.bytes)
      bytes.set(change.node, file)
    } else if (change.type === 'sync' || change.type === 'spoil') {
      const { synced, unsynced } = bytes.get(change.node) ?? { synced: undefined, unsynced: [] }
      const added = joined(...unsynced)
      const kept = change.type === 'sync' ? added : new Uint8Array(added.length)
      if (synced !== undefined) bytes.set(change.node, { synced: joined(synced, kept), unsynced: [] })
    } else if (change.type === 'syncFolder') names = names.filter((name) => !foldersOf(name).includes(change.node))
    else names.push(change)
  }
  return { names: Map.groupBy(names, (change) => foldersOf(change).at(-1) ?? 0), bytes }
}

// A file system moves a name in one transaction: the sync of either folder makes it durable.
function foldersOf(change: Change): number[] {
  if (change.type === 'move') return [change.from.folder, change.to.folder]
  return change.type === 'enter' || change.type === 'leave' ? [change.place.folder] : []
}

/** What may be there of bytes that were written and not synced: nothing first, all last. */
function variantsOf(writes: readonly Uint8Array[]): Uint8Array[] {
  const all = joined(...writes)
  if (all.length === 0) return [all]
  const half = all.length >> 1
  const zeros = (length: number): Uint8Array => new Uint8Array(length)
  const boundaries = writes.slice(0, -1).map((_, index) => joined(...writes.slice(0, index + 1)))
  return [
    zeros(0),
    all.slice(0, half),
    all.slice(0, -1),
    zeros(all.length),
    joined(all.slice(0, half), zeros(all.length - half)),
    joined(zeros(half), all.slice(half)),
    ...boundaries,
    all,
  ]
}

function* combinations(options: readonly number[]): Generator<readonly number[]> {
  const product = options.reduce((all, count) => all * count, 1)
  if (product <= productMax) {
    for (let n = 0; n < product; n += 1) {
      let rest = n
      yield options.map((count) => {
        const pick = rest % count
        rest = (rest - pick) / count
        return pick
      })
    }
    return
  }
  const nothing = options.map(() => 0)
  const all = options.map((count) => count - 1)
  yield nothing
  yield all
  for (const [index, count] of options.entries()) {
    for (let pick = 0; pick < count; pick += 1) {
      yield nothing.with(index, pick)
      yield all.with(index, pick)
    }
  }
}

/** What a crash takes away: changes of names, and bytes of files, of which these are left. */
interface Loss {
  readonly names: ReadonlySet<Change>
  readonly bytes: ReadonlyMap<number, Uint8Array>
}

function lossOf(pending: Pending, choices: readonly Choice[], picks: readonly number[]): Loss {
  const names = new Set<Change>()
  const left = new Map<number, Uint8Array>()
  for (const [index, choice] of choices.entries()) {
    const pick = picks[index] ?? 0
    if ('folder' in choice) for (const change of pending.names.get(choice.folder)?.slice(pick) ?? []) names.add(change)
    else {
      const { synced = nothing, unsynced = [] } = pending.bytes.get(choice.file) ?? {}
      left.set(choice.file, joined(synced, variantsOf(unsynced)[pick] ?? nothing))
    }
  }
  return { names, bytes: left }
}

function built(initial: DiskImage, changes: readonly Change[], loss: Loss): DiskImage {
  const files = new Map(initial.files)
  const folders = copyFolders(initial)
  // What is made exists before it has a name that lasts: what is moved into a folder is not lost because the folder is.
  for (const change of changes) {
    if (change.type !== 'enter') continue
    if (change.kind === 'folder') folders.set(change.node, new Map())
    else if (!files.has(change.node)) files.set(change.node, nothing)
  }
  for (const [file, bytes] of loss.bytes) files.set(file, bytes)
  for (const change of changes) if (!loss.names.has(change)) applyName(folders, change)
  return { files, folders }
}

const nothing = new Uint8Array()
