import type { TextRow } from './connection.ts'

/** A value of a statement, sent as text. */
export type TextValue = string | number | null

/** Where a query is sent, as `pg` gives it. */
interface Wire {
  readonly stream: { readonly writable: boolean; write(message: Uint8Array): unknown }
}

/**
 * A question by a statement that its connection has kept, in the shape in which `pg` takes queries of others. It is one
 * message, and asks for the rows alone: `pg` itself asks each time what their columns are, and reads that before the rows.
 */
export class KeptQuery {
  /** Told once. `pg` puts its limit of time around it. */
  callback: (error: Error | null | undefined) => void
  readonly rows: TextRow[] = []
  readonly #message: Buffer

  constructor(name: string, values: readonly TextValue[], callback: KeptQuery['callback']) {
    this.#message = messageOf(name, values)
    this.callback = callback
  }

  submit({ stream }: Wire): void {
    // A connection that is going away tells so by itself.
    if (stream.writable) stream.write(this.#message)
  }

  handleDataRow({ fields }: { readonly fields: TextRow }): void {
    this.rows.push(fields)
  }

  handleError(error: Error): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback(null)
  }

  handleCommandComplete(): void {}
}

/** Whether all of these are sent as text. */
export function areTexts(values: readonly unknown[]): values is readonly TextValue[] {
  return values.every((value) => value === null || typeof value === 'string' || typeof value === 'number')
}

// The messages Bind, Execute and Sync of the protocol, version 3: with the unnamed portal, and all values as text.
function messageOf(name: string, values: readonly TextValue[]): Buffer {
  const texts = values.map((value) => (typeof value === 'number' ? String(value) : value))
  const bindSize = texts.reduce<number>(
    (size, text) => size + 4 + (text === null ? 0 : Buffer.byteLength(text)),
    12 + Buffer.byteLength(name),
  )
  const bytes = Buffer.allocUnsafe(1 + bindSize + executeAndSync.length)
  let at = bytes.writeUInt8(bind)
  at = bytes.writeInt32BE(bindSize, at)
  at = bytes.writeUInt8(0, at)
  at += bytes.write(name, at)
  at = bytes.writeUInt8(0, at)
  at = bytes.writeInt16BE(0, at)
  at = bytes.writeInt16BE(texts.length, at)
  for (const text of texts) {
    const written = text === null ? nullSize : bytes.write(text, at + 4)
    at = bytes.writeInt32BE(written, at) + Math.max(0, written)
  }
  at = bytes.writeInt16BE(0, at)
  executeAndSync.copy(bytes, at)
  return bytes
}

const bind = 0x42
const nullSize = -1
const executeAndSync = Buffer.from('E\0\0\0\x09\0\0\0\0\0S\0\0\0\x04', 'latin1')
