import type { Json } from '../json.ts'

/**
 * A change of a document by places in its tree, as JSON Patch (RFC 6902) has
 * them. The text of the file keeps all else: comments, quotes and its style.
 */
export type DocumentEdit =
  /** Puts another value in the place of a text, number, list in brackets or the like. */
  | { readonly op: 'replace'; readonly pointer: string; readonly value: Json }
  /** Puts quotes around what YAML reads as something else than text, as `1.0`. */
  | { readonly op: 'quote'; readonly pointer: string }
  /** Gives an entry of a map another key. */
  | { readonly op: 'rename'; readonly pointer: string; readonly key: string }
  /** Takes out an entry of a map or an item of a list; where it was the only one, the map or list too. */
  | { readonly op: 'remove'; readonly pointer: string }
  /**
   * Adds the entry that `pointer` names to a map, behind the entry `after` where
   * there is one and at the end otherwise; or, with `-` as the last part of
   * `pointer`, an item to the end of a list.
   */
  | { readonly op: 'add'; readonly pointer: string; readonly value: Json; readonly after?: string }
  /** Replaces a part of a text, given by offsets in the text as the document gives it. */
  | {
      readonly op: 'splice'
      readonly pointer: string
      readonly start: number
      readonly end: number
      readonly text: string
    }
