import type { NewRun } from '@segno/core'
import type { ProcessIdentity } from '../process/process-identity.ts'
import type { Disk } from './disk.ts'
import { damaged, tooNew } from './faults.ts'
import { segmentPath } from './layout.ts'
import { checked, checkedText, jsonOf } from './record.ts'

/** What the first segment of a run says of it, beside the run's name. */
export interface Creation extends Omit<NewRun, 'runId' | 'incarnation'> {
  readonly createdAt: number
  readonly inputHash: string
  readonly idempotencyKey?: string
}

/** A lease as the head of its segment tells of it. */
export interface LeaseHead {
  readonly owner: string
  readonly expiresAt: number
  readonly process: ProcessIdentity
}

/** The first line of a segment. */
export interface SegmentHeader {
  readonly segment: number
  readonly format: 1
  readonly runId: string
  readonly incarnation: string
  /** Absent in segment 0, which a run is created with that nobody claims. */
  readonly lease?: LeaseHead
  /** In the first segment only. */
  readonly run?: Creation
}

/** Which segment comes before, and how much of it there is: what was written behind that does not exist. */
export interface Seal {
  readonly segment: number
  readonly length: number
}

/** How a segment begins. */
export interface SegmentHead {
  readonly header: SegmentHeader
  /** Where batches begin. */
  readonly start: number
  /** Absent in the first segment, and in one whose lease was never completed: that one has no batch. */
  readonly seal?: Seal
}

/** The first line of a segment, as text. */
export function headerText(header: SegmentHeader): string {
  const { segment, format, ...rest } = header
  return checked(jsonOf({ segment, format, ...rest }))
}

/**
 * The second line of a segment, as text. All seals have one length, so that a file
 * whose seal was torn can be told from one whose seal was damaged.
 */
export function sealText({ segment, length }: Seal): string {
  return checked(`{"seals":{"segment":${padded(segment)},"length":${padded(length)}}}`)
}

/** Reads how a segment begins; rejects where it does not begin as segments do. */
export async function readHead(disk: Disk, folder: string, segment: number): Promise<SegmentHead> {
  const path = segmentPath(folder, segment)
  const bytes = await beginning(disk, path)
  const lineEnd = bytes.indexOf(0x0a)
  const text = lineEnd < 0 ? undefined : checkedText(bytes.subarray(0, lineEnd))
  const header = text === undefined ? undefined : (JSON.parse(text) as SegmentHeader)
  if (header === undefined) throw await damaged(disk, { path, offset: 0 }, 'the first line is not the one of a segment')
  if (header.format !== 1) throw tooNew(path, header.format)
  if (header.segment !== segment) throw await damaged(disk, { path, offset: 0 }, `this is segment ${header.segment}`)
  const after = lineEnd + 1
  if (header.run !== undefined) return { header, start: after }
  const seal = sealOf(bytes.subarray(after, after + sealLength))
  if (seal !== undefined) return { header, start: after + sealLength, seal }
  // A seal that was being written is whatever a crash left of it, and nothing stands behind it.
  if (bytes.length <= after + sealLength) return { header, start: after + sealLength }
  throw await damaged(disk, { path, offset: after }, 'the seal of the segment before is not readable')
}

const digits = 15
const sealLength = sealText({ segment: 0, length: 0 }).length

function padded(number: number): string {
  return `"${String(number).padStart(digits, '0')}"`
}

function sealOf(line: Uint8Array): Seal | undefined {
  if (line.length < sealLength || line[sealLength - 1] !== 0x0a) return undefined
  const text = checkedText(line.subarray(0, sealLength - 1))
  const [, segment, length] = /^\{"seals":\{"segment":"(\d+)","length":"(\d+)"\}\}$/.exec(text ?? '') ?? []
  return segment === undefined ? undefined : { segment: Number(segment), length: Number(length) }
}

/** The header, the seal and one byte more, or all there is. */
async function beginning(disk: Disk, path: string): Promise<Uint8Array> {
  for (let length = 4_096; ; length *= 4) {
    const bytes = await disk.read(path, 0, length)
    if (bytes === undefined) throw await damaged(disk, { path, offset: 0 }, 'the segment is missing')
    const lineEnd = bytes.indexOf(0x0a)
    if (bytes.length < length || (lineEnd >= 0 && bytes.length > lineEnd + 1 + sealLength)) return bytes
  }
}
