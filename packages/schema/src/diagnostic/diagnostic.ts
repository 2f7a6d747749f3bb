/** A place in a text: UTF-16 offset from 0, line and column from 1. */
export interface Position {
  readonly offset: number
  readonly line: number
  readonly column: number
}

/** From `start` up to, not including, `end`. */
export interface Range {
  readonly start: Position
  readonly end: Position
}

/** An edit that mends the mistake when applied to the file. */
export interface TextEdit {
  readonly range: Range
  readonly newText: string
  readonly title: string
}

/**
 * A mistake found in a definition. All of a document's mistakes are collected;
 * none hides another.
 */
export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** What to do, in a few words, shown under the place: `did you mean "needs"?` */
  readonly hint?: string
  readonly file?: string
  /** Missing where a definition has no text, as one written in TypeScript. */
  readonly range?: Range
  /** JSON Pointer (RFC 6901) into the document. */
  readonly pointer: string
  readonly related?: readonly { readonly message: string; readonly file?: string; readonly range?: Range; readonly pointer?: string }[]
  readonly fixes?: readonly TextEdit[]
  readonly docUrl: string
}

/** Every diagnostic code and what it means. `docs/` has a row for each. */
export const diagnosticCodes = {
  DOCUMENT_TOO_LARGE: 'The text is larger than 256 KiB.',
} as const

/** The stable name of a kind of mistake. */
export type DiagnosticCode = keyof typeof diagnosticCodes
