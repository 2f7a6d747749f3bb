import type { InfixOperator, SyntaxNode } from '../expression/syntax-node.ts'
import type { Environment } from './environment.ts'
import {
  condition,
  isConstant,
  plain,
  told,
  type Inference,
  type InfixNode,
  type Inferred,
  type PrefixNode,
} from './inference.ts'
import { sizeCompared } from './size.ts'
import {
  booleanOperand,
  broad,
  checkOperand,
  isOnlyNullWrong,
  isTaken,
  isUnknown,
  membersOf,
  tellUnknown,
} from './operand.ts'
import {
  anyType,
  booleanType,
  durationType,
  integerType,
  listType,
  literalType,
  neverType,
  numberType,
  textType,
  timestampType,
  type ListType,
  type Type,
} from './type.ts'
import { union } from './union.ts'
import { wordsOf } from './words.ts'

type ConditionalNode = SyntaxNode & { op: '?:' }

/** `a && b`: `b` is read only where `a` is true, and of `a || b` only where it is false. */
export function inferLogic(inference: Inference, node: InfixNode, environment: Environment): Inferred {
  const deciding = node.op === '||'
  const [leftNode, rightNode] = node.args
  const left = booleanOperand(inference, environment, leftNode, `"${node.op}"`)
  const right = booleanOperand(inference, left.when(!deciding), rightNode, `"${node.op}"`)
  // Where one side fails and the other decides, the failure is dropped and the outcome is the deciding one. Then it is
  // not known that the left side had the other outcome; but each environment that is met here holds one of both.
  return condition(logicType(left.type, right.type, deciding), environment, (outcome) =>
    outcome === deciding ? left.when(deciding).or(right.when(deciding)) : right.when(outcome),
  )
}

function logicType(left: Type, right: Type, deciding: boolean): Type {
  if (isConstant(left, deciding) || isConstant(right, deciding)) return literalType(deciding)
  return isConstant(left, !deciding) && isConstant(right, !deciding) ? literalType(!deciding) : booleanType
}

export function inferNot(inference: Inference, node: PrefixNode, environment: Environment): Inferred {
  const operand = booleanOperand(inference, environment, node.args, '"!"')
  const { type } = operand
  const given = isConstant(type, true) || isConstant(type, false) ? literalType(isConstant(type, false)) : booleanType
  return condition(given, environment, (outcome) => operand.when(!outcome))
}

export function inferConditional(inference: Inference, node: ConditionalNode, environment: Environment): Inferred {
  const [test, yesNode, noNode] = node.args
  const chosen = booleanOperand(inference, environment, test, '"?"')
  const yes = inference.infer(yesNode, chosen.when(true))
  const no = inference.infer(noNode, chosen.when(false))
  const type = union([yes.type, no.type])
  const given = condition(type, environment, (outcome) => yes.when(outcome).or(no.when(outcome)))
  return { ...given, wide: union([yes.wide, no.wide]), isTold: yes.isTold === true || no.isTold === true }
}

export function inferNegation(inference: Inference, node: PrefixNode, environment: Environment): Inferred {
  const inferred = inference.infer(node.args, environment)
  const { type } = inferred
  if (!checkOperand(inference, environment, { node: node.args, inferred, wanted: numberType, taker: '"-"' })) {
    return told(environment)
  }
  if (type.kind === 'literal') return plain(literalType(0 - Number(type.value)), environment)
  return plain(numberOf(isInteger(type)), environment)
}

/** `<`, `<=`, `>`, `>=`. */
export function inferOrder(inference: Inference, node: InfixNode, environment: Environment): Inferred {
  const pair = inferPair(inference, node, environment)
  const { left, right } = pair
  const isFine = eachPair(left.type, right.type, (one, other) => (haveOrder(one, other) ? booleanType : undefined))
  if (isFine === undefined) return mismatch(inference, pair, 'two numbers, two texts, two booleans or two times')
  tellUnknownSides(inference, pair)
  return condition(booleanType, environment, (outcome) => sizeCompared(environment, node.op, pair, outcome))
}

function tellUnknownSides(inference: Inference, { node, environment, left, right }: Pair): void {
  const taker = `"${node.op}"`
  for (const [index, inferred] of [left, right].entries()) {
    const side = node.args[index]
    if (side !== undefined && isUnknown(inferred.type, numberType)) {
      tellUnknown(inference, environment, { node: side, inferred, taker })
    }
  }
}

function haveOrder(one: Type, other: Type): boolean {
  if (one.kind === 'any' || other.kind === 'any') return isOrdered(one) && isOrdered(other)
  return one.kind === other.kind && isOrdered(one)
}

function isOrdered({ kind }: Type): boolean {
  return kind !== 'null' && kind !== 'list' && kind !== 'map'
}

/** `+`, `-`, `*`, `/`, `%`. */
export function inferArithmetic(inference: Inference, node: InfixNode, environment: Environment): Inferred {
  const pair = inferPair(inference, node, environment)
  const { left, right } = pair
  if (left.type.kind === 'never' || right.type.kind === 'never') return plain(neverType, environment)
  const type = eachPair(left.type, right.type, (one, other) => arithmeticOf(node.op, one, other))
  if (type !== undefined) tellUnknownSides(inference, pair)
  return type === undefined ? mismatch(inference, pair, takenBy(pair)) : plain(type, environment)
}

