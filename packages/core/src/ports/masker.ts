import type { Json } from '@segno/schema/plan'

/**
 * Replaces secret values by `***` in all that leaves the engine: as they are, each
 * of their lines, and as JSON, URL and base64 text write them. Best effort: a value
 * that a program has changed otherwise is not found.
 */
export interface Masker {
  /** Whether there is nothing to mask yet. */
  readonly isEmpty: boolean
  text(text: string): string
  /** Texts and keys inside of the value are masked; what holds no secret is given back as it is. */
  json(value: Json): Json
  /** Masks a stream of bytes, also where a secret lies across chunks. */
  stream(): MaskedStream
}

/** One stream on its way through a masker. */
export interface MaskedStream {
  /**
   * What can be given on: all but an end that may be the beginning of a secret. It may share
   * memory with the chunk, which therefore stays as it is until this is written.
   */
  push(chunk: Uint8Array): Uint8Array
  /** What was held back. */
  end(): Uint8Array
}
