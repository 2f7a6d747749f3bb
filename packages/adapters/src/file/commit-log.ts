import type { DiskFile } from './disk.ts'
import { ifPossible } from './faults.ts'
import { newLog, type LogFile } from './log-file.ts'
import { groupBytes, type LoggedWrite, type SegmentMark } from './log-group.ts'
import { keepLog, logName, syncFiles, takeLogs, type LoggedStore } from './replay-logs.ts'

/** When a storage begins to keep a log, and how large one may become. */
export interface CommitLogOptions {
  /** After how many appends beside others. With 0 it is there before anything is written, and always used. */
  readonly after: number
  readonly bytesMax: number
}

/** Bytes that were written to a segment and are not durable yet. */
interface Unsynced extends LoggedWrite {
  /** The segment, open for writing. */
  readonly file: DiskFile
}

/** An append to a segment, which bears its mark if it was opened to be written through the log. */
export interface Commit extends Omit<Unsynced, 'segment'> {
  readonly segment: SegmentMark | undefined
}

interface Waiting {
  readonly write: Unsynced
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

// As many as Node has threads for: more than these would wait for one another.
const atOnceMin = 4

type Store = LoggedStore & { readonly freshName: () => string }

/**
 * Makes what is appended to many journals durable by one write: into a log beside them, which is needed only if the
 * host stops before they are synced. The journals hold the same bytes already, in the memory of the host, where
 * every process of it sees them.
 */
export class CommitLog {
  readonly #store: Store
  readonly #options: CommitLogOptions
  #appends = 0
  #underWay = 0
  #current: LogFile | undefined
  #opening: Promise<void> | undefined
  #next: Promise<LogFile> | undefined
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  /** When the journals of all logs that were full are durable, and when those are that dead processes left. */
  #retired: Promise<unknown> = Promise.resolve()
  #taken: Promise<unknown> = Promise.resolve()

  constructor(store: Store, options: CommitLogOptions) {
    this.#store = store
    this.#options = options
  }

  /**
   * Whether a segment that is opened now is to be written through the log: where several appends are under way. One
   * that is alone is done sooner by one call that writes and syncs its journal.
   */
  isWanted(): boolean {
    return this.#current !== undefined && this.#isBusy()
  }

  /** Opens the log at once where it is to be there from the first append on. */
  async ready(): Promise<void> {
    if (this.#options.after === 0) await (this.#opening ??= this.#open())
  }

  /** Writes to a segment at its end, durably: by itself, or through the log if it was opened for that. */
  async commit({ segment, ...write }: Commit): Promise<void> {
    this.#underWay += 1
    this.#count()
    try {
      if (segment === undefined) return await write.file.commit(write.bytes)
      // First where everybody sees it: what the log holds is in its journal too, unless the host has stopped.
      await write.file.write(write.bytes)
      await this.#keep({ ...write, segment })
    } finally {
      this.#underWay -= 1
    }
  }

  #isBusy(): boolean {
    return this.#options.after === 0 || this.#underWay >= atOnceMin
  }

