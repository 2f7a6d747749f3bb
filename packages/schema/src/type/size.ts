import type { InfixOperator } from '../expression/syntax-node.ts'
import type { Environment } from './environment.ts'
import type { Inferred } from './inference.ts'
import { membersOf } from './operand.ts'
import { neverType, type Type } from './type.ts'
import { union } from './union.ts'
import { refinePath } from './value-path.ts'

interface Bounds {
  readonly min: number
  readonly max: number
}

/** What comparing `size(p)` with a number proves of `p`: how many elements a list surely has, and cannot have. */
export function sizeCompared(
  environment: Environment,
  operator: InfixOperator,
  { left, right }: { readonly left: Inferred; readonly right: Inferred },
  outcome: boolean,
): Environment {
  const isTurned = left.sizeOf === undefined
  const path = isTurned ? right.sizeOf : left.sizeOf
  const { type } = isTurned ? left : right
  if (path === undefined || type.kind !== 'literal' || !Number.isInteger(type.value)) return environment
  const bounds = boundsOf(isTurned ? turned(operator) : operator, Number(type.value), outcome)
  return refinePath(environment, path, (inner) => sized(inner, bounds))
}

/** A value of which the size is within bounds. Of texts and maps that says nothing. */
export function sized(type: Type, bounds: Bounds): Type {
  return union(membersOf(type).map((member) => (member.kind === 'list' ? sizedList(member, bounds) : member)))
}

function sizedList(list: Type & { kind: 'list' }, { min, max }: Bounds): Type {
  const { first, rest } = list
  if (first.length > max) return neverType
  if (first.length < min && rest.kind === 'never') return neverType
  const missing = Math.min(min, firstMax) - first.length
  const certain = missing > 0 ? [...first, ...Array.from({ length: missing }, () => rest)] : first
  const isFull = certain.length === max
  return isFull || missing > 0 ? { kind: 'list', first: certain, rest: isFull ? neverType : rest } : list
}

const firstMax = 64

function boundsOf(operator: InfixOperator, size: number, outcome: boolean): Bounds {
  switch (outcome ? operator : opposite(operator)) {
    case '>':
      return { min: size + 1, max: Infinity }
    case '>=':
      return { min: size, max: Infinity }
    case '<':
      return { min: 0, max: size - 1 }
    case '<=':
      return { min: 0, max: size }
    case '==':
      return { min: size, max: size }
    case '!=':
      return { min: size === 0 ? 1 : 0, max: Infinity }
    default:
      return { min: 0, max: Infinity }
  }
}

const opposites: Readonly<Partial<Record<InfixOperator, InfixOperator>>> = {
  '>': '<=',
  '>=': '<',
  '<': '>=',
  '<=': '>',
  '==': '!=',
  '!=': '==',
}

function opposite(operator: InfixOperator): InfixOperator {
  return opposites[operator] ?? operator
}

const turns: Readonly<Partial<Record<InfixOperator, InfixOperator>>> = { '>': '<', '>=': '<=', '<': '>', '<=': '>=' }

/** The operator that says the same with its operands in the other order. */
function turned(operator: InfixOperator): InfixOperator {
  return turns[operator] ?? operator
}
