import { parseDocument, type YAMLParseError } from 'yaml'
import type { Definition } from '../definition.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { byPlace } from '../diagnostic/by-place.ts'
import { diagnosticOf } from '../diagnostic/mistake.ts'
import type { Json } from '../json.ts'
import { scan } from './scan.ts'
import { shapeMistakes } from './shape.ts'
import { slotHint } from './slot-hint.ts'
import { createSourceMap, positions, type SourceMap } from './source-map.ts'
import { textDiagnosticOf, type TextMistake } from './text-mistake.ts'
import { treeOf, type Tree } from './tree.ts'

/** What became of a text: a definition unless there are errors, and where each node stands. */
export interface ParsedWorkflow {
  readonly definition?: Definition
  readonly sourceMap: SourceMap
  readonly diagnostics: readonly Diagnostic[]
}

/** How large a text may be, in bytes of UTF-8. */
const textBytesMax = 256 * 1024

/**
 * The definition that a YAML or JSON text gives, with the place of every node.
 * Works in stages: size, tokens, YAML, tree, shape. All mistakes of a stage are
 * collected; a stage whose result would mislead the next one ends the work.
 * Never throws, whatever the text.
 */
export function parseWorkflow(text: string, { file }: { readonly file?: string } = {}): ParsedWorkflow {
  const positionAt = positions(text)
  const refused = (mistakes: readonly TextMistake[]): ParsedWorkflow => ({
    sourceMap: createSourceMap(text, new Map()),
    diagnostics: mistakes.map((mistake) => textDiagnosticOf(mistake, positionAt, file)),
  })
  if (isTooLarge(text)) {
    return refused([{ code: 'DOCUMENT_TOO_LARGE', message: 'the text is larger than 256 KiB', start: 0, end: 0 }])
  }
  const { mistakes, tree } = readYaml(text)
  if (!tree) return refused(mistakes)
  const sourceMap = createSourceMap(text, tree.places)
  const found = tree.mistakes.map((mistake) => textDiagnosticOf(mistake, positionAt, file))
  // What the tree could not take stands in it as null or 0; its shape is no second mistake.
  const told = new Set(found.map(({ pointer }) => pointer))
  const shape = shapeMistakes(tree.value).filter(({ pointer }) => !told.has(pointer))
  const diagnostics = [...found, ...shape.map((mistake) => diagnosticOf(mistake, { file, sourceMap }))].toSorted(
    byPlace,
  )
  if (diagnostics.length > 0) return { sourceMap, diagnostics }
  return { definition: definitionOf(tree.value), sourceMap, diagnostics }
}

// The shape of the value was checked just before.
function definitionOf(value: Json): Definition {
  return value as unknown as Definition
}

// Each UTF-16 unit takes up to three bytes; only a text in between is counted.
function isTooLarge(text: string): boolean {
  if (text.length > textBytesMax) return true
  return text.length * 3 > textBytesMax && new TextEncoder().encode(text).length > textBytesMax
}

const syntaxMistakesMax = 20

function readYaml(text: string): { readonly mistakes: readonly TextMistake[]; readonly tree?: Tree } {
  const { mistakes, tooDeep } = scan(text)
  if (tooDeep) return { mistakes }
  // Duplicates are found by `treeOf`: the parser's own search is quadratic.
  const document = parseDocument(text, {
    ...({ schema: 'core', version: '1.2', uniqueKeys: false, merge: false } as const),
    ...({ prettyErrors: false, stringKeys: false, strict: true, logLevel: 'error' } as const),
  })
  const lineOf = positions(text)
  const refusedLines = new Set(mistakes.map(({ start }) => lineOf(start).line))
  const errors = document.errors
    .filter(({ pos }) => !refusedLines.has(lineOf(pos[0]).line))
    .slice(0, syntaxMistakesMax)
    .map((error) => syntaxMistake(text, error))
  const all = [...mistakes, ...errors]
  return all.length > 0 ? { mistakes: all } : { mistakes: [], tree: treeOf(document.contents) }
}

function syntaxMistake(text: string, { code, message, pos }: YAMLParseError): TextMistake {
  // What is missing at the end is told as the unit after it.
  const [start, end] = [Math.min(pos[0], text.length), Math.min(pos[1], text.length)]
  if (code === 'MULTIPLE_DOCS') {
    return { code: 'YAML_FEATURE', message: 'several documents in one file are not part of the language', start, end }
  }
  return { code: 'YAML_SYNTAX', message: `not YAML: ${message}`, hint: slotHint(text, start), start, end }
}
