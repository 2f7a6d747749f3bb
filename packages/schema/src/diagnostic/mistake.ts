import type { SourceMap } from '../parse/source-map.ts'
import type { Diagnostic, DiagnosticCode, Range } from './diagnostic.ts'

/** A mistake by its place in the document's tree, before positions are known. */
export interface Mistake {
  readonly code: DiagnosticCode
  /** `error` unless given. */
  readonly severity?: 'error' | 'warning'
  readonly message: string
  readonly hint?: string | undefined
  readonly pointer: string
  /** Which part of the node: its key, its value (unless given), or offsets in its text. */
  readonly at?: 'key' | 'value' | { readonly start: number; readonly end: number }
  /** What mends the mistake when it stands in that place. */
  readonly replacement?: string | undefined
  readonly related?: readonly { readonly message: string; readonly pointer: string }[]
}

/** Where a definition comes from; neither is known for one that was written in TypeScript. */
export interface Source {
  readonly file?: string | undefined
  readonly sourceMap?: SourceMap | undefined
}

/** A mistake of a document that stands at a pointer of another one. */
export function mistakeInside(mistake: Mistake, pointer: string): Mistake {
  if (pointer === '') return mistake
  const related = mistake.related?.map((place) => ({ ...place, pointer: pointer + place.pointer }))
  return { ...mistake, pointer: pointer + mistake.pointer, ...(related && { related }) }
}

/** The diagnostic of a mistake, with the file's positions where there is a file. */
export function diagnosticOf(mistake: Mistake, source: Source): Diagnostic {
  const { code, severity = 'error', message, hint, pointer, replacement } = mistake
  const file = source.file === undefined ? {} : { file: source.file }
  const range = rangeOf(mistake, source.sourceMap)
  const related = mistake.related?.map((place) => {
    const placeRange = source.sourceMap?.value(place.pointer)
    return { ...place, ...file, ...(placeRange && { range: placeRange }) }
  })
  return {
    code,
    severity,
    message,
    ...(hint !== undefined && { hint }),
    ...file,
    ...(range && { range }),
    pointer,
    ...(related && { related }),
    ...(range &&
      replacement !== undefined && { fixes: [{ range, newText: replacement, title: `change to "${replacement}"` }] }),
    docUrl: docUrlOf(code),
  }
}

/** Where the documentation explains a code. */
export function docUrlOf(code: DiagnosticCode): string {
  return `docs/09-errors.md#${code.toLowerCase()}`
}

// What has no place of its own, as a key that is missing, is shown at what is around it.
function rangeOf({ pointer, at = 'value' }: Mistake, sourceMap: SourceMap | undefined): Range | undefined {
  if (!sourceMap) return undefined
  if (typeof at === 'object') return sourceMap.inside(pointer, at.start, at.end)
  return (at === 'key' ? sourceMap.key(pointer) : undefined) ?? sourceMap.value(pointer)
}
