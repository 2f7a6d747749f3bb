import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import serialize from 'canonicalize'
import type { Definition } from '../definition.ts'
import type { Json } from '../json.ts'
import { normalise } from './normalise.ts'

/** The text of a value after RFC 8785: the same value gives the same bytes on any machine. */
export function canonicalJson(value: Json): string {
  const text = serialize(value)
  if (text === undefined) throw new TypeError('canonicalJson takes JSON values only')
  return text
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
