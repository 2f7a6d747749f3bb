import type { Json } from '@segno/schema/plan'

/** What a text is as JSON, or why it is none. The reason quotes nothing of it: a part of a secret cannot be masked. */
export type ParsedJson = { readonly json: Json } | { readonly problem: string }

/**
 * Reads JSON as everything of this project does: a number that would be rounded is a
 * mistake. A key such as `__proto__` becomes a field like any other.
 */
export function parseJson(text: string): ParsedJson {
  try {
    return { json: JSON.parse(text, (_, value: unknown) => exact(value)) as Json }
  } catch (error) {
    if (error instanceof Inexact) return { problem: error.message }
    return { problem: error instanceof RangeError ? 'it is nested too deep' : 'it cannot be parsed' }
  }
}

class Inexact extends Error {}

// `JSON.parse` rounds what a double cannot hold, and says nothing.
function exact(value: unknown): unknown {
  if (
    typeof value !== 'number' ||
    (Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)))
  )
    return value
  throw new Inexact('a number is beyond what can be kept exactly (2^53-1)')
}
