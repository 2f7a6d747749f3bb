import type { Disk, DiskFile } from '../../src/file/disk.ts'
import { applyName, copyFolders, emptyDisk, joined } from './disk-image.ts'
import type { Change, DiskImage, Place } from './disk-image.ts'

/** A call of `Disk` or `DiskFile`, before it is made. */
export interface DiskCall {
  readonly name: keyof Disk | keyof DiskFile
  readonly path: string
}

/** A call that fails; a write after so many of its bytes. */
export interface DiskCut {
  readonly bytes: (length: number) => number
  readonly error: Error
}

/** What stands between a process and its disk. */
export interface DiskHooks {
  /**
   * Called before each call. May wait, to let others go first; may make the call
   * fail.
   */
  before?(call: DiskCall): Promise<DiskCut | undefined>
  /** Called with the answer of each call. */
  after?(call: DiskCall, answer: unknown): void
  /** Names that are told when they are asked for, which may be a lie. */
  listed?(folder: string, names: readonly string[]): readonly string[]
  /** Syncs of this kind do nothing. */
  readonly unsynced?: 'sync' | 'syncFolder'
}

/** A disk in memory that remembers every change, so that a test can say what a crash leaves of it. */
export class SimulatedDisk {
  /** What was on it in the beginning; all of that is durable. */
  readonly initial: DiskImage
  /** All that has happened since, in order. */
  readonly changes: Change[] = []
  readonly #files: Map<number, Uint8Array>
  readonly #folders: Map<number, Map<string, number>>
  #nodes: number

  constructor(initial: DiskImage = emptyDisk) {
    this.initial = initial
    this.#files = new Map(initial.files)
    this.#folders = copyFolders(initial)
    this.#nodes = Math.max(...initial.files.keys(), ...initial.folders.keys())
  }