function arithmeticOf(op: InfixOperator, one: Type, other: Type): Type | undefined {
  if (one.kind === 'any' || other.kind === 'any') return arithmeticOfAny(op, one.kind === 'any' ? other : one)
  if (one.kind === 'number' && other.kind === 'number') {
    return numberOf(op !== '/' && one.isInteger && other.isInteger)
  }
  const kinds = `${one.kind} ${op} ${other.kind}`
  if (kinds === 'text + text') return textType
  if (one.kind === 'list' && other.kind === 'list') return op === '+' ? joined(one, other) : undefined
  return timeResults.get(kinds)
}

// The other operand is one of those that are taken together with what is known. A number comes out that may be whole:
// what nothing is known of fits where an integer is wanted.
function arithmeticOfAny(op: InfixOperator, known: Type): Type | undefined {
  if (op === '/') return known.kind === 'any' || known.kind === 'number' ? numberType : undefined
  if (known.kind === 'number') return anyType
  if (op !== '+' && op !== '-') return known.kind === 'any' ? anyType : undefined
  if (known.kind === 'any' || known.kind === 'timestamp' || known.kind === 'duration') return anyType
  if (op === '-') return undefined
  if (known.kind === 'list') return listType(anyType)
  return known.kind === 'text' ? textType : undefined
}

const timeResults: ReadonlyMap<string, Type> = new Map([
  ['duration + duration', durationType],
  ['timestamp + duration', timestampType],
  ['duration + timestamp', timestampType],
  ['duration - duration', durationType],
  ['timestamp - duration', timestampType],
  ['timestamp - timestamp', durationType],
])

/** What one list after another is. */
function joined(one: ListType, other: ListType): Type {
  if (one.rest.kind === 'never' && one.first.length + other.first.length <= firstMax) {
    return listType(other.rest, [...one.first, ...other.first])
  }
  return listType(union([one.rest, ...other.first, other.rest]), one.first)
}

const firstMax = 1000

interface Pair {
  readonly node: InfixNode
  readonly environment: Environment
  readonly left: Inferred
  readonly right: Inferred
}

function inferPair(inference: Inference, node: Pair['node'], environment: Environment): Pair {
  const [left, right] = node.args
  return { node, environment, left: inference.infer(left, environment), right: inference.infer(right, environment) }
}

/** The union of what an operation gives for each two members; `undefined` where it does not take two of them. */
function eachPair(left: Type, right: Type, give: (one: Type, other: Type) => Type | undefined): Type | undefined {
  const results: Type[] = []
  const others = basesOf(right)
  for (const one of basesOf(left)) {
    for (const other of others) {
      const given = give(one, other)
      if (given === undefined) return undefined
      results.push(given)
    }
  }
  return union(results)
}

/** The members without their literals; of many lists one that is as any of them, so that pairs stay few. */
function basesOf(type: Type): readonly Type[] {
  const bases = membersOf(union(membersOf(type).map(broad)))
  const lists = bases.filter((member) => member.kind === 'list')
  if (lists.length <= listsMax) return bases
  const anyOfThem = listType(union(lists.flatMap(({ first, rest }) => [...first, rest])))
  return [...bases.filter(({ kind }) => kind !== 'list'), anyOfThem]
}

const listsMax = 8

/** Reports two operands that do not go together. */
function mismatch(inference: Inference, { node, environment, left, right }: Pair, expected: string): Inferred {
  if (left.isTold === true || right.isTold === true) return told(environment)
  const found = `${wordsOf(left.type)} and ${wordsOf(right.type)}`
  const operator = `"${node.op}"`
  const { start, end } = node
  const nullable = [left, right].findIndex(({ type }) =>
    isOnlyNullWrong(type, union([textType, numberType, booleanType, listType(anyType), timestampType, durationType])),
  )
  const guarded = node.args[nullable]
  if (guarded !== undefined) {
    const source = inference.quote(guarded)
    const message = `${source} may be null, and ${operator} takes ${expected}`
    const hint = `guard it: ${source} != null ? … : …`
    inference.report(environment, {
      code: 'MAYBE_NULL',
      message,
      hint,
      expected,
      found,
      start: guarded.start,
      end: guarded.end,
    })
    return told(environment)
  }
  const message = `${operator} takes ${expected}`
  const hint = mendOf(inference, node, left.type, right.type)
  inference.report(environment, { code: 'WRONG_OPERAND', message, hint, expected, found, start, end })
  return told(environment)
}

function takenBy({ node, left, right }: Pair): string {
  const isTime = [left.type, right.type].some((type) =>
    membersOf(type).some(({ kind }) => kind === 'timestamp' || kind === 'duration'),
  )
  if (node.op === '+')
    return isTime ? 'two durations, or a timestamp and a duration' : 'two numbers, two texts or two lists'
  if (node.op === '-' && isTime) return 'two durations, two timestamps, or a timestamp and a duration'
  return 'two numbers'
}

/** How to make the operands go together, where one of both is text. */
function mendOf(inference: Inference, node: Pair['node'], left: Type, right: Type): string | undefined {
  const [leftNode, rightNode] = node.args
  const pairs = [
    { text: left, other: right, otherNode: rightNode, textNode: leftNode },
    { text: right, other: left, otherNode: leftNode, textNode: rightNode },
  ]
  for (const { text, other, otherNode, textNode } of pairs) {
    if (!isTaken(text, textType) || !isTaken(other, scalar)) continue
    if (node.op === '+') return `string(${inference.quote(otherNode)})`
    if (isTaken(other, numberType)) return `double(${inference.quote(textNode)})`
  }
  return undefined
}

const scalar: Type = { kind: 'union', members: [numberType, booleanType, timestampType, durationType] }

function numberOf(isWhole: boolean): Type {
  return isWhole ? integerType : numberType
}

function isInteger(type: Type): boolean {
  return type.kind !== 'any' && isTaken(type, integerType)
}
