import { createHash } from 'node:crypto'

/**
 * What is on a disk: files and folders by number, so that a file with two names
 * stays one file. Folder 0 is the root.
 */
export interface DiskImage {
  readonly files: ReadonlyMap<number, Uint8Array>
  readonly folders: ReadonlyMap<number, ReadonlyMap<string, number>>
}

/** A place in a folder. */
export interface Place {
  readonly folder: number
  readonly name: string
}

/** One change to a disk, in the order in which a process saw them happen. */
export type Change =
  | { readonly type: 'enter'; readonly place: Place; readonly node: number; readonly kind: 'file' | 'folder' }
  | { readonly type: 'leave'; readonly place: Place; readonly node: number }
  | { readonly type: 'move'; readonly from: Place; readonly to: Place; readonly node: number }
  | { readonly type: 'write'; readonly node: number; readonly bytes: Uint8Array }
  | { readonly type: 'sync'; readonly node: number }
  /** A sync that failed: what was not durable never will be, whatever is synced later. */
  | { readonly type: 'spoil'; readonly node: number }
  | { readonly type: 'syncFolder'; readonly node: number }

/** A disk with nothing on it but a folder `/host`. */
export const emptyDisk: DiskImage = {
  files: new Map(),
  folders: new Map([
    [0, new Map([['host', 1]])],
    [1, new Map()],
  ]),
}

/** Applies a change of names to folders; changes of bytes are not its business. */
export function applyName(folders: Map<number, Map<string, number>>, change: Change): void {
  switch (change.type) {
    case 'enter':
      if (change.kind === 'folder' && !folders.has(change.node)) folders.set(change.node, new Map())
      folders.get(change.place.folder)?.set(change.place.name, change.node)
      return
    case 'leave':
      takeOut(folders, change.place, change.node)
      return
    case 'move':
      takeOut(folders, change.from, change.node)
      folders.get(change.to.folder)?.set(change.to.name, change.node)
      return
    default:
      return
  }
}

/**
 * A short text that two images share only if a process that looks at them sees the
 * same. Names may be told by another name, where they are random.
 */
export function fingerprint(image: DiskImage, named: (name: string) => string = (name) => name): string {
  const hash = createHash('sha1')
  const walk = (folder: ReadonlyMap<string, number>, path: string): void => {
    const entries = [...folder].map(([name, node]) => [named(name), node] as const)
    for (const [name, node] of entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      const inner = image.folders.get(node)
      const bytes = image.files.get(node) ?? new Uint8Array()
      hash.update(JSON.stringify([`${path}/${name}`, inner === undefined ? bytes.length : 'folder']))
      if (inner === undefined) hash.update(bytes)
      else walk(inner, `${path}/${name}`)
    }
  }
  walk(image.folders.get(0) ?? new Map(), '')
  return hash.digest('hex')
}

/** Folders that can be changed, as in the image. */
export function copyFolders(image: DiskImage): Map<number, Map<string, number>> {
  return new Map([...image.folders].map(([node, names]) => [node, new Map(names)]))
}

/** The bytes of both, one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

// A name may have been given to something else since: then that stays.
function takeOut(folders: Map<number, Map<string, number>>, { folder, name }: Place, node: number): void {
  const names = folders.get(folder)
  if (names?.get(name) === node) names.delete(name)
}