  /** What a process sees now. */
  get image(): DiskImage {
    return { files: this.#files, folders: this.#folders }
  }

  /** The disk as a process uses it. */
  disk(hooks: DiskHooks = {}): Disk {
    const called = async <Answer>(name: DiskCall['name'], path: string, call: () => Answer): Promise<Answer> => {
      const cut = await hooks.before?.({ name, path })
      if (cut !== undefined) throw cut.error
      const answer = call()
      hooks.after?.({ name, path }, answer)
      return answer
    }
    const makeFolder = (path: string): void => this.#makeFolder(path)
    const leave = (path: string): boolean => this.#leave(path)
    const inside = (folder: string): string[] => this.#inside(folder)
    return {
      read: (path, from = 0, length = Number.POSITIVE_INFINITY) =>
        called('read', path, () => this.#bytesAt(path)?.slice(from, from + length)),
      list: (folder) =>
        called('list', folder, () => {
          const names = this.#folderAt(folder)?.keys()
          return names && (hooks.listed?.(folder, [...names]) ?? [...names])
        }),
      look: (path) =>
        called('look', path, () => {
          const node = this.#nodeAt(path)
          return node === undefined ? undefined : { size: this.#bytesAt(path)?.length ?? 0, identity: String(node) }
        }),
      has: (path) =>
        called('has', path, () => {
          const folder = path.slice(0, path.lastIndexOf('/'))
          const names = this.#nodeAt(path) === undefined ? [] : [nameOf(path)]
          return (hooks.listed?.(folder, names) ?? names).length > 0
        }),
      async makeFolder(folder) {
        for (const path of pathsTo(folder)) await called('makeFolder', path, () => makeFolder(path))
      },
      makeNewFolder: (folder) => called('makeNewFolder', folder, () => this.#enter(folder, 'folder') !== undefined),
      create: (path) =>
        called('create', path, () => {
          const node = this.#enter(path, 'file')
          return node === undefined ? undefined : this.#file(node, path, hooks)
        }),
      open: (path) =>
        called('open', path, () => {
          const node = this.#nodeAt(path)
          return node === undefined ? undefined : this.#file(node, path, hooks)
        }),
      rename: (from, to) => called('rename', from, () => this.#move(from, to)),
      link: (from, to) => called('link', from, () => this.#link(from, to)),
      remove: (path) => called('remove', path, () => leave(path)),
      async removeFolder(folder) {
        // Name by name, as every file system does it: a crash may come in between.
        for (const path of inside(folder)) await called('removeFolder', path, () => leave(path))
      },
      syncFolder: (folder) =>
        called('syncFolder', folder, () => {
          const node = this.#nodeAt(folder)
          if (node === undefined || !this.#folders.has(node)) throw diskError('ENOENT', folder)
          if (hooks.unsynced !== 'syncFolder') this.#happens({ type: 'syncFolder', node })
        }),
    }
  }

  #file(node: number, path: string, hooks: DiskHooks): DiskFile {
    const after = (name: keyof DiskFile): void => hooks.after?.({ name, path }, undefined)
    const write = async (bytes: Uint8Array): Promise<void> => {
      const cut = await hooks.before?.({ name: 'write', path })
      this.#happens({ type: 'write', node, bytes: bytes.slice(0, cut?.bytes(bytes.length)) })
      if (cut !== undefined) throw cut.error
      after('write')
    }
    const sync = async (): Promise<void> => {
      const cut = await hooks.before?.({ name: 'sync', path })
      if (cut !== undefined) {
        this.#happens({ type: 'spoil', node })
        throw cut.error
      }
      if (hooks.unsynced !== 'sync') this.#happens({ type: 'sync', node })
      after('sync')
    }
    return {
      write,
      sync,
      // Two calls: others may come in between, and either may fail.
      async commit(bytes) {
        await write(bytes)
        await sync()
      },
      close: async () => {
        const cut = await hooks.before?.({ name: 'close', path })
        if (cut !== undefined) throw cut.error
        after('close')
      },
    }
  }

  #happens(change: Change): void {
    this.changes.push(change)
    if (change.type === 'write')
      this.#files.set(change.node, joined(this.#files.get(change.node) ?? new Uint8Array(), change.bytes))
    else applyName(this.#folders, change)
  }

  #enter(path: string, kind: 'file' | 'folder'): number | undefined {
    const place = this.#placeOf(path)
    if (this.#folders.get(place.folder)?.has(place.name) === true) return undefined
    this.#nodes += 1
    if (kind === 'file') this.#files.set(this.#nodes, new Uint8Array())
    this.#happens({ type: 'enter', place, node: this.#nodes, kind })
    return this.#nodes
  }

  #makeFolder(path: string): void {
    if (this.#enter(path, 'folder') === undefined && this.#folderAt(path) === undefined)
      throw diskError('ENOTDIR', path)
  }

  #move(from: string, to: string): boolean {
    const node = this.#nodeAt(from)
    const there = this.#folderAt(to)
    if (node === undefined || (there !== undefined && there.size > 0)) return false
    this.#happens({ type: 'move', from: this.#placeOf(from), to: this.#placeOf(to), node })
    return true
  }

  #link(from: string, to: string): boolean {
    const node = this.#nodeAt(from)
    const folder = this.#folderAt(folderOf(to))
    const place = { folder: this.#nodeAt(folderOf(to)) ?? -1, name: nameOf(to) }
    if (node === undefined || folder === undefined || folder.has(place.name)) return false
    this.#happens({ type: 'enter', place, node, kind: 'file' })
    return true
  }

  #leave(path: string): boolean {
    const node = this.#nodeAt(path)
    if (node === undefined) return false
    this.#happens({ type: 'leave', place: this.#placeOf(path), node })
    return true
  }

  /** The folder and all in it, what is inside first. */
  #inside(folder: string): string[] {
    const names = this.#folderAt(folder)
    if (names === undefined) return []
    const paths = [...names].flatMap(([name, node]) => {
      const path = `${folder}/${name}`
      return this.#folders.has(node) ? this.#inside(path) : [path]
    })
    return [...paths, folder]
  }

  #nodeAt(path: string): number | undefined {
    let node: number | undefined = 0
    for (const part of partsOf(path)) node = node === undefined ? undefined : this.#folders.get(node)?.get(part)
    return node
  }

  #folderAt(path: string): Map<string, number> | undefined {
    return this.#folders.get(this.#nodeAt(path) ?? -1)
  }

  #bytesAt(path: string): Uint8Array | undefined {
    return this.#files.get(this.#nodeAt(path) ?? -1)
  }

  #placeOf(path: string): Place {
    const folder = this.#nodeAt(folderOf(path))
    if (folder === undefined || !this.#folders.has(folder)) throw diskError('ENOENT', path)
    return { folder, name: nameOf(path) }
  }
}

/** What a file system says when it fails. */
export function diskError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, '${path}'`), { code })
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '')
}

/** The paths of a folder and of those above it, the highest first. */
function pathsTo(folder: string): string[] {
  const parts = partsOf(folder)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}

function folderOf(path: string): string {
  return partsOf(path).slice(0, -1).join('/')
}

function nameOf(path: string): string {
  return partsOf(path).at(-1) ?? ''
}
