import type { FlowOptions } from '../check/flow/flow.ts'
import { mistakesOf, notClosed, type CheckContext } from '../check/check.ts'
import { facesOf, type HandlerFace } from '../check/flow/outputs.ts'
import type { Imported } from '../check/imported.ts'
import type { Definition } from '../definition.ts'
import { byPlace } from '../diagnostic/by-place.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import {
  diagnosticOf,
  mistakeInside,
  type FindImported,
  type ImportedPlace,
  type Mistake,
  type Source,
} from '../diagnostic/mistake.ts'
import { pointerPart } from '../json.ts'
import { importLimits, importsTooDeep } from '../parse/import-limits.ts'
import type { Mended } from '../parse/mend.ts'
import { readWorkflow } from '../parse/workflow.ts'
import { normalise } from '../plan/normalise.ts'
import { importPath, plainPath } from './import-path.ts'

/**
 * Gives the text of a file that is imported: its path as `importPath` spells it,
 * `undefined` where there is none, or why it may not be read.
 */
export type ReadImport = (path: string) => string | { readonly reason: string } | undefined

/** A workflow among those that are loaded together. */
export interface Document {
  /** Normalised; without what it imports. */
  readonly own: Definition
  readonly imports: ReadonlyMap<string, Document>
  /** What others check their calls against; none where it is not sure what its author wrote. */
  readonly imported?: Imported
  /** None for one that stands in the file of what imports it. */
  readonly source?: Source
  /** How many documents the longest chain of imports below it has. */
  readonly height: number
  /** Of its JSON together with what it imports. */
  readonly bytes: number
}

/** What was read of a text or an object, before anything is known of what it imports. */
export interface Reading {
  readonly mended?: Mended | undefined
  readonly source: Source
  /** What is wrong so far. */
  readonly diagnostics: readonly Diagnostic[]
}

/** What documents are checked against. */
export interface DocumentsOptions {
  readonly handlers?: Iterable<string | HandlerFace> | undefined
  readonly read?: ReadImport | undefined
  readonly typed?: boolean | undefined
  /** Called with each expression of the first document, without what it imports. */
  readonly onExpression?: FlowOptions['onExpression']
}

/** A file that was imported. */
interface ImportedFile {
  readonly text: string
  diagnostics: readonly Diagnostic[]
  document?: Document | undefined
}

/** Documents that are being loaded together: each file is read and checked once. */
export class Documents {
  readonly #handlers: CheckContext['handlers']
  readonly #read: ReadImport | undefined
  readonly #isTyped: boolean
  readonly #onExpression: FlowOptions['onExpression']
  /** In the order in which they were met. */
  readonly #files = new Map<string, ImportedFile>()
  /** The files on the way to the one that is being read. */
  readonly #open: string[] = []
  readonly #inline = new Map<Mended, Document | undefined>()
  #isFull = false

  constructor({ handlers, read, typed, onExpression }: DocumentsOptions) {
    this.#handlers = handlers && facesOf(handlers)
    this.#read = read
    this.#isTyped = typed === true
    this.#onExpression = onExpression
  }

