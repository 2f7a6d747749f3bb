import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { RunEvent } from '@segno/schema/plan'
import type { Journal } from './journal.ts'

/** Reads the journals of a folder as the format is described. */
export function readFileJournals(store: string): Journal[] {
  const runs = join(store, 'runs')
  return readdirSync(runs).map((name) => readJournal(join(runs, name)))
}

function readJournal(folder: string): Journal {
  const names = readdirSync(join(folder, 'journal')).filter((name) => /^\d+\.jsonl$/.test(name))
  const segments = new Map(names.map((name) => [Number.parseInt(name, 10), segmentOf(join(folder, 'journal', name))]))
  const chain = chainOf(segments)
  const [first] = chain
  if (first === undefined) throw new Error(`${folder} has no journal`)
  return {
    runId: first.segment.runId,
    written: chain.flatMap(({ number, segment, length }) =>
      eventsOf(segment, length).map((event) => ({ event, lease: number })),
    ),
    hasSnapshot: existsSync(join(folder, 'snapshot')),
    blobs: existsSync(join(folder, 'blobs')) ? readdirSync(join(folder, 'blobs')).length : 0,
  }
}

interface Line {
  readonly value: Readonly<Record<string, unknown>>
  /** Where it ends in its file. */
  readonly end: number
}

interface Segment {
  readonly runId: string
  readonly isFirst: boolean
  /** The segment that this one seals, and how much of it there is; absent while its lease was not complete. */
  readonly seal?: { readonly segment: number; readonly length: number }
  readonly lines: readonly Line[]
}

interface Link {
  readonly number: number
  readonly segment: Segment
  readonly length: number
}

// From the newest segment that has a seal back to the first one: each says how much of the one before there is.
function chainOf(segments: ReadonlyMap<number, Segment>): Link[] {
  const numbers = [...segments.keys()].toSorted((a, b) => b - a)
  let number = numbers.find((n) => segments.get(n)?.isFirst === true || segments.get(n)?.seal !== undefined)
  const chain: Link[] = []
  for (let length = Number.POSITIVE_INFINITY; number !== undefined;) {
    const segment = segments.get(number)
    if (segment === undefined) throw new Error(`segment ${number} is missing`)
    chain.unshift({ number, segment, length })
    if (segment.seal === undefined) return chain
    ;({ segment: number, length } = segment.seal)
  }
  return chain
}

function segmentOf(path: string): Segment {
  const [header, second, ...rest] = linesOf(readFileSync(path))
  if (header === undefined) throw new Error(`${path} has no header`)
  const runId = String(header.value['runId'])
  if (header.value['run'] !== undefined) {
    return { runId, isFirst: true, lines: second === undefined ? [] : [second, ...rest] }
  }
  const seal = second?.value['seals'] as { segment: string; length: string } | undefined
  if (seal === undefined) return { runId, isFirst: false, lines: [] }
  return {
    runId,
    isFirst: false,
    seal: { segment: Number(seal.segment), length: Number(seal.length) },
    lines: rest,
  }
}

// Up to the first line that is torn: nothing behind it was ever acknowledged, or a seal would count it.
function linesOf(bytes: Buffer): Line[] {
  const lines: Line[] = []
  for (let start = 0; ;) {
    const end = bytes.indexOf(0x0a, start)
    const text = end < 0 ? '' : bytes.toString('utf8', start, end)
    const [, open, crc] = /^(\{.*),"crc":"([0-9a-f]{8})"\}$/s.exec(text) ?? []
    if (open === undefined || crc32(open) !== Number.parseInt(crc ?? '', 16)) return lines
    lines.push({ value: JSON.parse(`${open}}`) as Line['value'], end: end + 1 })
    start = end + 1
  }
}

// Events behind the last end of a batch do not exist.
function eventsOf({ lines }: Segment, length: number): RunEvent[] {
  const counted = lines.filter((line) => line.end <= length)
  const last = counted.findLastIndex(({ value }) => value['end'] !== undefined)
  return counted.slice(0, last + 1).flatMap(({ value }) => {
    const { end, ...event } = value
    return (end as { n: number } | undefined)?.n === 0 ? [] : [event as unknown as RunEvent]
  })
}
