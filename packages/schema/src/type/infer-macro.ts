import type { MacroCall } from '../expression/macros.ts'
import type { Environment } from './environment.ts'
import { keysOf } from './infer-compare.ts'
import { plain, told, type Inference, type Inferred } from './inference.ts'
import { booleanOperand, checkOperand, elementOf, membersOf } from './operand.ts'
import { anyType, booleanType, listType, mapType, neverType, type ListType, type Type } from './type.ts'
import { union } from './union.ts'
import { withVariable } from './value-path.ts'

const listOrMap = union([listType(anyType), mapType({}, anyType)])

/** `xs.all(x, condition)` and its kin. */
export function inferMacro(inference: Inference, call: MacroCall, environment: Environment): Inferred {
  const { name, receiver, operands } = call
  const range = inference.infer(receiver, environment)
  const [variable, body, value] = operands
  const operand = { node: receiver, inferred: range, wanted: listOrMap, taker: `${name}()` }
  const isFine = checkOperand(inference, environment, operand)
  // The parser refuses a macro without a name and an expression.
  if (variable?.op !== 'id' || body === undefined) return told(environment)
  const [type, wide] = isFine ? [rangeOf(range.type), rangeOf(range.wide)] : [anyType, anyType]
  const inner = withVariable(environment, variable.args, type, wide)
  if (name === 'map' && value === undefined) {
    const given = inference.infer(body, inner)
    return isFine ? plain(mapped(range.type, given.type), environment) : told(environment)
  }
  const test = booleanOperand(inference, inner, body, `${name}()`)
  const kept = test.when(true)
  if (name === 'map' && value !== undefined) {
    const given = inference.infer(value, kept)
    return plain(listType(kept.isPossible ? given.type : neverType), environment)
  }
  if (name === 'filter') {
    return plain(listType(kept.isPossible ? (kept.typeOf(variable.args) ?? anyType) : neverType), environment)
  }
  return plain(booleanType, environment)
}

/** What a macro goes over: the elements of a list, the keys of a map. */
function rangeOf(type: Type): Type {
  if (type.kind === 'any') return anyType
  return union(
    membersOf(type).map((member) => {
      if (member.kind === 'list') return elementOf(member)
      return member.kind === 'map' ? keysOf(member) : neverType
    }),
  )
}

/** A list with one of these for each element. */
function mapped(range: Type, element: Type): Type {
  if (element.kind === 'never') return listType(neverType)
  const lists = membersOf(range)
  if (!lists.every((member): member is ListType => member.kind === 'list')) return listType(element)
  return union(
    lists.map(({ first, rest }) =>
      listType(
        rest.kind === 'never' ? neverType : element,
        first.map(() => element),
      ),
    ),
  )
}
