import * as fs from 'node:fs'
import type { Disk, DiskFile, FileUse } from './disk.ts'

/**
 * The disk of this machine. All that may wait for it runs on Node's threads; files are made for their owner only.
 */
export function nodeDisk(): Disk {
  return {
    read: (path, from = 0, length) => orMissing(() => read(path, from, length)),
    list: (folder) => orMissing(() => call<string[]>((done) => fs.readdir(folder, done))),
    look: (path) => orMissing(() => look(path)),
    // Names in a folder that is in use are in the memory of the host: a thread would take ten times as long to be asked.
    has: async (path) => fs.existsSync(path),
    async makeFolder(folder) {
      await call<string | undefined>((done) => fs.mkdir(folder, { recursive: true, mode: 0o700 }, done))
    },
    makeNewFolder: (folder) => unless(['EEXIST'], () => call<void>((done) => fs.mkdir(folder, 0o700, done))),
    create: (path, use) =>
      opened(path, { flags: fs.constants.O_CREAT | fs.constants.O_EXCL, elsewhere: 'EEXIST', use }),
    open: (path) => opened(path, { flags: 0, elsewhere: 'ENOENT' }),
    rename: (from, to) =>
      unless(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => call<void>((done) => fs.rename(from, to, done))),
    link: (from, to) => unless(['EEXIST', 'ENOENT'], () => call<void>((done) => fs.link(from, to, done))),
    remove: (path) => unless(['ENOENT'], () => call<void>((done) => fs.unlink(path, done))),
    removeFolder: (folder) => call((done) => fs.rm(folder, { recursive: true, force: true }, done)),
    syncFolder,
    watch(folder, callback) {
      const watcher = fs.watch(folder, { persistent: false }, (_, name) => {
        if (name !== null) callback(name)
      })
      // Without hints everything is found by polling: a watch that breaks costs time, not truth.
      watcher.on('error', () => watcher.close())
      return () => watcher.close()
    },
  }
}

// Callbacks and not `node:fs/promises`: its handles cost more than a write to a file does.
function call<Value>(start: (done: (error: Error | null, value?: Value) => void) => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error === null || error === undefined ? resolve(value as Value) : reject(error)))
  })
}

async function orMissing<Value>(work: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function unless(codes: readonly string[], work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (codes.includes(codeOf(error))) return false
    throw error
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

async function look(path: string): Promise<{ size: number; identity: string }> {
  const { size, ino, birthtimeMs } = await call<fs.Stats>((done) => fs.stat(path, done))
  // The number of a file is soon given to another one; the instant of its birth is not.
  return { size, identity: `${ino}-${birthtimeMs}` }
}

async function read(path: string, from: number, length: number | undefined): Promise<Uint8Array> {
  const descriptor = await call<number>((done) => fs.open(path, 'r', done))
  try {
    const wanted = length ?? (await call<fs.Stats>((done) => fs.fstat(descriptor, done))).size - from
    const bytes = Buffer.allocUnsafe(Math.max(0, wanted))
    let at = 0
    while (at < bytes.length) {
      const place = at
      const count = await call<number>((done) =>
        fs.read(descriptor, bytes, place, bytes.length - place, from + place, done),
      )
      if (count === 0) break
      at += count
    }
    return bytes.subarray(0, at)
  } finally {
    closeUnseen(descriptor)
  }
}

async function syncFolder(folder: string): Promise<void> {
  const descriptor = await call<number>((done) => fs.open(folder, 'r', done))
  try {
    await call<void>((done) => fs.fsync(descriptor, done))
  } finally {
    closeUnseen(descriptor)
  }
}

// What was only read from, or is durable, has nothing to tell when it is closed, and nobody waits for it.
function closeUnseen(descriptor: number): void {
  fs.close(descriptor, () => undefined)
}

interface Opening {
  readonly flags: number
  readonly elsewhere: string
  readonly use?: FileUse | undefined
}

// Elsewhere the flag is missing, or does less than `fdatasync`.
const commitFlag = process.platform === 'linux' ? fs.constants.O_DSYNC : 0

async function opened(path: string, { flags, elsewhere, use }: Opening): Promise<DiskFile | undefined> {
  const commits = use === undefined ? 0 : commitFlag
  const all = flags | commits | fs.constants.O_WRONLY | fs.constants.O_APPEND
  let descriptor: number | undefined
  const isThere = await unless([elsewhere], async () => {
    descriptor = await call<number>((done) => fs.open(path, all, 0o600, done))
  })
  return isThere && descriptor !== undefined ? fileOf(descriptor, commits !== 0) : undefined
}

function fileOf(descriptor: number, syncsEachWrite: boolean): DiskFile {
  const write = async (bytes: Uint8Array): Promise<void> => {
    let at = 0
    while (at < bytes.length) {
      const place = at
      at += await call<number>((done) => fs.write(descriptor, bytes, place, bytes.length - place, null, done))
    }
  }
  const sync = (): Promise<void> => call((done) => fs.fdatasync(descriptor, done))
  return {
    write,
    sync,
    async commit(bytes) {
      await write(bytes)
      if (!syncsEachWrite) await sync()
    },
    close: () => call((done) => fs.close(descriptor, done)),
  }
}
