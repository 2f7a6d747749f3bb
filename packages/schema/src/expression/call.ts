import { didYouMean } from '../diagnostic/suggest.ts'
import { compileAccess } from './access.ts'
import type { Code, Compilation } from './compilation.ts'
import { functions, refusedFunctions } from './functions.ts'
import type { FunctionRow } from './function-row.ts'
import { compileMacro, isMacro, macroNames } from './macros.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** The parts of a call, written as a function or as a method. */
export interface Call {
  readonly node: SyntaxNode & { op: 'call' | 'rcall' }
  readonly name: string
  readonly receiver: SyntaxNode | undefined
  readonly operands: readonly SyntaxNode[]
}

/** The code of `f(x)` or `x.f()`: `has()`, a macro or a function of the table. */
export function compileCall(compilation: Compilation, node: SyntaxNode & { op: 'call' | 'rcall' }): Code {
  const call = callOf(node)
  const { name, receiver, operands } = call
  if (name === 'has' && receiver === undefined) return compileHas(compilation, call)
  if (receiver !== undefined && isMacro(name)) {
    return compileMacro(compilation, { node, name, receiver, operands })
  }
  const row = functions.get(name)
  if (row === undefined) return refuseCall(compilation, call, unknownMessage(call))
  const misuse = misuseOf(row, call)
  if (misuse !== undefined) return refuseCall(compilation, call, misuse)
  const codes = (receiver === undefined ? operands : [receiver, ...operands]).map((operand) =>
    compilation.compile(operand),
  )
  if (row.givesTime === true) compilation.usesTime = true
  const place = { quote: compilation.quote(node), name }
  const code: Code = (evaluation) =>
    row.apply(
      codes.map((operand) => operand(evaluation)),
      evaluation,
      place,
    )
  return compilation.fold(code, codes)
}

function callOf(node: SyntaxNode & { op: 'call' | 'rcall' }): Call {
  if (node.op === 'call') {
    const [name, operands] = node.args
    return { node, name, receiver: undefined, operands }
  }
  const [name, receiver, operands] = node.args
  return { node, name, receiver, operands }
}

function compileHas(compilation: Compilation, call: Call): Code {
  const [operand, ...more] = call.operands
  if (operand === undefined || more.length > 0 || (operand.op !== '.' && operand.op !== '[]')) {
    return refuseCall(compilation, call, 'has() takes one field, as in `has(input.name)`')
  }
  compilation.nodes++
  const { find } = compileAccess(compilation, operand, true)
  return (evaluation) => find(evaluation) !== undefined
}

function unknownMessage({ name, receiver }: Call): string {
  const reason = refusedFunctions.get(name)
  if (reason !== undefined) return `${name}() does not exist here: ${reason}`
  const known = receiver === undefined ? ['has', ...functions.keys()] : [...macroNames, ...functions.keys()]
  return [`there is no function "${name}"`, didYouMean(name, known)].filter(Boolean).join('; ')
}

function misuseOf({ form, operandsMin, operandsMax }: FunctionRow, call: Call): string | undefined {
  const { name, receiver, operands } = call
  if (form === 'function' && receiver !== undefined) return `${name} is written as a function: ${name}(x)`
  if (form === 'method' && receiver === undefined) return `${name} is written as a method: x.${name}(…)`
  const count = operands.length + (receiver === undefined ? 0 : 1)
  if (count >= operandsMin && count <= operandsMax) return undefined
  const hidden = receiver === undefined ? 0 : 1
  const range = [...new Set([operandsMin - hidden, operandsMax - hidden])].join(' or ')
  return `${name}() takes ${range} ${range === '1' ? 'argument' : 'arguments'}, not ${operands.length}`
}

/** Refuses a call, pointing at the function's name. */
function refuseCall(compilation: Compilation, { node, name }: Call, message: string): Code {
  return compilation.refuse(message, node.pos, node.pos + name.length)
}
