import { docUrlOf } from '../diagnostic/mistake.ts'
import type { Diagnostic, DiagnosticCode, Position } from '../diagnostic/diagnostic.ts'

/** A mistake by its offsets in the text: what the text has and its tree has not. */
export interface TextMistake {
  readonly code: DiagnosticCode
  readonly message: string
  readonly hint?: string | undefined
  readonly start: number
  readonly end: number
  /** Of the node around it; the document unless given. */
  readonly pointer?: string
  /** Whether quotes around it mend it, and whether there is nothing else that could be meant. */
  readonly quotes?: 'safe' | 'maybe'
  readonly related?: { readonly message: string; readonly start: number; readonly end: number }
}

/** The diagnostic of a mistake in the text. */
export function textDiagnosticOf(
  mistake: TextMistake,
  positionAt: (offset: number) => Position,
  { file, text }: { readonly file: string | undefined; readonly text: string },
): Diagnostic {
  const { code, message, hint, pointer = '', related, quotes, start, end } = mistake
  const fileField = file === undefined ? {} : { file }
  const rangeOf = ({ start, end }: { readonly start: number; readonly end: number }): Diagnostic['range'] & object => ({
    start: positionAt(start),
    end: positionAt(end),
  })
  return {
    code,
    severity: 'error',
    message,
    ...(hint !== undefined && { hint }),
    ...fileField,
    range: rangeOf(mistake),
    pointer,
    ...(related && { related: [{ message: related.message, ...fileField, range: rangeOf(related) }] }),
    ...(quotes && {
      fixes: [
        {
          title: 'quote it',
          edits: [{ range: rangeOf(mistake), newText: JSON.stringify(text.slice(start, end)) }],
          isSafe: quotes === 'safe',
        },
      ],
    }),
    docUrl: docUrlOf(code),
  }
}
