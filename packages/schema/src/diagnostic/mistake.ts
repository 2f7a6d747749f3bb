import { pointerKeys, pointerPart } from '../json.ts'
import type { DocumentEdit } from '../parse/document-edit.ts'
import type { SourceMap } from '../parse/source-map.ts'
import type { Diagnostic, DiagnosticCode, Fix, Range, RelatedPlace } from './diagnostic.ts'

/** A mistake by its place in the document's tree, before positions are known. */
export interface Mistake {
  readonly code: DiagnosticCode
  /** `error` unless given. */
  readonly severity?: 'error' | 'warning'
  readonly message: string
  readonly hint?: string | undefined
  /** What fits there, as a person says it: `an integer`. */
  readonly expected?: string | undefined
  /** What stands there, said in the same way: `text or null`. */
  readonly found?: string | undefined
  readonly pointer: string
  /** Which part of the node: its key, its value (unless given), or offsets in its text. */
  readonly at?: 'key' | 'value' | { readonly start: number; readonly end: number }
  /** The name that mends the mistake when it stands in that place. */
  readonly replacement?: string | undefined
  /** Other names that are as near as `replacement`. */
  readonly alternatives?: readonly string[] | undefined
  /** Other ways to mend it, the best one first. They come after `replacement`. */
  readonly fixes?: readonly MistakeFix[] | undefined
  readonly related?: readonly RelatedMistake[]
}

/** A way to mend a mistake, by places in the document's tree: all edits or none. */
export interface MistakeFix {
  readonly title: string
  readonly edits: readonly DocumentEdit[]
  /** Whether it may be applied unasked; `true` unless given. */
  readonly isSafe?: boolean
}

/** Another place that has to be looked at. */
export interface RelatedMistake {
  readonly message: string
  /** In the document of the mistake, or in the one that `imported` leads to. */
  readonly pointer: string
  /** Its key, or its value (unless given). */
  readonly at?: 'key' | 'value'
  /** The names of the imports that lead from the document of the mistake to that of the place. */
  readonly imported?: readonly string[]
}

/** Where a definition comes from; neither is known for one that was written in TypeScript. */
export interface Source {
  readonly file?: string | undefined
  readonly sourceMap?: SourceMap | undefined
}

/** Where a document stands that is imported from another one: its source, and its place in there. */
export interface ImportedPlace {
  readonly source: Source
  readonly pointer: string
}

/** Leads from a document to what it imports, by the names of the imports. */
export type FindImported = (names: readonly string[]) => ImportedPlace

/** A mistake of a document that stands at a pointer of another one. */
export function mistakeInside(mistake: Mistake, pointer: string): Mistake {
  if (pointer === '') return mistake
  const moved = atPointers(mistake, (inner) => pointer + inner)
  const related = moved.related?.map((place) =>
    place.imported === undefined ? place : { ...place, imported: [...importsOn(pointer), ...place.imported] },
  )
  return { ...moved, ...(related && { related }) }
}

/** The names of the imports that a pointer such as `/imports/pay/imports/log` leads through. */
function importsOn(pointer: string): string[] {
  return [...pointer.matchAll(/\/imports(\/[^/]*)/g)].flatMap(([, name = '']) => pointerKeys(name))
}

/** The same mistake with each of its own pointers put elsewhere. */
export function atPointers(mistake: Mistake, place: (pointer: string) => string): Mistake {
  const related = mistake.related?.map((other) =>
    other.imported === undefined ? { ...other, pointer: place(other.pointer) } : other,
  )
  const fixes = mistake.fixes?.map((fix) => ({
    ...fix,
    edits: fix.edits.map((edit) => ({ ...edit, pointer: place(edit.pointer) })),
  }))
  return { ...mistake, pointer: place(mistake.pointer), ...(related && { related }), ...(fixes && { fixes }) }
}

/** The diagnostic of a mistake, with the file's positions where there is a file. */
export function diagnosticOf(mistake: Mistake, source: Source, findImported?: FindImported): Diagnostic {
  const { code, severity = 'error', message, hint, expected, found, pointer } = mistake
  const range = rangeOf(mistake, source.sourceMap)
  const related = mistake.related?.map((place) => relatedPlace(place, source, findImported))
  const fixes = range && source.sourceMap ? fixesOf(mistake, source.sourceMap) : []
  return {
    code,
    severity,
    message,
    ...(hint !== undefined && { hint }),
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
    ...(source.file !== undefined && { file: source.file }),
    ...(range && { range }),
    pointer,
    ...(related && { related }),
    ...(fixes.length > 0 && { fixes }),
    docUrl: docUrlOf(code),
  }
}

/** Where the documentation explains a code. */
export function docUrlOf(code: DiagnosticCode): string {
  return `docs/09-errors.md#${code.toLowerCase()}`
}

// What has no place of its own, as a key that is missing, is shown at what is around it.
function rangeOf(
  { pointer, at = 'value' }: Pick<Mistake, 'pointer' | 'at'>,
  sourceMap: SourceMap | undefined,
): Range | undefined {
  if (!sourceMap) return undefined
  if (typeof at === 'object') return sourceMap.inside(pointer, at.start, at.end)
  return (at === 'key' ? sourceMap.key(pointer) : undefined) ?? sourceMap.value(pointer)
}

function relatedPlace(
  { message, pointer, at, imported }: RelatedMistake,
  own: Source,
  findImported: FindImported | undefined,
): RelatedPlace {
  // Without files, a document stands in the place of each import.
  const inside = (imported ?? []).map((name) => `/imports${pointerPart(name)}`).join('')
  const found = imported && findImported ? findImported(imported) : { source: own, pointer: inside }
  const place = found.pointer + pointer
  const range = rangeOf({ pointer: place, ...(at && { at }) }, found.source.sourceMap)
  const { file } = found.source
  return { message, pointer: place, ...(file !== undefined && { file }), ...(range && { range }) }
}

function fixesOf(mistake: Mistake, sourceMap: SourceMap): Fix[] {
  const { pointer, at = 'value', replacement, alternatives = [], fixes = [] } = mistake
  const names = replacement === undefined ? [] : [replacement, ...alternatives]
  const renames = names.map((name): MistakeFix => {
    const edit = typeof at === 'object' ? ({ op: 'splice', pointer, ...at, text: name } as const) : undefined
    const named = at === 'key' ? ({ op: 'rename', pointer, key: name } as const) : undefined
    const edits = [edit ?? named ?? ({ op: 'replace', pointer, value: name } as const)]
    return { title: `change to "${name}"`, edits, isSafe: names.length === 1 }
  })
  return [...renames, ...fixes].flatMap(({ title, edits, isSafe = true }) => {
    const placed = edits.map((edit) => sourceMap.textEdit(edit))
    // All of them or none: half of a fix is another mistake.
    if (!placed.every((found) => found !== undefined)) return []
    const sorted = placed.toSorted((a, b) => a.range.start.offset - b.range.start.offset)
    return [{ title, edits: sorted, isSafe }]
  })
}
