import type { MaskedStream } from '../ports/masker.ts'
import { root } from './aho-corasick.ts'
import type { AhoCorasick } from './aho-corasick.ts'

/** What stands in the place of a secret. */
export const mask = '***'

const maskBytes = new TextEncoder().encode(mask)

interface Span {
  readonly from: number
  readonly to: number
}

/**
 * Masks every byte that any form covers; what is masked side by side becomes one
 * mask. Holds back only what may be the beginning of a form. What it gives may share
 * memory with the chunk that was pushed, but what it holds back does not.
 */
export class MaskingStream implements MaskedStream {
  readonly #forms: AhoCorasick
  #version: number
  #node = root
  // Places are counted from the first byte of the stream.
  #from = 0
  #to = 0
  #held: Uint8Array[] = []
  #spans: Span[] = []
  // Whether the last byte given on was masked.
  #isMasking = false

  constructor(forms: AhoCorasick) {
    this.#forms = forms
    this.#version = forms.version
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.#version !== this.#forms.version) this.#readAgain()
    this.#read(chunk, this.#to)
    this.#to += chunk.length
    if (chunk.length > 0) this.#held.push(chunk)
    const released = this.#release(this.#to - this.#forms.depth(this.#node))
    const last = this.#held.pop()
    // The caller may fill the chunk's memory anew. (A Buffer's `slice` would not copy.)
    if (last !== undefined) this.#held.push(chunk.length > 0 ? new Uint8Array(last) : last)
    return released
  }

  end(): Uint8Array {
    if (this.#version !== this.#forms.version) this.#readAgain()
    this.#node = root
    return this.#release(this.#to)
  }

  // A form that was added may lie in what is held back.
  #readAgain(): void {
    this.#version = this.#forms.version
    this.#node = root
    let at = this.#from
    for (const piece of this.#held) {
      this.#read(piece, at)
      at += piece.length
    }
  }

  #read(bytes: Uint8Array, start: number): void {
    this.#node = this.#forms.scan(bytes, this.#node, (from, to) => this.#cover(start + from, start + to))
  }

  #cover(from: number, to: number): void {
    let least = from
    let most = to
    for (let last = this.#spans.at(-1); last !== undefined && last.to >= least; last = this.#spans.at(-1)) {
      least = Math.min(least, last.from)
      most = Math.max(most, last.to)
      this.#spans.pop()
    }
    this.#spans.push({ from: least, to: most })
  }

  #release(until: number): Uint8Array {
    const given: Uint8Array[] = []
    let index = 0
    while (this.#from < until) {
      const span = this.#spans[index]
      const isMasked = span !== undefined && span.from <= this.#from
      const to = Math.min(until, (isMasked ? span.to : span?.from) ?? until)
      if (isMasked && !this.#isMasking) given.push(maskBytes)
      this.#take(to, isMasked ? [] : given)
      this.#isMasking = isMasked
      if (isMasked && span.to === to) index += 1
    }
    this.#spans.splice(0, index)
    return joined(given)
  }

  #take(until: number, into: Uint8Array[]): void {
    let index = 0
    for (let piece = this.#held[0]; piece !== undefined && this.#from < until; piece = this.#held[index]) {
      const length = Math.min(piece.length, until - this.#from)
      into.push(piece.subarray(0, length))
      this.#from += length
      if (length === piece.length) index += 1
      else this.#held[index] = piece.subarray(length)
    }
    this.#held.splice(0, index)
  }
}

/** One after the other; a single one as it is. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces
  if (only !== undefined && pieces.length === 1) return only
  const result = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    result.set(piece, at)
    at += piece.length
  }
  return result
}
