import type { Disk } from './disk.ts'
import { damaged } from './faults.ts'
import { recordOf, type EndMark, type JournalRecord } from './record.ts'

/** A batch as it stands in a segment. */
export interface StoredBatch {
  readonly records: readonly JournalRecord[]
  readonly end: EndMark
  readonly offset: number
  /** Where the next one begins. */
  readonly next: number
}

/** A stretch of a segment, from the beginning of a batch. */
export interface Span {
  readonly path: string
  readonly from: number
  /** Where its last batch ends. Where this is not known, it goes as far as there are whole batches. */
  readonly to?: number
  /** `seq` of the event before. */
  readonly head: number
}

/**
 * Reads the batches of a stretch, many at a time, and verifies every line. What a
 * crash left behind the last batch does not exist; anything else that is not as it
 * was written rejects as damage.
 */
export async function* batchesIn(disk: Disk, span: Span): AsyncGenerator<readonly StoredBatch[]> {
  let { from, head } = span
  let size = chunkSize
  for (;;) {
    const left = span.to === undefined ? Number.POSITIVE_INFINITY : span.to - from
    if (left === 0) return
    const wanted = Math.min(size, left)
    const bytes = await disk.read(span.path, from, wanted)
    if (bytes === undefined) throw await damaged(disk, { path: span.path, offset: 0 }, 'the segment is missing')
    const found = split(bytes, from, head)
    if (found.batches.length > 0) yield found.batches
    const isWhole = bytes.length < wanted || wanted === left
    const last = found.batches.at(-1)
    if (found.mistake !== undefined || (isWhole && bytes.length > found.used)) {
      const mistake = found.mistake ?? { offset: from + found.used, text: 'the last batch is not whole', isTorn: true }
      const rest = await disk.read(span.path, from + found.used)
      const isTorn = mistake.isTorn && span.to === undefined && couldBeTorn(rest ?? bytes, head + found.events)
      if (isTorn) return
      throw await damaged(disk, { path: span.path, offset: mistake.offset }, mistake.text)
    }
    if (isWhole && span.to === undefined) return
    if (bytes.length === 0) throw await damaged(disk, { path: span.path, offset: from }, 'the segment ends too early')
    from += found.used
    head += found.events
    // A batch that is longer than a chunk is read again with a longer one.
    size = last === undefined ? size * 4 : chunkSize
  }
}

const chunkSize = 1024 * 1024

interface Split {
  readonly batches: StoredBatch[]
  /** Bytes and events of these batches. */
  readonly used: number
  readonly events: number
  /** What is wrong with the line after them that is complete, and where. */
  readonly mistake?: { readonly offset: number; readonly text: string; readonly isTorn: boolean }
}

function split(bytes: Uint8Array, from: number, headBefore: number): Split {
  const batches: StoredBatch[] = []
  let records: JournalRecord[] = []
  let [begin, at, head, seq] = [0, 0, headBefore, headBefore]
  const found = (mistake?: string, isTorn = false): Split => ({
    batches,
    used: begin,
    events: head - headBefore,
    ...(mistake === undefined ? {} : { mistake: { offset: from + at, text: mistake, isTorn } }),
  })
  for (;;) {
    const lineEnd = bytes.indexOf(0x0a, at)
    if (lineEnd < 0) return found()
    const record = recordOf(bytes.subarray(at, lineEnd))
    if (record === undefined) return found('the checksum of the line is wrong', true)
    const end = record.ending?.end
    const expected = end?.n === 0 ? seq : seq + 1
    if (record.seq !== expected) return found(`seq ${record.seq}, expected ${expected}`)
    records.push(record)
    seq = expected
    at = lineEnd + 1
    if (end === undefined) continue
    if (end.n !== seq - head) return found(`a batch of ${seq - head} events says that it has ${end.n}`)
    batches.push({ records, end, offset: from + begin, next: from + at })
    records = []
    begin = at
    head = seq
  }
}

// One batch at most was being written when a process or a host crashed, and all
// before it was durable. So what cannot be read is what is left of that one, or it is
// damage: if another batch stands behind it, if two records have run together, or if a
// line is there from end to end. What a disk has not got yet is missing, or zeros.
function couldBeTorn(tail: Uint8Array, head: number): boolean {
  let ends = 0
  let at = 0
  while (at < tail.length) {
    const newline = tail.indexOf(0x0a, at)
    const lineEnd = newline < 0 ? tail.length : newline
    const line = tail.subarray(at, lineEnd)
    const record = newline < 0 ? undefined : recordOf(line)
    if (record === undefined && (hasRecordInside(line) || (newline >= 0 && !line.includes(0)))) return false
    at = lineEnd + 1
    if (record?.ending === undefined) continue
    ends += 1
    // The end of the one batch may have reached the disk before its beginning did.
    if (ends > 1 || at < tail.length || record.seq - record.ending.end.n !== head) return false
  }
  return true
}

// A record is followed by a newline, or by nothing that was written yet.
function hasRecordInside(line: Uint8Array): boolean {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('latin1')
  for (const match of text.matchAll(/"crc":"[0-9a-f]{8}"\}(?=[^\0])/g)) {
    if (recordOf(line.subarray(0, match.index + match[0].length)) !== undefined) return true
  }
  return false
}
