import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import type { Json } from '../json.ts'
import { Doubts, namingCodes } from './doubts.ts'
import { mendFault, type Mendable, type Mending, type Rename } from './mend-fault.ts'
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
  /** Where its shape is wrong, with what was most likely meant, or else with what says nothing. */
  readonly definition?: Definition
  readonly mistakes: readonly Mistake[]
  /** A mistake that was found in the definition, at its place in the document; `undefined` where mending may have made it. */
  genuine(mistake: Mistake): Mistake | undefined
}

// A key that was put right shows what is inside of it, which may have to be put right again.
const passesMax = 8

/**
 * Puts a document right as far as the checks need it, so that a mistake in its
 * shape hides no other one.
 */
export function mend(document: Json, { told, unread, isNameless }: Unread): Mended {
  const doubts = new Doubts()
  if (isNameless) doubts.addCodes(namingCodes)
  for (const pointer of unread) doubts.addPlace(pointer)
  if (unread.size > 0) doubts.addCodes(['UNUSED_SECRET'])
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
  // What was not read may be what uses it.
  doubts.addCodes(['UNUSED_SECRET'])
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
  const related = mistake.related?.map((other) => ({ ...other, pointer: place(other.pointer) }))
  return { ...mistake, pointer: place(mistake.pointer), ...(related && { related }) }
}

function isInside(pointer: string, around: string): boolean {
  return pointer === around || pointer.startsWith(`${around}/`)
}
