/** A JSON value: what every input, output and payload is made of. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** A JSON object. A field that is `undefined` does not exist. */
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
