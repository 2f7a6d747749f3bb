import { Evaluation } from '../expression/evaluation.ts'
import { ExpressionError } from '../expression/expression.ts'
import { functions } from '../expression/functions.ts'
import { isMacro } from '../expression/macros.ts'
import type { SyntaxNode } from '../expression/syntax-node.ts'
import type { Environment } from './environment.ts'
import { functionTypes, type FunctionType } from './function-types.ts'
import { inferHas } from './infer-access.ts'
import { plain, told, type Inference, type Inferred } from './inference.ts'
import { inferMacro } from './infer-macro.ts'
import { checkOperand } from './operand.ts'
import { booleanType, type Type } from './type.ts'

export type CallNode = SyntaxNode & { op: 'call' | 'rcall' }

/** `f(x)` and `x.f()`: `has()`, a macro or a function. */
export function inferCall(inference: Inference, node: CallNode, environment: Environment): Inferred {
  const name = node.args[0]
  if (node.op === 'rcall') {
    const [, receiver, operands] = node.args
    if (isMacro(name)) return inferMacro(inference, { node, name, receiver, operands }, environment)
    return inferFunction(inference, { node, name, operands: [receiver, ...operands] }, environment)
  }
  const [, operands] = node.args
  const [first] = operands
  if (name !== 'has') return inferFunction(inference, { node, name, operands }, environment)
  // The parser refuses `has()` of anything else.
  if (first?.op !== '.' && first?.op !== '[]') return plain(booleanType, environment)
  return inferHas(inference, first, environment)
}

interface FunctionCall {
  readonly node: CallNode
  readonly name: string
  readonly operands: readonly SyntaxNode[]
}

function inferFunction(inference: Inference, call: FunctionCall, environment: Environment): Inferred {
  const { node, name, operands } = call
  const inferred = operands.map((operand) => inference.infer(operand, environment))
  const row = functionTypes.get(name)
  if (row === undefined) return told(environment)
  const isFine = inferred.map((found, index) => {
    const [operand, wanted] = [operands[index], row.operands[index]]
    const taker = `${name}()`
    return operand === undefined || wanted === undefined
      ? true
      : checkOperand(inference, environment, { node: operand, inferred: found, wanted, taker })
  })
  if (isFine.includes(false)) return told(environment)
  const types = inferred.map(({ type }) => type)
  const refusal = refusalOf(row, call, types)
  if (refusal !== undefined) {
    const { start, end } = node
    const message = `${inference.quote(node)} always fails: ${refusal}`
    inference.report(environment, { code: 'WRONG_OPERAND', message, start, end })
    return told(environment)
  }
  const [first] = inferred
  const given = plain(row.result(types), environment)
  return name === 'size' && first?.path !== undefined ? { ...given, sizeOf: first.path } : given
}

/** Why a function fails whenever it is called here; of literals, because it does so now. */
function refusalOf(row: FunctionType, { name }: FunctionCall, types: readonly Type[]): string | undefined {
  const refusal = row.refuses?.(types)
  if (refusal !== undefined) return refusal
  const values = types.flatMap((type) => (type.kind === 'literal' ? [type.value] : []))
  if (values.length < types.length) return undefined
  try {
    functions.get(name)?.apply(values, new Evaluation(noScope, '', 0, 0), { quote: '', name })
    return undefined
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    const { code, message } = error.failure
    return certainFailures.has(code) ? message.replace(/^: /, '') : undefined
  }
}

const certainFailures: ReadonlySet<string> = new Set(['EXPRESSION_TYPE', 'MISSING_VALUE', 'ARITHMETIC'])
const noScope = { variable: () => undefined, step: () => undefined }
