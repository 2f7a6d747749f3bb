const tailBytes = 8 * 1024
const tailLines = 64

/** Remembers how a stream ended, for people: its last lines, and how many there were. */
export class OutputTail {
  #bytes = Buffer.alloc(0)
  #newlines = 0
  #endsLine = true
  #isWhole = true

  take(chunk: Uint8Array): void {
    // Not by an iterator: that takes four times as long, and a process may print gigabytes.
    for (let at = 0; at < chunk.length; at++) if (chunk[at] === newline) this.#newlines++
    this.#endsLine = chunk.at(-1) === newline
    const all = chunk.length >= tailBytes ? chunk : Buffer.concat([this.#bytes, chunk])
    if (all.length > tailBytes) this.#isWhole = false
    // A copy: a view would keep the memory of the chunk.
    this.#bytes = Buffer.from(all.subarray(-tailBytes))
  }

  /** How many lines were printed, also one that was not ended. */
  get lines(): number {
    return this.#newlines + (this.#endsLine ? 0 : 1)
  }

  /** The last lines, without the final newline: at most 64, and at most 8 KiB as JSON text, which is how they are kept. */
  text(): string {
    const text = new TextDecoder().decode(this.#isWhole ? this.#bytes : afterPartOfCharacter(this.#bytes))
    let lines = text
      .replace(/\r?\n$/, '')
      .split('\n')
      .slice(-tailLines)
      .join('\n')
    while (Buffer.byteLength(JSON.stringify(lines)) > tailBytes) {
      lines = lines.slice(Math.ceil(lines.length / 8)).toWellFormed()
    }
    return lines
  }
}

const newline = 0x0a

function afterPartOfCharacter(bytes: Uint8Array): Uint8Array {
  let start = 0
  while (start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return bytes.subarray(start)
}
