import { readFileSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { canonicalJson, type Json, type RunEvent } from '@segno/schema/plan'

/**
 * What is written from outside of a store while it is tortured, one line each, into
 * one file that everybody appends to: so the order of the lines is the order of what
 * happened, across all processes.
 */
export type Entry =
  /** An engine told its listeners of an event: the store has acknowledged it. */
  | {
      readonly kind: 'ack'
      readonly worker: string
      readonly runId: string
      readonly seq: number
      readonly crc: number
      readonly type: string
      /** Of the step; the name of the workflow that a run is created of; `-` otherwise. */
      readonly path: string
      /** When it was told. */
      readonly at: number
    }
  /** An attempt began to do something. */
  | {
      readonly kind: 'did'
      readonly runId: string
      readonly path: string
      readonly attempt: number
      readonly key: string
      readonly pid: number
      readonly by: 'host' | 'process'
    }
  /** A worker was stopped for longer than its leases last, and goes on. */
  | { readonly kind: 'froze'; readonly worker: string }
  /** The store told what became of a message. */
  | { readonly kind: 'sent'; readonly runId: string; readonly id: string; readonly outcome: string }

/** Of the value of an event, whatever the order of its members. */
export function crcOf(event: RunEvent): number {
  return crc32(canonicalJson(event as unknown as Json))
}

/** Writes down that an event was acknowledged, before its listener returns. */
export function writeAck(fd: number, worker: string, event: RunEvent): void {
  const path = 'path' in event && event.path !== '' ? event.path : '-'
  const of = event.type === 'run.created' ? event.workflow : path
  writeLine(fd, ['ack', worker, event.runId, event.seq, crcOf(event), event.type, of, Date.now()])
}

/** Writes down that a handler began. */
export function writeDid(fd: number, { runId, path, attempt, idempotencyKey }: DidOf): void {
  writeLine(fd, ['did', runId, path, attempt, idempotencyKey, process.pid, 'host'])
}

/** Writes down what became of a message. */
export function writeSent(fd: number, runId: string, id: string, outcome: string): void {
  writeLine(fd, ['sent', runId, id, outcome])
}

/** The line of a worker that was stopped. */
export function frozeLine(worker: string): string {
  return framed(['froze', worker])
}

/** The same line as `writeDid`, from a shell. */
export const shellDid =
  'printf "\\n%s .\\n" "did $SEGNO_RUN_ID $SEGNO_STEP $SEGNO_ATTEMPT $SEGNO_IDEMPOTENCY_KEY $$ process" >> "$TORTURE_LEDGER"'

/** Reads all lines that are whole. */
export function readLedger(path: string): Entry[] {
  return entriesOf(readFileSync(path, 'utf8').split('\n'))
}

/** Reads those of some lines that are whole: a process that is killed while it writes leaves a part, and nobody relies on it. */
export function entriesOf(lines: readonly string[]): Entry[] {
  return lines.filter((line) => line.endsWith(end)).map((line) => entryOf(line.slice(0, -end.length)))
}

function entryOf(line: string): Entry {
  const [kind, ...rest] = line.split(' ')
  if (kind === 'ack' && rest.length === 7) {
    const [worker = '', runId = '', seq, crc, type = '', path = '', at] = rest
    return { kind, worker, runId, seq: Number(seq), crc: Number(crc), type, path, at: Number(at) }
  }
  if (kind === 'did' && rest.length === 6) {
    const [runId = '', path = '', attempt, key = '', pid, by] = rest
    return { kind, runId, path, attempt: Number(attempt), key, pid: Number(pid), by: by === 'host' ? by : 'process' }
  }
  if (kind === 'sent' && rest.length === 3) {
    const [runId = '', id = '', outcome = ''] = rest
    return { kind, runId, id, outcome }
  }
  if (kind === 'froze' && rest.length === 1) return { kind, worker: rest[0] ?? '' }
  throw new Error(`no line of a ledger: ${JSON.stringify(line)}`)
}

interface DidOf {
  readonly runId: string
  readonly path: string
  readonly attempt: number
  readonly idempotencyKey: string
}

// In one call, so that lines of several processes do not mix.
function writeLine(fd: number, words: readonly (string | number)[]): void {
  writeSync(fd, framed(words))
}

const end = ' .'

// A write that crosses a page can be cut there by a kill: whoever writes next begins on a line of its own.
function framed(words: readonly (string | number)[]): string {
  return `\n${words.join(' ')}${end}\n`
}
