/** A JSON value: what every input, output and payload is made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** A JSON object. A field that is `undefined` does not exist. */
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/** Whether a value is an object in the sense of JSON: not null, not a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One part of a JSON Pointer (RFC 6901). */
export function pointerPart(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}
