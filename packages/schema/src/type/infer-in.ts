import { suggestion } from '../diagnostic/suggest.ts'
import type { Literal } from '../expression/syntax-node.ts'
import { namesHint } from './access-problem.ts'
import type { Environment } from './environment.ts'
import { condition, plain, type Inference, type InfixNode, type Inferred } from './inference.ts'
import { keysOf, reportNever } from './infer-compare.ts'
import { intersect, without } from './intersect.ts'
import { checkOperand, elementOf, membersOf } from './operand.ts'
import { readElement, readField } from './read.ts'
import { absent, present } from './refine.ts'
import { anyType, booleanType, listType, literalType, mapType, nullType, type Type } from './type.ts'
import { union } from './union.ts'
import { computedRoot, provePresent, refinePath } from './value-path.ts'

interface Membership {
  readonly node: InfixNode
  readonly environment: Environment
  readonly needle: Inferred
  readonly haystack: Inferred
}

const listOrMap = union([listType(anyType), mapType({}, anyType)])

/** `value in list` and `"key" in map`. */
export function inferIn(inference: Inference, node: InfixNode, environment: Environment): Inferred {
  const [left, right] = node.args
  const needle = inference.infer(left, environment)
  const haystack = inference.infer(right, environment)
  const operand = { node: right, inferred: haystack, wanted: listOrMap, taker: '"in"' }
  if (!checkOperand(inference, environment, operand)) return plain(booleanType, environment)
  const membership = { node, environment, needle, haystack }
  const members = membersOf(haystack.type)
  const key = keyOf(needle.type)
  if (key !== undefined && members.length > 0 && members.every(({ kind }) => kind === 'map')) {
    return inferKeyIn(inference, membership, key)
  }
  return inferValueIn(inference, membership)
}

function keyOf(type: Type): string | undefined {
  return type.kind === 'literal' && typeof type.value === 'string' ? type.value : undefined
}

/** A constant key of a map is asked for as `has()` does. */
function inferKeyIn(inference: Inference, membership: Membership, key: string): Inferred {
  const { node, environment, haystack } = membership
  const read = readField(haystack.type, key)
  const wide = readField(haystack.wide, key)
  if (!wide.isKnown) {
    const { start, end } = node.args[0]
    const message = `${inference.quote(node.args[1])} has no field "${key}"`
    const known = suggestion(key, wide.names)
    const { replacement, hint = namesHint(wide.names) } = known
    const mend = replacement === undefined ? { hint } : { hint, replacement: JSON.stringify(replacement) }
    inference.report(environment, { code: 'UNKNOWN_FIELD', message, start, end, ...mend })
    return plain(booleanType, environment)
  }
  const type = !read.isKnown ? literalType(false) : read.mayBeMissing ? booleanType : literalType(true)
  const { path } = haystack
  return condition(type, environment, (outcome) =>
    path === undefined
      ? environment
      : refinePath(environment, path, (inner) => (outcome ? present(inner, [key]) : absent(inner, [key]))),
  )
}

function inferValueIn(inference: Inference, membership: Membership): Inferred {
  const { node, environment, needle, haystack } = membership
  const values = valuesIn(haystack.type)
  const isNever = needle.type.kind !== 'never' && intersect(needle.type, values).kind === 'never'
  const isTold = reportWritten(inference, membership)
  // In what is empty, nothing ever is: no question of what is looked for.
  if (isNever && !isTold && values.kind !== 'never') {
    const [left, right] = node.args
    const comparison = {
      left: { node: left, inferred: needle },
      right: { node: right, inferred: haystack },
      whole: node,
    }
    reportNever(inference, environment, { ...comparison, values: valuesIn(haystack.wide) })
  }
  const type = isNever ? literalType(false) : booleanType
  return condition(type, environment, (outcome) => (outcome ? inside(membership, values) : outside(membership)))
}

/** Reports each literal of a list that is written out which the value never is; `true` if there is one. */
function reportWritten(inference: Inference, { node, environment, needle }: Membership): boolean {
  const [left, right] = node.args
  if (right.op !== 'list' || left.op === 'value' || needle.type.kind === 'never') return false
  const wrong = right.args.filter((element) => element.op === 'value' && !isPossible(element.args, needle.wide))
  for (const element of wrong) {
    const side = { node: element, inferred: inference.infer(element, environment) }
    reportNever(inference, environment, { left: { node: left, inferred: needle }, right: side, whole: element })
  }
  return wrong.length > 0
}

function isPossible(value: Literal, type: Type): boolean {
  return intersect(type, value === null ? nullType : literalType(value)).kind !== 'never'
}

/** What can be in lists, or be a key of maps. */
function valuesIn(type: Type): Type {
  if (type.kind === 'any') return anyType
  return union(membersOf(type).map((member) => (member.kind === 'list' ? elementOf(member) : keysOf(member))))
}

function inside({ node, environment, needle, haystack }: Membership, values: Type): Environment {
  const { path } = needle
  const narrowed = path === undefined ? environment : refinePath(environment, path, (inner) => intersect(inner, values))
  // A key that is asked for can be read: `m[k]` where `k in m`.
  if (!membersOf(haystack.type).every(({ kind }) => kind === 'map')) return narrowed
  const [key, map] = node.args
  const root = computedRoot(map, key)
  if (root === undefined) return narrowed
  return provePresent(narrowed, { root, names: [], whole: readElement(haystack.type, needle.type).type })
}

/** What is in no list is none of the values that it surely has. */
function outside({ environment, needle, haystack }: Membership): Environment {
  const { path } = needle
  const certain = certainValues(haystack.type)
  if (path === undefined || certain.length === 0) return environment
  return refinePath(environment, path, (inner) => certain.reduce((type, one) => withoutOne(type, one), inner))
}

function withoutOne(type: Type, one: Type): Type {
  if (one.kind === 'literal') return without(type, one.value)
  return one.kind === 'null' ? without(type, null) : type
}

function certainValues(type: Type): readonly Type[] {
  if (type.kind === 'list') return type.first
  if (type.kind !== 'map') return []
  return [...type.fields].flatMap(([name, { isOptional }]) => (isOptional ? [] : [literalType(name)]))
}
