import { crc32 } from 'node:zlib'
import { checked, checkedText } from './record.ts'

/** What tells a segment from one that has its name later: its first line, by length and checksum. */
export interface SegmentMark {
  readonly length: number
  readonly crc: number
}

/** The mark of a segment that begins with this line. */
export function segmentMark(line: Uint8Array): SegmentMark {
  return { length: line.length, crc: crc32(line) }
}

/** Bytes that stand in a segment, as a log knows them. */
export interface LoggedWrite {
  /** The file, below the folder of the store. */
  readonly path: string
  readonly segment: SegmentMark
  readonly offset: number
  readonly bytes: Uint8Array
}

/** A group of writes as a log holds it: one line that says what they are, and their bytes behind it. */
export function groupBytes(n: number, writes: readonly LoggedWrite[]): Buffer {
  const data = Buffer.concat(writes.map(({ bytes }) => bytes))
  const list = writes.map(({ path, segment, offset, bytes }) => [
    path,
    segment.length,
    segment.crc,
    offset,
    bytes.length,
  ])
  return Buffer.concat([Buffer.from(checked(JSON.stringify({ n, data: crc32(data), writes: list }))), data])
}

/** What a log holds. */
export interface Groups {
  readonly writes: readonly LoggedWrite[]
  /** Where something cannot be read with a group behind it: that is damage, and not what a crash left of the last one. */
  readonly damagedAt?: number
}

/** Reads the groups from `start` on, as far as they follow one another. What a crash left of the last one does not count. */
export function groupsIn(bytes: Uint8Array, start: number): Groups {
  const writes: LoggedWrite[] = []
  let at = start
  for (let n = 1; ; n += 1) {
    const group = groupAt(bytes, at, n)
    if (group === undefined) return hasGroupAfter(bytes, at, n) ? { writes, damagedAt: at } : { writes }
    writes.push(...group.writes)
    at = group.next
  }
}

interface Group {
  readonly writes: readonly LoggedWrite[]
  readonly next: number
}

interface GroupLine {
  readonly n: number
  readonly data: number
  readonly writes: readonly (readonly [string, number, number, number, number])[]
}

const begin = '{"n":'

function lineAt(bytes: Uint8Array, at: number): { readonly line: GroupLine; readonly next: number } | undefined {
  const lineEnd = bytes.indexOf(0x0a, at)
  if (lineEnd < 0 || bytes[at] !== begin.charCodeAt(0)) return undefined
  const text = checkedText(bytes.subarray(at, lineEnd))
  return text?.startsWith(begin) === true ? { line: JSON.parse(text) as GroupLine, next: lineEnd + 1 } : undefined
}

function groupAt(bytes: Uint8Array, at: number, n: number): Group | undefined {
  const found = lineAt(bytes, at)
  if (found?.line.n !== n) return undefined
  let { next } = found
  const writes = found.line.writes.map(([path, length, crc, offset, size]) => {
    const write = { path, segment: { length, crc }, offset, bytes: bytes.subarray(next, next + size) }
    next += size
    return write
  })
  const data = bytes.subarray(found.next, next)
  return next <= bytes.length && crc32(data) === found.line.data ? { writes, next } : undefined
}

// A group is written when the one before is durable: behind the last one there is nothing.
function hasGroupAfter(bytes: Uint8Array, at: number, n: number): boolean {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let from = all.indexOf(begin, at + 1); from >= 0; from = all.indexOf(begin, from + 1)) {
    const found = lineAt(bytes, from)
    if (found !== undefined && found.line.n > n) return true
  }
  return false
}
