/**
 * Where the values of secrets come from: asked when an attempt starts, never
 * kept in a journal, a state or an error.
 */
export interface Secrets {
  /** The value of a secret; `undefined` where the host has none of that name. */
  get(name: string): Promise<string | undefined>
}