  /** The texts of the files that were imported, by path. */
  get texts(): ReadonlyMap<string, string> {
    return new Map([...this.#files].map(([path, { text }]) => [path, text]))
  }

  /** What is wrong with the files that were imported. */
  get diagnostics(): readonly Diagnostic[] {
    return [...this.#files.values()].flatMap(({ diagnostics }) => diagnostics)
  }

  /** Checks what was read, and reads what it imports. Gives all that is wrong with it, without what it imports. */
  load(
    reading: Reading,
    depth = 0,
  ): { readonly document?: Document | undefined; readonly diagnostics: readonly Diagnostic[] } {
    const { mended, source, diagnostics } = reading
    const mistakes: Mistake[] = []
    const place = { file: source.file, doubts: diagnostics.map(({ pointer }) => pointer), mistakes, pointer: '', depth }
    if (source.file !== undefined) this.#open.push(plainPath(source.file))
    const document = mended && this.#documentOf(mended, place)
    if (source.file !== undefined) this.#open.pop()
    const findImported: FindImported = (names) => importedPlace(names, { source, pointer: '', document })
    const found = mistakes.map((mistake) => diagnosticOf(mistake, source, findImported))
    return { document, diagnostics: [...diagnostics, ...found].toSorted(byPlace) }
  }

  #documentOf(mended: Mended, place: Place): Document | undefined {
    const { definition, inline } = mended
    if (definition === undefined) return undefined
    const mistakes: Mistake[] = []
    const imports = new Map<string, Document>()
    for (const [name, path] of Object.entries(definition.imports ?? {})) {
      const pointer = `/imports${pointerPart(name)}`
      const inner = inline.get(name)
      // What the author did not write is not looked for.
      const isWritten = mended.genuine({ code: 'IMPORT_NOT_FOUND', message: '', pointer }) !== undefined
      if (!inner && !(isWritten && typeof path === 'string')) continue
      const { document, mistake } = inner
        ? this.#inlineDocument(inner, { ...place, pointer: place.pointer + pointer, depth: place.depth + 1 })
        : this.#importFile(String(path), place)
      if (document) imports.set(name, document)
      if (mistake) mistakes.push({ ...mistake, pointer })
    }
    const { document, tooFar } = assembled(definition, imports, place)
    const known = new Map([...imports].flatMap(([name, { imported }]) => (imported ? [[name, imported] as const] : [])))
    const doubts = doubtsInside(place)
    const onExpression = place.depth === 0 ? this.#onExpression : undefined
    const context = { handlers: this.#handlers, imports: known, isTyped: this.#isTyped, doubts, onExpression }
    mistakes.push(...tooFar, ...mistakesOf(definition, context))
    for (const mistake of mistakes) {
      const genuine = mended.genuine(mistake)
      if (genuine) place.mistakes.push(mistakeInside(genuine, place.pointer))
    }
    return place.doubts.length === 0 ? { ...document, imported: { definition, imports: known } } : document
  }

  // One object from code may stand in several places.
  #inlineDocument(mended: Mended, place: Place): ImportOutcome {
    if (!this.#inline.has(mended)) this.#inline.set(mended, this.#documentOf(mended, place))
    return { document: this.#inline.get(mended) }
  }

  #importFile(given: string, { file, depth }: Place): ImportOutcome {
    if (this.#read === undefined) return { mistake: notClosed(given, '') }
    const path = importPath(given, file)
    const start = this.#open.indexOf(path)
    if (start !== -1) {
      const chain = [...this.#open.slice(start), path].join(' → ')
      return { mistake: { code: 'IMPORT_CYCLE', message: `workflows import each other in a circle: ${chain}` } }
    }
    if (depth >= importLimits.depthMax) return { mistake: { code: 'IMPORT_TOO_DEEP', message: importsTooDeep } }
    const known = this.#files.get(path)
    if (known) return outcomeOf(path, known)
    if (this.#files.size >= importLimits.filesMax) return this.#tooMany()
    const text = this.#read(path)
    if (typeof text !== 'string') return notFound(path, text?.reason, file)
    return outcomeOf(path, this.#readFile(path, text, depth + 1))
  }

  #readFile(path: string, text: string, depth: number): ImportedFile {
    const file: ImportedFile = { text, diagnostics: [] }
    this.#files.set(path, file)
    const { mended, sourceMap, diagnostics } = readWorkflow(text, path)
    const source = { file: path, sourceMap }
    const { document, ...rest } = this.load({ mended, source, diagnostics }, depth)
    return Object.assign(file, { ...rest, document: document && { ...document, source } })
  }

  // Told once: those that come after it are not looked at.
  #tooMany(): ImportOutcome {
    if (this.#isFull) return {}
    this.#isFull = true
    return { mistake: { code: 'IMPORT_TOO_LARGE', message: `more than ${importLimits.filesMax} files are imported` } }
  }
}

/** Where a document stands that imports lead to; the file that a name is in as far as they do. */
function importedPlace(
  names: readonly string[],
  start: ImportedPlace & { readonly document: Document | undefined },
): ImportedPlace {
  let { source, pointer, document } = start
  for (const name of names) {
    document = document?.imports.get(name)
    const isFile = document?.source !== undefined
    pointer = isFile ? '' : `${pointer}/imports${pointerPart(name)}`
    source = document?.source ?? source
  }
  return { source, pointer }
}

/** Where a document stands, and where its mistakes go. */
interface Place {
  readonly file: string | undefined
  /** Pointers to what is wrong with the shape of what stands in the file. */
  readonly doubts: readonly string[]
  readonly mistakes: Mistake[]
  /** Of the document in the file. */
  readonly pointer: string
  readonly depth: number
}

function doubtsInside({ doubts, pointer }: Place): string[] {
  return doubts.filter((doubt) => doubt.startsWith(pointer)).map((doubt) => doubt.slice(pointer.length))
}

/** What became of an import, and what is wrong with it. */
interface ImportOutcome {
  readonly document?: Document | undefined
  /** At the import. */
  readonly mistake?: Omit<Mistake, 'pointer'>
}

function notFound(path: string, reason: string | undefined, file: string | undefined): ImportOutcome {
  if (reason !== undefined) {
    return { mistake: { code: 'IMPORT_NOT_FOUND', message: `"${path}" cannot be imported: ${reason}` } }
  }
  const hint = file === undefined ? undefined : `the paths of imports begin at the folder of ${file}`
  return { mistake: { code: 'IMPORT_NOT_FOUND', message: `there is no workflow at "${path}"`, hint } }
}

function outcomeOf(path: string, { diagnostics, document }: ImportedFile): ImportOutcome {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return { document }
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`
  // In a chain of files, the place at its end.
  const first = errors.find(({ code }) => code !== 'IMPORT_INVALID')
  const hint = first ? `correct ${placeOf(first)}` : errors[0]?.hint
  return { document, mistake: { code: 'IMPORT_INVALID', message: `"${path}" has ${count}`, hint } }
}

function placeOf({ code, file, range }: Diagnostic): string {
  return `${file}${range ? `:${range.start.line}:${range.start.column}` : ''} (${code})`
}

/** A document with what it imports, as far as that may be so deep and so large. */
function assembled(
  { imports: paths, ...definition }: Definition,
  imports: ReadonlyMap<string, Document>,
  { depth }: Place,
): { readonly document: Document; readonly tooFar: readonly Mistake[] } {
  const own = normalise(paths ? { ...definition, imports: {} } : definition)
  const tooFar: Mistake[] = []
  let height = 0
  let bytes = new TextEncoder().encode(JSON.stringify(own)).length
  for (const [name, inner] of imports) {
    const pointer = `/imports${pointerPart(name)}`
    if (depth + 1 + inner.height > importLimits.depthMax) {
      tooFar.push({ code: 'IMPORT_TOO_DEEP', message: importsTooDeep, pointer })
    } else if (bytes + inner.bytes > importLimits.bytesMax) {
      const message = 'with this, the workflow and its imports have more than 4 MiB'
      tooFar.push({ code: 'IMPORT_TOO_LARGE', message, pointer })
    } else {
      height = Math.max(height, inner.height + 1)
      bytes += inner.bytes
    }
  }
  // Those that import it are not told the same again.
  const isTold = tooFar.some(({ code }) => code === 'IMPORT_TOO_LARGE')
  return { document: { own, imports, height, bytes: isTold ? 0 : bytes }, tooFar }
}

/** The definition with all that it imports in the place of paths. */
export function closedDefinition(document: Document): Definition {
  return closed(document, new Map())
}

function closed({ own, imports }: Document, known: Map<Document, Definition>): Definition {
  if (own.imports === undefined) return own
  const entries = [...imports].map(([name, inner]): [string, Definition] => {
    const definition = known.get(inner) ?? closed(inner, known)
    known.set(inner, definition)
    return [name, definition]
  })
  return { ...own, imports: Object.fromEntries(entries) }
}
