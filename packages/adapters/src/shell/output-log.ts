import type { FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { MaskedStream, Masker } from '@segno/core'
import type { OutputTail } from './output-tail.ts'

/** Where the output of a process goes. */
export interface OutputSink {
  readonly file: FileHandle
  readonly masker: Masker
  /** How much of its beginning is wanted in memory. */
  readonly headBytes: number
  /** More is read, so that the process is not held up, and not kept. */
  readonly logBytesMax: number
  /** Is told all that is kept. */
  readonly tail?: OutputTail
}

/** What is known of a stream that has ended. */
export interface KeptOutput {
  /** As the process printed them. */
  readonly bytes: number
  readonly head: Uint8Array
  /** Why there is less in the log, and in `head`, than was printed. */
  readonly missing: string | undefined
}

/**
 * Writes what a process prints to its log, masked, until the stream ends or is
 * destroyed. Never rejects, and reads on whatever happens to the log: a process is
 * not to hang or die of that. Memory is bounded: the next chunk is read when the last one is written.
 */
export async function keepOutput(stream: Readable, sink: OutputSink): Promise<KeptOutput> {
  const log = new OutputLog(sink)
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) await log.take(chunk)
  } catch {
    // The stream was destroyed, since somebody outside of the group keeps it open.
  }
  return await log.end()
}

class OutputLog {
  readonly #sink: OutputSink
  #stream: MaskedStream | undefined
  readonly #head: Uint8Array[] = []
  #headBytes = 0
  #bytes = 0
  #logBytes = 0
  #missing: string | undefined
  #isMasked = true

  constructor(sink: OutputSink) {
    this.#sink = sink
  }

  async take(chunk: Uint8Array): Promise<void> {
    this.#bytes += chunk.length
    await this.#keep(this.#masked((stream) => stream.push(chunk)))
  }

  async end(): Promise<KeptOutput> {
    await this.#keep(this.#masked((stream) => stream.end()))
    if (this.#missing !== undefined) {
      // The reason is in `missing` too, should this not be possible either.
      await this.#sink.file.appendFile(`\n[segno] ${this.#missing}\n`).catch(() => undefined)
    }
    return { bytes: this.#bytes, head: Buffer.concat(this.#head), missing: this.#missing }
  }

  // After a masker has failed nothing says where a secret begins: all that follows is left out.
  #masked(give: (stream: MaskedStream) => Uint8Array): Uint8Array {
    if (!this.#isMasked) return nothing
    try {
      return give((this.#stream ??= this.#sink.masker.stream()))
    } catch {
      this.#isMasked = false
      this.#missing ??= `the output from byte ${this.#logBytes} on is left out, since it could not be masked`
      return nothing
    }
  }

  async #keep(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return
    this.#sink.tail?.take(chunk)
    const wanted = chunk.slice(0, Math.max(0, this.#sink.headBytes - this.#headBytes))
    if (wanted.length > 0) this.#head.push(wanted)
    this.#headBytes += wanted.length
    await this.#write(chunk)
  }

  async #write(chunk: Uint8Array): Promise<void> {
    if (this.#missing !== undefined) return
    const { file, logBytesMax } = this.#sink
    const room = logBytesMax - this.#logBytes
    try {
      await file.appendFile(chunk.length > room ? chunk.subarray(0, room) : chunk)
      this.#logBytes += Math.min(chunk.length, room)
      if (chunk.length > room) this.#missing = `the output is longer than ${logBytesMax} bytes; the rest is not kept`
    } catch (error) {
      this.#missing = `the output from byte ${this.#logBytes} on could not be written: ${String(error)}`
    }
  }
}

const nothing = new Uint8Array()
