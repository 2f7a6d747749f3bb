import type { Disk } from './disk.ts'
import { damaged } from './faults.ts'
import { segmentPath } from './layout.ts'
import type { Link } from './run-state.ts'
import { readHead, type Seal, type SegmentHead } from './segment.ts'

/** The segments of a journal that have batches, ascending. */
export interface Chain {
  readonly links: readonly Link[]
  /** The head of the newest segment, which may have no seal yet and is then none of the links. */
  readonly newest: SegmentHead
  /** The head of the first link. */
  readonly oldest: SegmentHead
}

interface Wanted {
  /** All that there are, ascending. */
  readonly segments: readonly number[]
  /** The segment to begin with, instead of the first. */
  readonly stopAt?: number
}

/**
 * Follows the seals from the newest segment back. Segments that are sealed by none
 * belong to leases that were never completed. `undefined` where `stopAt` is given
 * and is not in the chain.
 */
export function chainOf(disk: Disk, folder: string, wanted: { readonly segments: readonly number[] }): Promise<Chain>
export function chainOf(disk: Disk, folder: string, wanted: Wanted): Promise<Chain | undefined>
export async function chainOf(disk: Disk, folder: string, { segments, stopAt }: Wanted): Promise<Chain | undefined> {
  const links: Link[] = []
  let newest: SegmentHead | undefined
  let next: Seal | undefined
  for (const segment of segments.toReversed()) {
    if (next !== undefined && segment > next.segment) continue
    if (next !== undefined && segment < next.segment) break
    const head = await readHead(disk, folder, segment)
    newest ??= head
    const isFirst = head.header.run !== undefined
    if (head.seal === undefined && !isFirst) {
      if (next === undefined) continue
      throw await damaged(disk, { path: segmentPath(folder, segment), offset: head.start }, 'its seal is missing')
    }
    links.unshift({ segment, start: head.start, ...(next === undefined ? {} : { end: next.length }) })
    if (isFirst || segment === stopAt) return { links, newest, oldest: head }
    next = head.seal
    if (stopAt !== undefined && next !== undefined && next.segment < stopAt) return undefined
  }
  throw await damaged(disk, { path: segmentPath(folder, next?.segment ?? 1), offset: 0 }, 'the segment is missing')
}
