import type { Json } from '@segno/schema/plan'
import { parseJson } from '../json/parse-json.ts'

/** What a body is as a value; or what is wrong with it, and what can be shown of it all the same. */
export type BodyValue = { readonly value: Json } | { readonly problem: string; readonly shown: string | null }

/** Reads the bytes of a body by their type: JSON, or text of a charset, or nothing. */
export function bodyValue(bytes: Uint8Array, contentType: string | undefined): BodyValue {
  if (bytes.length === 0) return { value: null }
  const { type, charset } = mediaTypeOf(contentType)
  if (type !== undefined && charset === undefined && !isText(type)) return binary(type)
  const text = decoded(bytes, charset ?? 'utf-8')
  if (type === undefined && (text === undefined || text.includes('\0'))) return binary('of no type')
  if (text === undefined) {
    const problem = `the body of the answer is not ${charset ?? 'utf-8'}`
    return { problem, shown: new TextDecoder().decode(bytes) }
  }
  if (type === undefined || !isJson(type)) return { value: text }
  const parsed = parseJson(text)
  return 'json' in parsed
    ? { value: parsed.json }
    : { problem: `the body of the answer is not JSON: ${parsed.problem}`, shown: text }
}

function binary(type: string): BodyValue {
  const problem = `the body of the answer is ${type}, which is no text: fetch it with a process, and keep it as a file`
  return { problem, shown: null }
}

interface MediaType {
  /** In lower case. */
  readonly type: string | undefined
  readonly charset: string | undefined
}

function mediaTypeOf(contentType = ''): MediaType {
  const [, type] = /^\s*([^\s;,]+)/.exec(contentType) ?? []
  const [, charset] = /;\s*charset\s*=\s*"?([^\s;",]+)/i.exec(contentType) ?? []
  return { type: type?.toLowerCase(), charset: charset?.toLowerCase() }
}

function isJson(type: string): boolean {
  return type === 'application/json' || type === 'text/json' || type.endsWith('+json')
}

const textTypes = new Set([
  ...['application/xml', 'application/yaml', 'application/x-yaml', 'application/toml', 'application/sql'],
  ...['application/x-ndjson', 'application/jsonl', 'application/json-seq', 'application/graphql'],
  ...['application/javascript', 'application/ecmascript', 'application/x-www-form-urlencoded'],
])

function isText(type: string): boolean {
  return type.startsWith('text/') || isJson(type) || /\+(xml|yaml)$/.test(type) || textTypes.has(type)
}

/** Nothing where the bytes are not of that charset, or nobody knows it. */
function decoded(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined
    throw error
  }
}
