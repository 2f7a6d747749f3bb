import { crc32 } from 'node:zlib'
import type { RunEvent } from '@segno/schema/plan'
import type { RunStatus } from '@segno/core'
import { unsupported } from './faults.ts'

/** What the last line of a batch says of it. Without it, the batch does not exist. */
export interface EndMark {
  /** `null` for the batch that a run was created with. */
  readonly batchId: string | null
  /** How many events the batch has. */
  readonly n: number
  readonly status: RunStatus
  readonly wakeAt: number | null
  /** The run goes by this plan from here on. */
  readonly plan?: string
  /** When it was written, by the store's clock. */
  readonly at: number
  readonly consumed?: readonly string[]
  /** Up to where the inbox was seen by who parked the run. */
  readonly park?: { readonly inboxHead: number }
  readonly release?: true
}

/** A line of a journal whose checksum is right. */
export interface JournalRecord {
  readonly seq: number
  /** JSON text without the checksum. */
  readonly text: string
  /** Of a line that ends a batch. */
  readonly ending?: { readonly event: RunEvent; readonly end: EndMark }
}

/** The lines of a batch. With no event there is one line all the same, at the `seq` of the event before. */
export function batchText(head: number, events: readonly RunEvent[], end: EndMark): string {
  if (events.length === 0) return checked(JSON.stringify({ seq: head, end }))
  let text = ''
  for (const [index, event] of events.entries()) {
    const json = eventJson(event)
    text += checked(index < events.length - 1 ? json : `${json.slice(0, -1)},"end":${JSON.stringify(end)}}`)
  }
  return text
}

/** A JSON object as a line with its checksum as last member. */
export function checked(json: string): string {
  const open = json.slice(0, -1)
  return `${open},"crc":"${checksum(open)}"}\n`
}

/** The JSON text of a line without its checksum; `undefined` where it is wrong. */
export function checkedText(line: Uint8Array): string | undefined {
  const bytes = Buffer.from(line.buffer, line.byteOffset, line.byteLength)
  const end = bytes.length - tailLength
  if (end < 1) return undefined
  const open = bytes.subarray(0, end)
  if (bytes.toString('latin1', end) !== `,"crc":"${checksum(open)}"}`) return undefined
  return `${open.toString('utf8')}}`
}

/** Reads a line of a journal; `undefined` where its checksum is wrong. */
export function recordOf(line: Uint8Array): JournalRecord | undefined {
  const text = checkedText(line)
  const [, seq] = /^\{"seq":(\d+),/.exec(text ?? '') ?? []
  if (text === undefined || seq === undefined) return undefined
  // Most lines end no batch, and need not be parsed to know it.
  const ending = text.includes(',"end":{"batchId":') ? endingOf(text) : undefined
  return ending === undefined ? { seq: Number(seq), text } : { seq: Number(seq), text, ending }
}

/** The event of a line; `undefined` where it has none. */
export function eventOf({ text, ending }: JournalRecord): RunEvent | undefined {
  if (ending === undefined) return JSON.parse(text) as RunEvent
  return ending.end.n === 0 ? undefined : ending.event
}

const tailLength = ',"crc":"00000000"}'.length

function checksum(data: string | Uint8Array): string {
  return crc32(data).toString(16).padStart(8, '0')
}

function endingOf(text: string): JournalRecord['ending'] {
  const value = JSON.parse(text) as RunEvent & { readonly end?: EndMark }
  if (!Object.hasOwn(value, 'end')) return undefined
  const { end, ...event } = value
  return end && { event: event as RunEvent, end }
}

function eventJson(event: RunEvent): string {
  for (const name of ['end', 'crc']) {
    if (Object.hasOwn(event, name)) throw unsupported(`an event with a field ${JSON.stringify(name)}`)
  }
  const json = jsonOf(event)
  // Whoever reads a journal looks for the number first.
  if (json.startsWith('{"seq":')) return json
  const { seq, ...rest } = event
  return jsonOf({ seq, ...rest })
}

/** The JSON text of a value. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    throw unsupported(`a value that is no JSON: ${String(error)}`)
  }
}
