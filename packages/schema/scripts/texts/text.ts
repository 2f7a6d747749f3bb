import type { Json } from '../../src/index.ts'
import type { Schema } from '../schema.ts'

/** What a schema says to people about one place. */
export interface Text {
  readonly text: string
  readonly examples?: readonly Json[]
  /** What each value of an enumeration means; all of them or none. */
  readonly values?: Readonly<Record<string, string>>
  /** What zod checks by a function and JSON Schema can say too. */
  readonly also?: Schema
}

/**
 * Texts by place: a definition (`Retry`), a key of it (`Retry.max`), and further in by keys, `*` for the values of a map.
 * What several definitions share stands under the name of a group: see `groups`.
 */
export type Texts = Readonly<Record<string, string | Text>>
