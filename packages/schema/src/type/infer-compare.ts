import { suggest } from '../diagnostic/suggest.ts'
import type { Place, SyntaxNode } from '../expression/syntax-node.ts'
import { isComputed, type Environment } from './environment.ts'
import { condition, type Inference, type InfixNode, type Inferred, type TypeProblem } from './inference.ts'
import { intersect, without } from './intersect.ts'
import { isTaken, membersOf } from './operand.ts'
import { sizeCompared, sized } from './size.ts'
import { booleanType, literalType, textType, type Type } from './type.ts'
import { refinePath } from './value-path.ts'
import { union } from './union.ts'
import { wordsOf } from './words.ts'

interface Side {
  readonly node: SyntaxNode
  readonly inferred: Inferred
}

/** `==` and `!=`: any two values, but of types that have a value in common. */
export function inferEquality(inference: Inference, node: InfixNode, environment: Environment): Inferred {
  const [leftNode, rightNode] = node.args
  const left = { node: leftNode, inferred: inference.infer(leftNode, environment) }
  const right = { node: rightNode, inferred: inference.infer(rightNode, environment) }
  const isEqual = whetherEqual(left.inferred.type, right.inferred.type)
  if (isEqual === false) reportNever(inference, environment, { left, right, whole: node })
  const isSame = node.op === '=='
  const type = isEqual === undefined ? booleanType : literalType(isEqual === isSame)
  const pair = { left: left.inferred, right: right.inferred }
  return condition(type, environment, (outcome) => {
    const sizes = sizeCompared(environment, node.op, pair, outcome)
    const ofLeft = compared(sizes, left.inferred, right.inferred.type, outcome === isSame)
    return compared(ofLeft, right.inferred, left.inferred.type, outcome === isSame)
  })
}

/** Whether two values of these types are equal, where it is always the same. */
function whetherEqual(left: Type, right: Type): boolean | undefined {
  if (left.kind === 'never' || right.kind === 'never') return undefined
  if (isOneValue(left) && isOneValue(right))
    return left.kind === 'null' || sameLiteral(left, right) ? left.kind === right.kind : false
  return intersect(left, right).kind === 'never' ? false : undefined
}

function isOneValue({ kind }: Type): boolean {
  return kind === 'literal' || kind === 'null'
}

function sameLiteral(left: Type, right: Type): boolean {
  return left.kind === 'literal' && right.kind === 'literal' && left.value === right.value
}

/** What is known where a value is equal, or is not, to one of a type. */
function compared(environment: Environment, { path }: Inferred, other: Type, isEqual: boolean): Environment {
  if (path === undefined || !environment.isPossible) return environment
  if (isEqual) return refinePath(environment, path, (type) => intersect(type, other))
  if (other.kind === 'null') return refinePath(environment, path, (type) => without(type, null))
  if (other.kind === 'literal') return refinePath(environment, path, (type) => without(type, other.value))
  const isEmptyList = other.kind === 'list' && other.first.length === 0 && other.rest.kind === 'never'
  return isEmptyList ? refinePath(environment, path, (type) => sized(type, { min: 1, max: Infinity })) : environment
}

interface Comparison {
  readonly left: Side
  readonly right: Side
  readonly whole: Place
  /** What the left one can be equal to; the type of the right one unless given. */
  readonly values?: Type
}

/**
 * Reports values that never are equal: an error where their types share none, a
 * warning where it is what is known here that keeps them apart.
 */
export function reportNever(inference: Inference, environment: Environment, comparison: Comparison): void {
  const { left, right } = comparison
  if (isNullCheck(left, right)) return reportNullCheck(inference, environment, comparison)
  const isNarrowed = intersect(left.inferred.wide, comparison.values ?? right.inferred.wide).kind !== 'never'
  if (isNarrowed || isStatus(left, right) || isStatus(right, left)) {
    const [subject, other] = isWritten(left) ? [right, left] : [left, right]
    const message = `${inference.quote(subject.node)} cannot be ${inference.quote(other.node)} here`
    const found = wordsOf(subject.inferred.type)
    const { start, end } = comparison.whole
    inference.report(environment, { code: 'CONSTANT_CONDITION', severity: 'warning', message, found, start, end })
    return
  }
  inference.report(environment, impossible(inference, comparison))
}

function isNullCheck(left: Side, right: Side): boolean {
  return left.inferred.type.kind === 'null' || right.inferred.type.kind === 'null'
}

