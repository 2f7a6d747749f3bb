import type { Code, Compilation } from './compilation.ts'
import { isAbsorbable, mistyped } from './evaluation.ts'
import type { Evaluation } from './evaluation.ts'
import type { ExpressionError } from './expression.ts'
import type { SyntaxNode } from './syntax-node.ts'
import { isList, isMap, keysOf, typeName } from './value.ts'
import type { Value } from './value.ts'

export const macroNames = ['all', 'exists', 'exists_one', 'filter', 'map'] as const
export type MacroName = (typeof macroNames)[number]

export interface MacroCall {
  readonly node: SyntaxNode
  readonly name: MacroName
  readonly receiver: SyntaxNode
  readonly operands: readonly SyntaxNode[]
}

/** Whether a method of that name is a macro: its arguments are a variable and what is evaluated for each element. */
export function isMacro(name: string): name is MacroName {
  return macroNames.some((macro) => macro === name)
}

/** The code of `list.all(x, …)` and its kin. */
export function compileMacro(compilation: Compilation, call: MacroCall): Code {
  const [variable, ...bodies] = call.operands
  const { node, name } = call
  const refused = refusalOf(call, variable)
  if (refused !== undefined) return compilation.refuse(refused, (variable ?? node).start, (variable ?? node).end)
  if (name === 'map' || name === 'filter') compilation.makesLists = true
  const range = compilation.compile(call.receiver)
  const slot = compilation.variables.push(variable?.op === 'id' ? variable.args : '') - 1
  compilation.localsMax = Math.max(compilation.localsMax, slot + 1)
  const before = compilation.nodes
  const [first, second] = bodies.map((body) => compilation.compile(body))
  const cost = compilation.nodes - before + 1
  compilation.variables.pop()
  const quote = compilation.quote(node)
  return makers[name]({ quote, range: elementsOf(quote, range), slot, cost, first: first ?? range, second })
}

function refusalOf({ name, operands }: MacroCall, variable: SyntaxNode | undefined): string | undefined {
  if (operands.length !== 2 && !(name === 'map' && operands.length === 3)) {
    return `${name}() takes a variable and an expression, as in \`list.${name}(x, x > 0)\``
  }
  if (variable?.op !== 'id')
    return `the first argument of ${name}() names the variable, as in \`list.${name}(x, x > 0)\``
  return variable.args === 'steps' ? '`steps` cannot be the name of a variable' : undefined
}

interface Macro {
  readonly quote: string
  readonly range: (evaluation: Evaluation) => readonly Value[]
  readonly slot: number
  /** What one element costs. */
  readonly cost: number
  readonly first: Code
  readonly second: Code | undefined
}

const makers: Readonly<Record<MacroName, (macro: Macro) => Code>> = {
  all: (macro) => quantifier(macro, false),
  exists: (macro) => quantifier(macro, true),
  exists_one: (macro) => (evaluation) => {
    let count = 0
    for (const element of macro.range(evaluation)) if (test(macro, evaluation, element)) count++
    return count === 1
  },
  filter: (macro) => (evaluation) => macro.range(evaluation).filter((element) => test(macro, evaluation, element)),
  map: (macro) => (macro.second === undefined ? transform(macro, macro.first) : filterTransform(macro, macro.second)),
}

// One element that decides makes the failures of the others irrelevant, as with `&&` and `||`.
function quantifier(macro: Macro, deciding: boolean): Code {
  return (evaluation) => {
    let failure: ExpressionError | undefined
    for (const element of macro.range(evaluation)) {
      try {
        if (test(macro, evaluation, element) === deciding) return deciding
      } catch (error) {
        if (!isAbsorbable(error)) throw error
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    return !deciding
  }
}

function transform(macro: Macro, body: Code): Code {
  return (evaluation) =>
    macro.range(evaluation).map((element) => {
      bind(macro, evaluation, element)
      return body(evaluation)
    })
}

function filterTransform(macro: Macro, body: Code): Code {
  return (evaluation) => {
    const results: Value[] = []
    for (const element of macro.range(evaluation)) {
      if (test(macro, evaluation, element)) results.push(body(evaluation))
    }
    return results
  }
}

function test(macro: Macro, evaluation: Evaluation, element: Value): boolean {
  bind(macro, evaluation, element)
  const value = macro.first(evaluation)
  if (typeof value !== 'boolean') throw mistyped(macro.quote, `the condition gives a ${typeName(value)}, not a bool`)
  return value
}

function bind({ slot, cost }: Macro, evaluation: Evaluation, element: Value): void {
  evaluation.charge(cost)
  evaluation.locals[slot] = element
}

/**
 * The elements of a list, or the keys of a map, sorted: storage may give an
 * object back with its keys in another order, and a run must not differ for it.
 */
function elementsOf(quote: string, range: Code): Macro['range'] {
  return (evaluation) => {
    const value = range(evaluation)
    if (isList(value)) return value
    if (isMap(value)) return keysOf(evaluation, value).toSorted()
    throw mistyped(quote, `a ${typeName(value)} has no elements`)
  }
}
