import { sha256Hex } from '@segno/schema/plan'
import type { BlobRef, Failure, Json } from '@segno/schema/plan'
import type { RunState } from './state.ts'

/** Above this many bytes a value lives beside the journal, and state holds its reference. */
export const inlineBytesMax = 16 * 1024
/** The largest value that Segno keeps; larger things are artifacts. */
export const valueBytesMax = 8 * 1024 * 1024

/** A value to be kept beside the journal: durable before the event that names it. */
export interface Blob extends BlobRef {
  /** The JSON text whose UTF-8 bytes `sha256` is over. */
  readonly text: string
}

/** Stands in state for a value that lives beside the journal. */
export class Held {
  readonly ref: BlobRef
  constructor(ref: BlobRef) {
    this.ref = ref
  }
}

/** A value as state keeps it. */
export type Kept = Json | Held

/** A value of an event as state keeps it. */
export function keptOf(state: RunState, json: Json | undefined, blob: BlobRef | undefined): Kept | undefined {
  if (blob === undefined) return json
  state.holdsBlobs = true
  return new Held(blob)
}

/** A value on its way into an event: inline, or as a blob to be stored with it. */
export type Measured = { readonly json: Json } | { readonly blob: Blob } | { readonly failure: Failure }

/** Whether a value lives in its event for certain, as most do. */
export function isSmall(json: Json): boolean {
  return estimateAtMost(json, inlineBytesMax) >= 0
}

/**
 * Decides where a value lives. The cheap estimate comes first: most values are
 * small, and a value is serialised at most once.
 */
export function measure(json: Json): Measured {
  if (isSmall(json)) return { json }
  const text = JSON.stringify(json)
  const size = utf8Length(text)
  if (size <= inlineBytesMax) return { json }
  if (size > valueBytesMax) {
    return {
      failure: {
        code: 'PAYLOAD_TOO_LARGE',
        message: `the value has ${size} bytes of JSON, more than ${valueBytesMax}`,
        retryable: false,
      },
    }
  }
  return { blob: { sha256: sha256Hex(text), size, text } }
}

// What is left of `budget` after an upper bound of the JSON text's bytes; negative as soon as it is used up.
function estimateAtMost(json: Json | undefined, budget: number): number {
  switch (typeof json) {
    case 'string':
      // One UTF-16 unit takes at most six bytes of JSON text: \uXXXX.
      return budget - 2 - 6 * json.length
    case 'number':
      return budget - 25
    case 'boolean':
    case 'undefined':
      return budget - 5
    default:
      return json === null ? budget - 4 : estimateParts(json, budget - 2)
  }
}

function estimateParts(json: readonly Json[] | { readonly [key: string]: Json | undefined }, budget: number): number {
  let left = budget
  if (Array.isArray(json)) {
    for (let i = 0; i < json.length && left >= 0; i++) left = estimateAtMost(json[i], left - 1)
    return left
  }
  const object = json as { readonly [key: string]: Json | undefined }
  for (const key in object) {
    if (left < 0) break
    left = estimateAtMost(object[key], left - 4 - 6 * key.length)
  }
  return left
}

/** Bytes of a text in UTF-8, without encoding it. A lone surrogate counts as the three bytes it is replaced by. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) bytes += 1
    else if (unit < 0x800) bytes += 2
    else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(i + 1))) {
      bytes += 4
      i++
    } else bytes += 3
  }
  return bytes
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
