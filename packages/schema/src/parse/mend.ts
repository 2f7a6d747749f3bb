import type { Definition } from '../definition.ts'
import { atPointers, mistakeInside, type Mistake } from '../diagnostic/mistake.ts'
import { isJsonObject, pointerPart, type Json, type JsonObject } from '../json.ts'
import { Doubts, namingCodes } from './doubts.ts'
import { mendFault, standInPath, type Mendable, type Mending, type Rename } from './mend-fault.ts'
import { pointerOf, shapeFaults, type ShapeFault } from './shape.ts'

/** What of a text or an object did not become a part of the document, and is told already. */
export interface Unread {
  /** Where something is told: the shape there is no second mistake. */
  readonly told: ReadonlySet<string>
  /** Where the document holds something else than what was written. */
  readonly unread: ReadonlySet<string>
  /** Whether what is not there may have named steps, inputs or variables. */
  readonly isNameless: boolean
}

/** A document as a definition of the right shape, and what was wrong with its own shape. */
export interface Mended {
  /**
   * Where its shape is wrong, with what was most likely meant, or else with what
   * says nothing. A path stands in the place of each document inside of it.
   */
  readonly definition?: Definition
  readonly mistakes: readonly Mistake[]
  /** The documents that stand in the place of imports, each with pointers of its own. */
  readonly inline: ReadonlyMap<string, Mended>
  /** A mistake that was found in the definition, at its place in the document; `undefined` where mending may have made it. */
  genuine(mistake: Mistake): Mistake | undefined
}

// What was not read may be what uses it.
const unusedCodes = ['UNUSED_SECRET', 'UNUSED_IMPORT'] as const

// A key that was put right shows what is inside of it, which may have to be put right again.
const passesMax = 8

/**
 * Puts a document right as far as the checks need it, so that a mistake in its
 * shape hides no other one. Documents inside of it are put right each by itself.
 */
export function mend(document: Json, unread: Unread): Mended {
  return mendDocument(document, unread, new Map())
}

/** The mistakes in the shape of a document and of those inside of it, each told once. */
export function shapeMistakes(mended: Mended): Mistake[] {
  return mistakesInside(mended, '', new Set())
}

function mistakesInside(mended: Mended, pointer: string, told: Set<Mended>): Mistake[] {
  if (told.has(mended)) return []
  told.add(mended)
  return [
    ...mended.mistakes.map((mistake) => mistakeInside(mistake, pointer)),
    ...[...mended.inline].flatMap(([name, inner]) => mistakesInside(inner, pointer + importPointer(name), told)),
  ]
}

function importPointer(name: string): string {
  return `/imports${pointerPart(name)}`
}

// An object from code may stand in several places.
function mendDocument(document: Json, unread: Unread, known: Map<Json, Mended>): Mended {
  const { outer, inner } = withoutInline(document)
  const inline = new Map<string, Mended>()
  for (const [name, value] of inner) {
    const mended = known.get(value) ?? mendDocument(value, unreadInside(unread, importPointer(name)), known)
    known.set(value, mended)
    inline.set(name, mended)
  }
  return { ...mendOne(outer, unread), inline }
}

/** A document whose imports are all paths, and the documents that stood in their place. */
function withoutInline(document: Json): {
  readonly outer: Json
  readonly inner: readonly (readonly [string, JsonObject])[]
} {
  const imports = isJsonObject(document) ? document['imports'] : undefined
  if (!isJsonObject(document) || !isJsonObject(imports)) return { outer: document, inner: [] }
  const inner = Object.entries(imports).flatMap(([name, value]) =>
    isJsonObject(value) ? [[name, value] as const] : [],
  )
  if (inner.length === 0) return { outer: document, inner }
  const paths = Object.fromEntries(inner.map(([name]) => [name, standInPath]))
  return { outer: { ...document, imports: { ...imports, ...paths } }, inner }
}

function unreadInside({ told, unread, isNameless }: Unread, around: string): Unread {
  const relative = (pointers: ReadonlySet<string>): ReadonlySet<string> =>
    new Set([...pointers].flatMap((at) => (isInside(at, around) ? [at.slice(around.length)] : [])))
  return { told: relative(told), unread: relative(unread), isNameless }
}

function mendOne(document: Json, { told, unread, isNameless }: Unread): Omit<Mended, 'inline'> {
  const doubts = new Doubts()
  if (isNameless) doubts.addCodes(namingCodes)
  for (const pointer of unread) doubts.addPlace(pointer)
  if (unread.size > 0) doubts.addCodes(unusedCodes)
  const renames: Rename[] = []
  const genuine = (root: Json) => (mistake: Mistake) =>
    doubts.cause(mistake, root) ? undefined : atOriginal(mistake, renames)
  let faults = shapeFaults(document)
  const mistakes = faults
    .map(({ mistake }) => mistake)
    // A key is what it is, whatever stands there as its value.
    .filter(({ code, pointer }) => !told.has(pointer) && (code === 'UNKNOWN_KEY' || !unread.has(pointer)))
  // Its shape was checked just before.
  if (faults.length === 0)
    return { definition: document as unknown as Definition, mistakes, genuine: genuine(document) }
  doubts.addCodes(unusedCodes)
  const root = structuredClone(document) as Mendable
  const mending: Mending = { root, doubts, renames, unnamed: 0 }
  for (let pass = 0; pass < passesMax && faults.length > 0; pass++) {
    const known = renames.length
    for (const fault of faults) mendFault(mending, fault)
    faults = shapeFaults(root)
    const shown = faults.filter((fault) => isShownBy(renames.slice(known), fault))
    mistakes.push(...shown.map(({ mistake }) => atOriginal(mistake, renames)))
  }
  const definition = faults.length === 0 ? { definition: root as unknown as Definition } : {}
  return { ...definition, mistakes, genuine: genuine(root) }
}

function isShownBy(renames: readonly Rename[], { path }: ShapeFault): boolean {
  const pointer = pointerOf(path)
  return renames.some(({ shows }) => isInside(pointer, shows))
}

function atOriginal(mistake: Mistake, renames: readonly Rename[]): Mistake {
  const place = (pointer: string): string =>
    renames.reduceRight((at, { from, to }) => (isInside(at, to) ? from + at.slice(to.length) : at), pointer)
  return atPointers(mistake, place)
}

function isInside(pointer: string, around: string): boolean {
  return pointer === around || pointer.startsWith(`${around}/`)
}