function reportNullCheck(inference: Inference, environment: Environment, { left, right, whole }: Comparison): void {
  const [subject] = left.inferred.type.kind === 'null' ? [right] : [left]
  const message = `${inference.quote(subject.node)} is never null${subject.inferred.wide === subject.inferred.type ? '' : ' here'}`
  const { start, end } = whole
  const found = wordsOf(subject.inferred.type)
  inference.report(environment, { code: 'CONSTANT_CONDITION', severity: 'warning', message, found, start, end })
}

/** Whether one side is the status of a step, and the other one of those that there are. */
function isStatus({ inferred }: Side, other: Side): boolean {
  const { path } = inferred
  const isRead = path?.names.length === 1 && path.names[0] === 'status' && path.root.startsWith('steps.')
  return isRead && membersOf(other.inferred.type).some((type) => type.kind === 'literal' && statuses.has(type.value))
}

const statuses: ReadonlySet<unknown> = new Set([
  ...['pending', 'running', 'waiting', 'completed', 'failed', 'skipped', 'cancelled'],
])

function isWritten({ node }: Side): boolean {
  return node.op === 'value'
}

function impossible(inference: Inference, comparison: Comparison): TypeProblem {
  const { left, right, whole, values } = comparison
  const code = 'IMPOSSIBLE_COMPARISON'
  // What is written out is what has to change; with two of them, or none, the whole is pointed at.
  const isTurned = !isWritten(left) && isWritten(right)
  const [written, other] = isTurned ? [right, left] : [left, right]
  const wanted = isTurned ? other.inferred.wide : (values ?? other.inferred.wide)
  const found = wordsOf(written.inferred.type)
  const expected = wordsOf(wanted)
  const source = inference.quote(other.node)
  if (!isWritten(written) || isWritten(other)) {
    const message = `${inference.quote(left.node)} and ${inference.quote(right.node)} are never equal`
    const said =
      values === undefined ? message : `${inference.quote(left.node)} is never in ${inference.quote(right.node)}`
    return {
      code,
      message: said,
      expected: wordsOf(values ?? right.inferred.wide),
      found: wordsOf(left.inferred.wide),
      start: whole.start,
      end: whole.end,
    }
  }
  const message = values === undefined ? `${source} is never ${found}` : `${found} is never in ${source}`
  return { code, message, expected, found, ...mendLiteral(inference, written.node, wanted), ...ofPath(other.inferred) }
}

function ofPath({ path }: Inferred): Pick<TypeProblem, 'root' | 'path'> {
  return path === undefined || isComputed(path.root) ? {} : { root: path.root, path: path.names }
}

/** Where a literal stands, and which one was meant. */
function mendLiteral(
  inference: Inference,
  node: SyntaxNode,
  wanted: Type,
): Place & Pick<TypeProblem, 'hint' | 'replacement'> {
  const whole = { start: node.start, end: node.end }
  if (node.op !== 'value' || typeof node.args !== 'string') return { ...whole, ...unquoted(node, wanted) }
  const texts = membersOf(wanted).flatMap((type) =>
    type.kind === 'literal' && typeof type.value === 'string' ? [type.value] : [],
  )
  const meant = suggest(node.args, texts)
  if (meant === undefined) return { ...whole, ...unquoted(node, wanted) }
  const hint = `did you mean ${JSON.stringify(meant)}?`
  const isPlain = inference.textOf(node).slice(1, -1) === node.args && !/["'\\\s]/.test(meant)
  return isPlain
    ? { start: node.start + 1, end: node.end - 1, hint, replacement: meant }
    : { ...whole, hint, replacement: JSON.stringify(meant) }
}

/** A number or boolean in quotes, where one without is meant; a number without them, where text is. */
function unquoted(node: SyntaxNode, wanted: Type): Pick<TypeProblem, 'hint' | 'replacement'> {
  if (node.op !== 'value' || node.args === null) return {}
  const text = String(node.args)
  if (typeof node.args !== 'string') {
    const isText = !isTaken(literalType(node.args), wanted) && isTaken(literalType(text), wanted)
    return isText ? { hint: `write it as text: ${JSON.stringify(text)}`, replacement: JSON.stringify(text) } : {}
  }
  const value = /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : constants.get(text)
  return value !== undefined && intersect(literalType(value), wanted).kind !== 'never'
    ? { hint: `write it without quotes: ${text}`, replacement: text }
    : {}
}

const constants: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/** All keys that a map may have. */
export function keysOf(type: Type): Type {
  if (type.kind !== 'map') return textType
  const names = [...type.fields].flatMap(([name, field]) => (field.type.kind === 'never' ? [] : [literalType(name)]))
  return union([...names, type.rest.kind === 'never' ? union([]) : textType])
}
