import { parseDocument, type YAMLParseError } from 'yaml'
import type { Definition } from '../definition.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { byPlace } from '../diagnostic/by-place.ts'
import { diagnosticOf, type Mistake } from '../diagnostic/mistake.ts'
import type { Json } from '../json.ts'
import { mend, shapeMistakes, type Mended } from './mend.ts'
import { scan } from './scan.ts'
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

/** A text that was read as far as it goes: with `mended` where it is YAML, so that all else can be checked. */
export interface ReadWorkflow extends Omit<ParsedWorkflow, 'definition'> {
  readonly mended?: Mended
  /** As it was written. */
  readonly value?: Json
}

/** How large a text may be, in bytes of UTF-8. */
const textBytesMax = 256 * 1024

/**
 * The definition that a YAML or JSON text gives, with the place of every node.
 * All mistakes of its shape are collected. Never throws, whatever the text.
 */
export function parseWorkflow(text: string, { file }: { readonly file?: string } = {}): ParsedWorkflow {
  const { value, sourceMap, diagnostics } = readWorkflow(text, file)
  // Its shape was checked: nothing is wrong with it.
  const definition = value as unknown as Definition
  return { ...(diagnostics.length === 0 && { definition }), sourceMap, diagnostics }
}

/**
 * Reads a text in stages: size, tokens, YAML, tree, shape. All mistakes are
 * collected; only what leaves no tree ends the work.
 */
export function readWorkflow(text: string, file: string | undefined): ReadWorkflow {
  const positionAt = positions(text)
  const refused = (mistakes: readonly TextMistake[]): ReadWorkflow => ({
    sourceMap: createSourceMap(text, new Map()),
    diagnostics: mistakes.map((mistake) => textDiagnosticOf(mistake, positionAt, { file, text })),
  })
  if (isTooLarge(text)) {
    return refused([{ code: 'DOCUMENT_TOO_LARGE', message: 'the text is larger than 256 KiB', start: 0, end: 0 }])
  }
  const { mistakes, tree } = readYaml(text)
  if (!tree) return refused(mistakes)
  const sourceMap = createSourceMap(text, tree.places)
  const found = [...mistakes, ...tree.mistakes].map((mistake) => textDiagnosticOf(mistake, positionAt, { file, text }))
  if (found.some(({ code }) => code === 'TOO_MANY_NODES')) return { sourceMap, diagnostics: found.toSorted(byPlace) }
  // What the tree could not take stands in it as null or 0; its shape is no second mistake.
  const told = new Set(tree.mistakes.map(({ pointer = '' }) => pointer))
  const mended = mend(tree.value, { told, unread: tree.unread, isNameless: tree.isNameless })
  const shape = shapeMistakes(mended).map((mistake) => diagnosticOf(withQuotes(mistake, tree), { file, sourceMap }))
  return { mended, value: tree.value, sourceMap, diagnostics: [...found, ...shape].toSorted(byPlace) }
}

// What stands after a comma is no key that was misspelt.
function withQuotes(mistake: Mistake, { cutTexts }: Tree): Mistake {
  const cut = cutTexts.get(mistake.pointer)
  if (!cut) return mistake
  const hint = `quote the text: ${cut.key}: ${JSON.stringify(cut.text)}`
  return { ...mistake, hint, replacement: undefined, alternatives: undefined }
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
  // What else the parser says of a line follows from the first.
  const toldLines = new Set(mistakes.map(({ start }) => lineOf(start).line))
  const isFirst = (line: number): boolean => !toldLines.has(line) && toldLines.add(line).size > 0
  const errors = document.errors
    .filter(({ pos }) => isFirst(lineOf(pos[0]).line))
    .slice(0, syntaxMistakesMax)
    .map((error) => syntaxMistake(text, error))
  // A directive may change what the rest means.
  const hasDirective = mistakes.some(({ start }) => text[start] === '%')
  const hasTree = !hasDirective && document.errors.every(({ code }) => code === 'TAG_RESOLVE_FAILED')
  return { mistakes: [...mistakes, ...errors], ...(hasTree && { tree: treeOf(document.contents) }) }
}

function syntaxMistake(text: string, { code, message, pos }: YAMLParseError): TextMistake {
  // What is missing at the end is told as the unit after it.
  const [start, end] = [Math.min(pos[0], text.length), Math.min(pos[1], text.length)]
  if (code === 'MULTIPLE_DOCS') {
    return { code: 'YAML_FEATURE', message: 'several documents in one file are not part of the language', start, end }
  }
  return { code: 'YAML_SYNTAX', message: `not YAML: ${message}`, hint: slotHint(text, start), start, end }
}
