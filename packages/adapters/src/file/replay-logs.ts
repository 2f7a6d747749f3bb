import { crc32 } from 'node:zlib'
import type { ProcessIdentity } from '../process/process-identity.ts'
import type { Disk, PlacedFile } from './disk.ts'
import { ifPossible } from './faults.ts'
import type { Layout } from './layout.ts'
import { readLog } from './log-file.ts'
import type { LoggedWrite } from './log-group.ts'

/** A store whose logs are looked at, and by whom. */
export interface LoggedStore {
  readonly disk: Disk
  readonly layout: Layout
  readonly identity: ProcessIdentity
  readonly isDead: (identity: ProcessIdentity) => boolean
}

/** The name of a log of this process; `undefined` where nobody could tell later whether the host began again since. */
export function logName({ boot }: ProcessIdentity, name: string): string | undefined {
  return boot === undefined ? undefined : `${boot}~${name}.log`
}

/**
 * Puts the bytes into their files that were in the memory of the host only when it stopped, before anybody reads them.
 * What is there already is left alone, so that several processes may do this at the same time: nobody writes to those
 * files any more, and each bears only one content. A log is removed once all of it is durable in its files.
 */
export async function replayLogs({ disk, layout, identity }: LoggedStore): Promise<void> {
  if (!(await disk.has(layout.logs))) return
  for (const name of (await disk.list(layout.logs)) ?? []) {
    if (bootOf(name) === identity.boot) continue
    const path = `${layout.logs}/${name}`
    const taken = name.endsWith(takenSuffix) ? path : `${path}${takenSuffix}`
    if (path !== taken) await disk.rename(path, taken)
    await replayLog({ disk, layout }, taken)
    // Should it come back with the power, it changes nothing.
    await ifPossible(disk.remove(taken))
  }
}

/** Puts what a log holds into its files, durably. */
export async function replayLog({ disk, layout }: Pick<LoggedStore, 'disk' | 'layout'>, path: string): Promise<void> {
  const log = await readLog(disk, path)
  const byFile = Map.groupBy(log?.writes ?? [], (write) => write.path)
  for (const [below, writes] of byFile) {
    const file = await disk.openAt(`${layout.root}/${below}`)
    if (file === undefined) continue
    try {
      await replayed(file, writes)
    } finally {
      await file.close()
    }
  }
}

async function replayed(file: PlacedFile, writes: readonly LoggedWrite[]): Promise<void> {
  const marks = new Map<number, boolean>()
  for (const { segment, offset, bytes } of writes) {
    // A run that was deleted may have given its name to another one.
    const isSame = marks.get(segment.crc) ?? crc32(await file.read(0, segment.length)) === segment.crc
    marks.set(segment.crc, isSame)
    if (!isSame) continue
    const there = Buffer.from(await file.read(offset, bytes.length))
    if (!there.equals(bytes)) await file.write(offset, bytes)
  }
  // Also what another process has just put there.
  await file.sync()
}

/**
 * Removes the logs that dead processes have left since the host began, once their files are durable. All that they
 * acknowledged is in the memory of the host. A log loses its name first: whoever still writes to it after all looks
 * for that name before it acknowledges.
 */
export async function takeLogs(store: LoggedStore): Promise<void> {
  const { disk, layout, identity } = store
  for (const name of (await disk.list(layout.logs)) ?? []) {
    if (bootOf(name) !== identity.boot || name.endsWith(keptSuffix)) continue
    const path = `${layout.logs}/${name}`
    if (name.endsWith(takenSuffix)) await settleTaken(store, path)
    else if (await isAbandoned(store, path)) {
      if (await disk.rename(path, `${path}${takenSuffix}`)) await settleTaken(store, `${path}${takenSuffix}`)
    }
  }
}

/** Makes files of a store durable that are there. */
export async function syncFiles(
  { disk, layout }: Pick<LoggedStore, 'disk' | 'layout'>,
  paths: Iterable<string>,
): Promise<void> {
  const left = paths[Symbol.iterator]()
  const work = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) {
      const file = await disk.open(`${layout.root}/${next.value}`)
      try {
        await file?.sync()
      } finally {
        await file?.close()
      }
    }
  }
  // Half of Node's threads: who appends waits for the others.
  await Promise.all([work(), work()])
}

/** Says of a log that its files could not be made durable: it stays until the host has begun again. */
export async function keepLog(store: Pick<LoggedStore, 'disk' | 'layout'>, path: string): Promise<void> {
  await ifPossible(replayLog(store, path))
  await ifPossible(store.disk.rename(path, `${path}${keptSuffix}`))
}

const takenSuffix = '.taken'
const keptSuffix = '.kept'

async function settleTaken(store: LoggedStore, path: string): Promise<void> {
  const log = await readLog(store.disk, path)
  try {
    await syncFiles(store, new Set(log?.writes.map((write) => write.path)))
  } catch (error) {
    await keepLog(store, path)
    throw error
  }
  await store.disk.remove(path)
}

// Of processes of another namespace nobody can tell. One that lives makes itself another log.
async function isAbandoned({ disk, identity, isDead }: LoggedStore, path: string): Promise<boolean> {
  const log = await readLog(disk, path)
  if (log?.process === undefined) return false
  return isDead(log.process) || log.process.namespace !== identity.namespace
}

function bootOf(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf('~')))
}
