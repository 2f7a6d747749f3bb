import { suggestion } from '../diagnostic/suggest.ts'
import type { Place } from '../expression/syntax-node.ts'
import type { Inference, TypeProblem, ValuePath } from './inference.ts'
import type { LinkRead } from './link.ts'
import { membersOf } from './operand.ts'
import type { FieldRead } from './read.ts'
import type { Type } from './type.ts'
import { isComputed } from './environment.ts'
import { wordsOf } from './words.ts'

/** What a read gives with what conditions have proved, and without. */
export interface Reads extends LinkRead {
  readonly there: FieldRead
  readonly wide: FieldRead
  /** Whether `has()` asks. */
  readonly isGuarded: boolean
}

/** Why a field or an element cannot be read, or not always; `undefined` where it can. */
export function problemOfRead(inference: Inference, reads: Reads): TypeProblem | undefined {
  const { base, there, wide, isGuarded } = reads
  if (base.wide.kind === 'never') return undefined
  if (!isReadable(reads)) {
    // What is null only has no fields, which is just what `has()` asks.
    if (membersOf(base.wide).every(({ kind }) => kind === 'null')) {
      return isGuarded ? undefined : nullProblem(inference, reads)
    }
    return mistypedProblem(inference, reads)
  }
  if (!wide.isKnown && isMapRead(reads)) return unknownProblem(inference, reads)
  if (isGuarded) return undefined
  if (there.notMaps.kind !== 'never') return mistypedProblem(inference, reads)
  if (there.isNull) return nullProblem(inference, reads)
  return there.mayBeMissing || !there.isKnown ? missingProblem(inference, reads) : undefined
}

/** Whether there is anything of which this can be read. */
function isReadable({ node, key, base }: LinkRead): boolean {
  const takesList = node.op === '[]' && typeof key !== 'string'
  return membersOf(base.wide).some(({ kind }) => kind === 'any' || kind === 'map' || (takesList && kind === 'list'))
}

function isMapRead({ base }: LinkRead): boolean {
  return !membersOf(base.wide).some(({ kind }) => kind === 'list')
}

function unknownProblem(inference: Inference, reads: Reads): TypeProblem {
  const { node, key, place, wide } = reads
  const owner = inference.quote(node.args[0])
  const name = typeof key === 'string' ? key : inference.quote(place)
  const known = suggestion(name, wide.names)
  const message = `${owner} has no field "${name}"`
  return { code: 'UNKNOWN_FIELD', message, ...known, hint: known.hint ?? namesHint(wide.names), ...placeOf(reads) }
}

/** The fields that there are, in words. */
export function namesHint(names: readonly string[]): string {
  if (names.length === 0) return 'it has no fields'
  const shown = names.length > namesMax ? [...names.slice(0, namesMax), '…'] : names
  return names.length === 1 ? `its only field is ${shown.join('')}` : `the fields are ${shown.join(', ')}`
}

const namesMax = 12

function missingProblem(inference: Inference, reads: Reads): TypeProblem {
  const { node, base, there, wide } = reads
  const source = inference.quote(node)
  const isList = membersOf(base.type).some(({ kind }) => kind === 'list')
  const isNever = !there.isKnown || there.type.kind === 'never'
  const message = `${source} ${isNever ? 'is missing here' : 'may be missing'}`
  // A guard of what is proved to be missing would be of no use.
  const hint = isNever
    ? isList && !wide.isKnown && wide.names.length === 0
      ? `there is no such element`
      : undefined
    : `guard it: has(${source}) ? ${source} : …`
  return { code: 'MAYBE_MISSING', message, hint, ...placeOf(reads) }
}

function nullProblem(inference: Inference, reads: Reads): TypeProblem {
  const { node, base } = reads
  const [of] = node.args
  const source = inference.quote(of)
  const isNever = membersOf(base.type).every(({ kind }) => kind === 'null')
  const what = typeof reads.key === 'string' ? `its field "${reads.key}"` : 'its elements'
  return {
    code: 'MAYBE_NULL',
    message: isNever
      ? `${source} is null here, and null has no fields`
      : `${source} may be null, so ${what} cannot be read`,
    hint: isNever ? undefined : `guard it: ${source} != null && …`,
    found: wordsOf(base.type),
    ...pathPlace(base.path),
    ...nameRange(of),
  }
}

function mistypedProblem(inference: Inference, reads: Reads): TypeProblem {
  const { node, key, base, there } = reads
  const wrong: Type = there.notMaps.kind === 'never' ? base.type : there.notMaps
  const source = inference.quote(node.args[0])
  const isSome = membersOf(base.type).some(({ kind }) => kind === 'map') ? 'may be' : 'is'
  const what = typeof key === 'string' ? `has no field "${key}"` : 'has no elements'
  return {
    code: 'WRONG_OPERAND',
    message: `${source} ${isSome} ${wordsOf(wrong)}, which ${what}`,
    expected: typeof key === 'string' ? 'a map' : 'a list or a map',
    found: wordsOf(base.type),
    ...placeOf(reads),
  }
}

function placeOf({ base, key, place: { start, end } }: LinkRead): Place & Pick<TypeProblem, 'root' | 'path'> {
  const { root, path = [] } = pathPlace(base.path)
  return { start, end, ...(root !== undefined && { root, path: key === undefined ? path : [...path, key] }) }
}

function pathPlace(path: ValuePath | undefined): Pick<TypeProblem, 'root' | 'path'> {
  return path === undefined || isComputed(path.root) ? {} : { root: path.root, path: path.names }
}

/** The last name of a chain, or the whole of what is none. */
function nameRange(node: LinkRead['node']['args'][0]): Place {
  return { start: node.op === '.' ? node.pos : node.start, end: node.end }
}
