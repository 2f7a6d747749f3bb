import type { SyntaxNode } from '../expression/syntax-node.ts'
import type { Environment } from './environment.ts'
import { told, type Inference, type Inferred } from './inference.ts'
import { without } from './intersect.ts'
import { booleanType, integerType, neverType, numberType, textType, type Type } from './type.ts'
import { baseOf, union } from './union.ts'
import { wordsOf } from './words.ts'

/** The members of a union; another type by itself; none of `never`. */
export function membersOf(type: Type): readonly Type[] {
  if (type.kind === 'union') return type.members
  return type.kind === 'never' ? [] : [type]
}

/** What a literal is one of; another type by itself. */
export function broad(type: Type): Type {
  return type.kind === 'literal' ? baseOf(type) : type
}

/**
 * Whether an operation that takes values of `wanted` takes each of `found`.
 * Unlike where a value leaves its expression, a time is no text here.
 */
export function isTaken(found: Type, wanted: Type): boolean {
  if (wanted.kind === 'any') return true
  return membersOf(found).every((member) => membersOf(wanted).some((one) => isMemberTaken(member, one)))
}

function isMemberTaken(found: Type, wanted: Type): boolean {
  if (found.kind === 'any') return true
  if (found.kind === 'literal' && wanted.kind === 'literal') return found.value === wanted.value
  const base = broad(found)
  if (base.kind !== wanted.kind) return false
  if (base.kind === 'number' && wanted.kind === 'number') return base.isInteger || !wanted.isInteger
  if (base.kind === 'list' && wanted.kind === 'list') return isTaken(elementOf(base), wanted.rest)
  return true
}

/** The type of whichever element of a list. */
export function elementOf(type: Type): Type {
  return type.kind === 'list' ? union([...type.first, type.rest]) : neverType
}

export interface Operand {
  readonly node: SyntaxNode
  readonly inferred: Inferred
  readonly wanted: Type
  /** Who takes it, as the message begins: `"!"`. */
  readonly taker: string
}

/** Reports an operand that is not taken, once; `false` if there is something to report. */
export function checkOperand(inference: Inference, environment: Environment, operand: Operand): boolean {
  const { node, inferred, wanted, taker } = operand
  const { type } = inferred
  if (isTaken(type, wanted)) {
    if (isUnknown(type, wanted)) tellUnknown(inference, environment, operand)
    return true
  }
  const source = inference.quote(node)
  const place = { start: node.start, end: node.end, root: inferred.path?.root, path: inferred.path?.names }
  const [expected, found] = [wordsOf(wanted), wordsOf(type)]
  if (isOnlyNullWrong(type, wanted)) {
    const message = `${source} may be null, and ${taker} takes ${expected}`
    const hint = `guard it: ${source} != null ? … : …`
    inference.report(environment, { code: 'MAYBE_NULL', message, hint, expected, found, ...place })
    return false
  }
  const message = `${taker} takes ${expected}, and ${source} is ${found}`
  const hint = conversion(source, type, wanted)
  inference.report(environment, { code: 'WRONG_OPERAND', message, hint, expected, found, ...place })
  return false
}

/** Tells the strict of an operand of which nothing is known, so that it may be of a type that is not taken. */
export function tellUnknown(
  inference: Inference,
  environment: Environment,
  { node, inferred, taker }: Omit<Operand, 'wanted'>,
): void {
  if (!inference.isTyped || inferred.isTold === true || inferred.isUntyped === true) return
  const message = `nothing is known of ${inference.quote(node)}, so it is not checked whether ${taker} takes it`
  const { start, end } = node
  inference.report(environment, { code: 'UNTYPED_VALUE', severity: 'warning', message, start, end })
}

/** Whether a value that is taken may still be of a type that is not, since nothing is known of it or of its elements. */
export function isUnknown(found: Type, wanted: Type): boolean {
  if (wanted.kind === 'any') return false
  return membersOf(found).some((member) => {
    if (member.kind === 'any') return true
    if (member.kind !== 'list') return false
    return membersOf(wanted).some((one) => one.kind === 'list' && isUnknown(elementOf(member), one.rest))
  })
}

/** An operand that has to be a boolean: what `&&`, `!`, `?` and macros take. */
export function booleanOperand(
  inference: Inference,
  environment: Environment,
  node: SyntaxNode,
  taker: string,
): Inferred {
  const inferred = inference.infer(node, environment)
  const isFine = checkOperand(inference, environment, { node, inferred, wanted: booleanType, taker })
  return isFine ? inferred : told(environment)
}

/** Whether all would be well but for null. */
export function isOnlyNullWrong(type: Type, wanted: Type): boolean {
  return (
    type.kind === 'union' && type.members.some(({ kind }) => kind === 'null') && isTaken(without(type, null), wanted)
  )
}

/** How to make a value into what is wanted, where there is one obvious way. */
function conversion(source: string, type: Type, wanted: Type): string | undefined {
  if (isTaken(type, convertible) && isTaken(textType, wanted)) return `string(${source})`
  if (isTaken(type, numberType) && isTaken(integerType, wanted)) return `int(${source})`
  if (isTaken(type, textType) && isTaken(integerType, wanted)) {
    return isTaken(numberType, wanted) ? `double(${source})` : `int(${source})`
  }
  if (isTaken(type, textType) && isTaken(booleanType, wanted)) return `compare it: ${source} == "…"`
  return undefined
}

const convertible: Type = {
  kind: 'union',
  members: [booleanType, numberType, { kind: 'timestamp' }, { kind: 'duration' }],
}
