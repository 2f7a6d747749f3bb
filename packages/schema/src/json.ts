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

/** Whether a value is a list in the sense of JSON. */
export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** One part of a JSON Pointer (RFC 6901). */
export function pointerPart(key: string | number): string {
  const part = String(key)
  // Hardly any has one of the two.
  return part.includes('~') || part.includes('/') ? `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}` : `/${part}`
}

/** The keys and indexes that a JSON Pointer leads through. */
export function pointerKeys(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The pointer of what a value stands in. */
export function parentPointer(pointer: string): string {
  return pointer.slice(0, pointer.lastIndexOf('/'))
}
