import { parseDocument } from 'yaml'
import { replyReference } from '../check/reply.ts'
import { allNames, expressionPlaces, type ExpressionPlace } from '../check/scope.ts'
import type { Definition } from '../definition.ts'
import type { Reference } from '../expression/expression.ts'
import { cutAtMarks } from '../expression/marks.ts'
import { parseExpression } from '../expression/parse.ts'
import { stripMarks } from '../expression/template.ts'
import { pointerPart, type Json } from '../json.ts'
import { mend, type Mended } from '../parse/mend.ts'
import { scan } from '../parse/scan.ts'
import { treeOf } from '../parse/tree.ts'

/** An expression of a text, whether it can be parsed or not. */
export interface WrittenExpression {
  /** JSON Pointer of the string that it stands in. */
  readonly pointer: string
  /** Without `${{ }}`. */
  readonly text: string
  /** Where it begins in that string. */
  readonly offset: number
  /** What it reads, with offsets in `text`; `undefined` where it cannot be parsed. */
  readonly references?: readonly Reference[]
}

/** What an expression sees by name. */
export interface SeenNames {
  /** The ids that may stand after `steps.` */
  readonly steps: readonly string[]
  readonly variables: readonly string[]
}

/**
 * Every expression of a text, in no order. The text need not be right, nor even
 * YAML: what can be read of it counts. A mark that is not closed reaches to the
 * end of its string.
 */
export function expressionsIn(text: string): WrittenExpression[] {
  const definition = definitionIn(text)
  return definition === undefined ? [] : [...expressionPlaces(definition)].flatMap(writtenAt)
}

/**
 * The names that an expression at a JSON Pointer of a text sees, the nearest
 * first; `undefined` where no expression may stand. As tolerant as `expressionsIn`.
 */
export function namesSeenAt(text: string, pointer: string): SeenNames | undefined {
  const definition = definitionIn(text)
  if (definition === undefined) return undefined
  let found: { readonly pointer: string; readonly names: SeenNames } | undefined
  for (const place of expressionPlaces(definition)) {
    const isAround = pointer === place.pointer || pointer.startsWith(`${place.pointer}/`)
    if (!isAround || (found && found.pointer.length >= place.pointer.length)) continue
    // A scope grows while its list is walked, so its names are taken now.
    const names = { steps: allNames(place.scope, 'steps'), variables: allNames(place.scope, 'variables') }
    found = { pointer: place.pointer, names }
  }
  return found?.names
}

function definitionIn(text: string): Definition | undefined {
  return mendedIn(text)?.definition
}

/** What can be read of a text, as a definition of the right shape. */
export function mendedIn(text: string): Mended | undefined {
  if (scan(text).tooDeep) return undefined
  const { contents } = parseDocument(text, {
    ...({ schema: 'core', version: '1.2', uniqueKeys: false, merge: false } as const),
    ...({ prettyErrors: false, stringKeys: false, strict: true, logLevel: 'silent' } as const),
  })
  const { value, unread } = treeOf(contents)
  return mend(value, { told: new Set(), unread, isNameless: true })
}

function writtenAt({ pointer, value, form, scope }: ExpressionPlace): WrittenExpression[] {
  if (form === 'reply') {
    const reference = replyReference(String(value), allNames(scope, 'variables').includes('signal'))
    return [{ pointer, text: String(value), offset: 0, references: [reference] }]
  }
  if (form === 'template') return writtenIn(value, pointer)
  if (typeof value !== 'string') return []
  const { text, offset } = stripMarks(value)
  return [written(pointer, text, offset)]
}

function writtenIn(value: Json, pointer: string): WrittenExpression[] {
  if (typeof value === 'string') {
    return cutAtMarks(value).flatMap((piece) => {
      if (piece.kind === 'text') return []
      if (piece.kind === 'expression') return [written(pointer, piece.text, piece.start)]
      const start = value.lastIndexOf('${{', piece.start) + 3
      return [{ pointer, text: value.slice(start), offset: start }]
    })
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    inner === undefined ? [] : writtenIn(inner as Json, pointer + pointerPart(key)),
  )
}

function written(pointer: string, text: string, offset: number): WrittenExpression {
  const parsed = parseExpression(text)
  return { pointer, text, offset, ...('expression' in parsed && { references: parsed.expression.references }) }
}
