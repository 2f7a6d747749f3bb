import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Definition } from '../definition.ts'
import { isJsonObject, type Json, type JsonObject } from '../json.ts'
import { normalise } from './normalise.ts'

/**
 * The text of a value after RFC 8785: the same value gives the same bytes on any
 * machine. Throws a `TypeError` for what is no JSON, and for half of a surrogate
 * pair, which has no bytes.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (isJsonObject(value)) return canonicalObject(value)
  const isText = typeof value === 'string'
  const isFit = isText ? value.isWellFormed() : typeof value !== 'number' || Number.isFinite(value)
  const text = isFit ? (JSON.stringify(value) as string | undefined) : undefined
  if (text === undefined) throw new TypeError('canonicalJson takes JSON values only')
  return text
}

function canonicalObject(object: JsonObject): string {
  const fields: string[] = []
  // In the order of their UTF-16 units.
  for (const key of Object.keys(object).toSorted()) {
    const field = object[key]
    if (field !== undefined) fields.push(`${canonicalJson(key)}:${canonicalJson(field)}`)
  }
  return `{${fields.join(',')}}`
}

/**
 * The name of a plan: lower-case hex of sha256 over the canonical JSON of the
 * normalised definition. YAML, JSON and TypeScript twins have one name.
 */
export function planHash(definition: Definition): string {
  return sha256Hex(canonicalJson(definitionJson(normalise(definition))))
}

/** Lower-case hex of sha256 over the UTF-8 bytes of a text: the name of a value beside the journal. */
export function sha256Hex(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)))
}

// A definition is JSON by construction; only its optional fields keep the
// compiler from seeing so.
function definitionJson(definition: Definition): Json {
  return definition as unknown as Json
}
