import type { RunEvent } from '@segno/schema/plan'
import { batchesIn } from './batches.ts'
import { chainOf } from './chain.ts'
import type { Disk } from './disk.ts'
import { damaged } from './faults.ts'
import { journalOf, segmentPath, segmentsIn } from './layout.ts'
import { eventOf, type EndMark } from './record.ts'
import type { BatchPlace, Link, Mark, Recent, RunState } from './run-state.ts'

/**
 * The events from `seq` on, in pages, as they were when this was called; read when
 * they are asked for. `mark` is where to begin to look for them.
 */
export function eventsOf(disk: Disk, state: RunState, { seq, mark }: From): AsyncGenerator<readonly RunEvent[]> {
  const { folder, end, links, incarnation, recent } = state
  state.recent = undefined
  if (recent !== undefined && recent.seq <= seq && recent.next === end.seq) return pageOf(recent, seq)
  return pages(disk, { folder, end, links, incarnation }, { seq, mark })
}

/** A batch at its place: its events, and what its end says. */
export async function placedBatch(
  disk: Disk,
  folder: string,
  { segment, offset, next, expectedSeq }: BatchPlace,
): Promise<{ readonly events: readonly RunEvent[]; readonly end: EndMark }> {
  const path = segmentPath(folder, segment)
  for await (const batches of batchesIn(disk, { path, from: offset, to: next, head: expectedSeq })) {
    for (const { records, end } of batches) return { events: records.flatMap((record) => eventOf(record) ?? []), end }
  }
  throw await damaged(disk, { path, offset }, 'the batch is missing')
}

interface From {
  readonly seq: number
  readonly mark: Mark | undefined
}

const eventsPerPage = 1_000

async function* pageOf({ records }: Recent, from: number): AsyncGenerator<readonly RunEvent[]> {
  const events = records.flatMap((record) => (record.seq < from ? [] : (eventOf(record) ?? [])))
  if (events.length > 0) yield events
}

async function* pages(
  disk: Disk,
  state: Pick<RunState, 'folder' | 'end' | 'links' | 'incarnation'>,
  { seq, mark }: From,
): AsyncGenerator<readonly RunEvent[]> {
  if (seq >= state.end.seq) return
  let page: RunEvent[] = []
  let head = (mark?.seq ?? 1) - 1
  for (const link of await linksFrom(disk, state, mark)) {
    const isLast = link.segment === state.end.segment
    const from = link.segment === mark?.segment ? mark.offset : link.start
    const to = isLast ? state.end.offset : link.end
    const span = { path: segmentPath(state.folder, link.segment), from, head, ...(to === undefined ? {} : { to }) }
    for await (const batches of batchesIn(disk, span)) {
      for (const { records, end } of batches) {
        head += end.n
        for (const record of records) {
          const event = record.seq < seq ? undefined : eventOf(record)
          if (event === undefined || page.push(event) < eventsPerPage) continue
          yield page
          page = []
        }
      }
    }
  }
  if (page.length > 0) yield page
}

async function linksFrom(
  disk: Disk,
  { folder, end, links }: Pick<RunState, 'folder' | 'end' | 'links'>,
  mark: Mark | undefined,
): Promise<readonly Link[]> {
  const isKnown = mark !== undefined && (links[0]?.segment ?? mark.segment + 1) <= mark.segment
  const all = isKnown ? links : await wholeChain(disk, folder, end.segment)
  return all.filter(({ segment }) => segment <= end.segment && segment >= (mark?.segment ?? 0))
}

async function wholeChain(disk: Disk, folder: string, newest: number): Promise<readonly Link[]> {
  const segments = segmentsIn((await disk.list(journalOf(folder))) ?? []).filter((segment) => segment <= newest)
  return (await chainOf(disk, folder, { segments })).links
}
