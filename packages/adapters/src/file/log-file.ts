import type { ProcessIdentity } from '../process/process-identity.ts'
import type { Disk, PlacedFile } from './disk.ts'
import { damaged, tooNew } from './faults.ts'
import { groupsIn, type LoggedWrite } from './log-group.ts'
import { checked, checkedText } from './record.ts'

/** A log that is open for writing. */
export interface LogFile {
  readonly path: string
  readonly file: PlacedFile
  /** Where the next group begins, and its number. */
  at: number
  n: number
  /** Files, below the folder of the store, that may not be durable without this log. */
  readonly touched: Set<string>
}

/** The first line of a log. */
interface LogHeader {
  readonly format: 1
  readonly process: ProcessIdentity
}

interface NewLog {
  readonly path: string
  readonly process: ProcessIdentity
  readonly size: number
}

/**
 * Makes a log of a fixed size: to write where there is something already changes nothing of a file but its
 * bytes, which a disk makes durable in half the time. Its name is not durable yet.
 */
export async function newLog(disk: Disk, { path, process, size }: NewLog): Promise<LogFile> {
  const head = Buffer.from(checked(JSON.stringify({ format: 1, process })))
  const made = await disk.create(path)
  try {
    await made?.write(Buffer.concat([head, Buffer.alloc(Math.max(0, size - head.length))]))
    await made?.sync()
  } finally {
    await made?.close()
  }
  const file = await disk.openAt(path, { commits: true })
  if (made === undefined || file === undefined) throw new Error(`${path} is somebody else's`)
  return { path, file, at: head.length, n: 1, touched: new Set() }
}

/** What a log says. */
export interface LogContent {
  /** Absent where the log was not made whole: then it holds nothing. */
  readonly process?: ProcessIdentity
  readonly writes: readonly LoggedWrite[]
}

/** Reads a log; `undefined` if there is none. */
export async function readLog(disk: Disk, path: string): Promise<LogContent | undefined> {
  const bytes = await disk.read(path)
  if (bytes === undefined) return undefined
  const lineEnd = bytes.indexOf(0x0a)
  const text = lineEnd < 0 ? undefined : checkedText(bytes.subarray(0, lineEnd))
  if (text === undefined) return { writes: [] }
  const { format, process } = JSON.parse(text) as LogHeader
  if (format !== 1) throw tooNew(path, format)
  const { writes, damagedAt } = groupsIn(bytes, lineEnd + 1)
  if (damagedAt !== undefined) throw await damaged(disk, { path, offset: damagedAt }, 'a group cannot be read')
  return { process, writes }
}
