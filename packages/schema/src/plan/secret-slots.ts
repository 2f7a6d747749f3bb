import { cutAtMarks, type Piece } from '../expression/marks.ts'
import { isJsonObject, type Json } from '../json.ts'

/** A text that names secrets, and what it is made of. */
export interface SecretSlot {
  /** Where the text stands: keys and indices from the value down. */
  readonly pointer: readonly (string | number)[]
  readonly parts: readonly SecretPart[]
}

/** Text as it stands, or the name of a secret whose value goes there. */
export type SecretPart = string | { readonly secret: string }

/**
 * Takes the secrets out of a `with`, `env` or `headers` value. `template` has the text
 * `secret://NAME` for each reference, so it evaluates without secrets, and what
 * it gives may be journaled; `slots` says where the references were. Positions
 * decide, not content: `secret://NAME` that came from data is data. A text that
 * mixes secrets with other expressions is left as it is, and does not evaluate.
 */
export function secretSlots(value: Json): { readonly template: Json; readonly slots: readonly SecretSlot[] } {
  const slots: SecretSlot[] = []
  return { template: withoutSecrets(value, [], slots), slots }
}

/** The name in `secrets.NAME`; `undefined` for any other expression. */
export function secretName(expression: string): string | undefined {
  return /^\s*secrets\.([A-Za-z_][A-Za-z0-9_]{0,127})\s*$/.exec(expression)?.[1]
}

function withoutSecrets(value: Json, pointer: SecretSlot['pointer'], slots: SecretSlot[]): Json {
  if (typeof value === 'string') {
    const parts = partsOf(cutAtMarks(value))
    if (parts === undefined) return value
    slots.push({ pointer, parts })
    return parts.map((part) => (typeof part === 'string' ? escaped(part) : `secret://${part.secret}`)).join('')
  }
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => withoutSecrets(item, [...pointer, index], slots))
  }
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, field && withoutSecrets(field, [...pointer, key], slots)]),
  )
}

/** The parts of a text of secrets and plain text only; `undefined` for any other. */
function partsOf(pieces: readonly Piece[]): readonly SecretPart[] | undefined {
  const parts: SecretPart[] = []
  for (const piece of pieces) {
    const secret = piece.kind === 'expression' ? secretName(piece.text) : undefined
    if (piece.kind === 'text') parts.push(piece.text)
    else if (secret === undefined) return undefined
    else parts.push({ secret })
  }
  return parts.every((part) => typeof part === 'string') ? undefined : parts
}

// The template is cut at its marks again, and a `$${{` has lost its first `$`.
function escaped(text: string): string {
  return text.replaceAll('${{', '$$${{')
}