  // A storage with little to do leaves no log.
  #count(): void {
    if (this.#current !== undefined || !this.#isBusy()) return
    this.#appends += 1
    if (this.#appends > this.#options.after) this.#opening ??= this.#open()
  }

  #keep(write: Unsynced): Promise<void> {
    // What would fill the log by itself is synced in its place.
    if (this.#current === undefined || write.bytes.length > this.#options.bytesMax / 4) return write.file.sync()
    return new Promise((done, failed) => {
      this.#waiting.push({ write, done, failed })
      // Whatever else is appended in this turn of the event loop belongs to the same group.
      this.#writing ??= Promise.resolve().then(() => this.#writeAll())
    })
  }

  /** Makes the journals durable without the log, and removes it. */
  async close(): Promise<void> {
    await this.#opening
    await this.#writing
    const [current, next] = [this.#current, this.#next]
    this.#forget()
    if (current !== undefined) this.#retire(current)
    if (next !== undefined) this.#beside(async () => this.#remove(await next))
    await Promise.all([this.#retired, this.#taken])
  }

  #forget(): void {
    this.#current = undefined
    this.#next = undefined
    this.#opening = undefined
    this.#appends = 0
  }

  async #open(): Promise<void> {
    const { disk, layout, identity } = this.#store
    if (logName(identity, '') === undefined) return
    try {
      if (!(await disk.has(layout.logs))) await disk.makeNewFolder(layout.logs)
      // Also where it is there: whoever made it may not have come so far.
      await disk.syncFolder(layout.root)
      this.#current = await this.#make()
      this.#taken = ifPossible(takeLogs(this.#store))
    } catch {
      // Without a log every journal is synced by itself. Another try comes after as many appends.
      this.#forget()
    }
  }

  async #make(): Promise<LogFile> {
    const { disk, layout, identity, freshName } = this.#store
    const path = `${layout.logs}/${logName(identity, freshName())}`
    const log = await newLog(disk, { path, process: identity, size: this.#options.bytesMax })
    await disk.syncFolder(layout.logs)
    return log
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup()
      try {
        await this.#write(group.map(({ write }) => write))
        for (const { done } of group) done()
      } catch (error) {
        for (const { failed } of group) failed(error)
      }
    }
    this.#writing = undefined
  }

  #nextGroup(): Waiting[] {
    let length = 0
    const end = this.#waiting.findIndex(({ write }) => (length += write.bytes.length) > this.#options.bytesMax / 2)
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  async #write(writes: readonly Unsynced[]): Promise<void> {
    const log = await this.#withRoom(writes)
    if (log === undefined) return syncEach(writes)
    for (const { path } of writes) log.touched.add(path)
    try {
      const bytes = groupBytes(log.n, writes)
      await log.file.commit(log.at, bytes)
      log.at += bytes.length
      log.n += 1
    } catch (error) {
      // Nobody knows what is at its end. What it held before is durable, and stays so until its files are.
      this.#forget()
      this.#retire(log)
      throw error
    }
    if (await this.#store.disk.has(log.path)) return
    // Another process took this one for dead. It reads what was acknowledged before, and perhaps not this group.
    this.#forget()
    await syncEach(writes)
  }

  async #withRoom(writes: readonly Unsynced[]): Promise<LogFile | undefined> {
    const current = this.#current
    if (current === undefined) return undefined
    const wanted = writes.reduce((sum, { path, bytes }) => sum + bytes.length + path.length + 100, 200)
    const left = this.#options.bytesMax - current.at
    if (left < this.#options.bytesMax / 2) this.#next ??= this.#made()
    if (wanted <= left) return current
    try {
      // Not before the journals of the one before are durable: there are two logs at a time at most.
      await this.#retired
      this.#next ??= this.#made()
      this.#current = await this.#next
    } catch {
      this.#forget()
    }
    this.#next = undefined
    this.#retire(current)
    return this.#current
  }

  // Waited for when it is needed, which may be never.
  #made(): Promise<LogFile> {
    const made = this.#make()
    void Promise.allSettled([made])
    return made
  }

  #retire(log: LogFile): void {
    const { disk } = this.#store
    this.#beside(async () => {
      try {
        await syncFiles(this.#store, log.touched)
        await this.#remove(log)
      } catch {
        await ifPossible(log.file.close())
        await keepLog({ disk, layout: this.#store.layout }, log.path)
      }
    })
  }

  async #remove({ file, path }: LogFile): Promise<void> {
    await file.close()
    await this.#store.disk.remove(path)
  }

  #beside(work: () => Promise<void>): void {
    this.#retired = this.#retired.then(() => ifPossible(work()))
  }
}

async function syncEach(writes: readonly Unsynced[]): Promise<void> {
  await Promise.all(writes.map(({ file }) => file.sync()))
}
