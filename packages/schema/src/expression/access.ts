import type { Code, Compilation } from './compilation.ts'
import { failed, mistyped, shortened } from './evaluation.ts'
import type { Evaluation } from './evaluation.ts'
import type { StepView } from './expression.ts'
import { constantName, recordReference } from './reference.ts'
import type { SyntaxNode } from './syntax-node.ts'
import { isList, isMap, own, typeName } from './value.ts'
import type { Value, ValueMap } from './value.ts'

/** Two ways to read one place: `read` fails where there is nothing, `find` gives `undefined`. */
export interface Access {
  readonly read: Code
  readonly find: (evaluation: Evaluation) => Value | undefined
}

/** The code of a name and the fields and elements read from it, `guarded` when `has()` asks for it. */
export function compileAccess(compilation: Compilation, node: SyntaxNode, guarded = false): Access {
  recordReference(compilation, node, guarded)
  return compileLink(compilation, node)
}

function compileLink(compilation: Compilation, node: SyntaxNode): Access {
  switch (node.op) {
    case 'id':
      return variable(compilation, node.args)
    case '.':
    case '[]': {
      const step = stepField(compilation, node)
      if (step !== undefined) return step
      const base = compileBase(compilation, node.args[0])
      const quote = compilation.quote(node)
      const name = constantName(node)
      if (name !== undefined) return field(quote, base, name.text)
      return node.op === '[]'
        ? element(quote, base, compilation.compile(node.args[1]))
        : field(quote, base, node.args[1])
    }
    default: {
      const code = compilation.compile(node)
      return { read: code, find: code }
    }
  }
}

// The links of a chain count and nest as any node does, without `compile` seeing each as a chain of its own.
function compileBase(compilation: Compilation, node: SyntaxNode): Access {
  if (node.op !== 'id' && node.op !== '.' && node.op !== '[]') return compileLink(compilation, node)
  compilation.nodes++
  return compileLink(compilation, node)
}

function variable(compilation: Compilation, name: string): Access {
  const slot = compilation.variables.lastIndexOf(name)
  const find = slot >= 0 ? local(slot) : global(name)
  return {
    find,
    read: (evaluation) => {
      const value = find(evaluation)
      if (value === undefined) throw missing(name, `no variable of that name is in scope here`)
      return value
    },
  }
}

function local(slot: number): Access['find'] {
  return (evaluation) => evaluation.locals[slot]
}

function global(name: string): Access['find'] {
  return (evaluation) => evaluation.scope.variable(name)
}

/** `steps.<id>.<field>`: one question to the scope, so that nothing else of the step is made. */
function stepField(compilation: Compilation, node: SyntaxNode & { op: '.' | '[]' }): Access | undefined {
  const [step] = node.args
  if (step.op !== '.' && step.op !== '[]') return undefined
  const [root] = step.args
  const id = constantName(step)?.text
  const name = constantName(node)?.text
  if (root.op !== 'id' || root.args !== 'steps' || id === undefined || name === undefined) return undefined
  compilation.nodes += 2
  const quote = compilation.quote(node)
  const readField = stepFields.get(name) ?? noField
  return {
    find: (evaluation) => {
      const view = evaluation.scope.step(id)
      return view === undefined ? undefined : readField(view)
    },
    read: (evaluation) => {
      const view = evaluation.scope.step(id)
      if (view === undefined) throw missing(quote, `no step "${id}" is in scope here`)
      const value = readField(view)
      if (value === undefined) throw missing(quote, `the step is ${view.status} and has no ${name}`)
      return value
    },
  }
}

type ReadStepField = (view: StepView) => Value | undefined

const noField: ReadStepField = () => undefined
const stepFields: ReadonlyMap<string, ReadStepField> = new Map<string, ReadStepField>([
  ['status', (view) => view.status],
  ['attempts', (view) => view.attempts],
  ['output', (view) => view.output],
  ['failure', (view) => view.failure && failureMap(view.failure)],
  ['exitCode', (view) => view.exitCode],
  ['startedAt', (view) => view.startedAt],
  ['durationMs', (view) => view.durationMs],
])

// A `Failure` is JSON; an interface only lacks the index signature that says so.
function failureMap(failure: NonNullable<StepView['failure']>): ValueMap {
  return failure as unknown as ValueMap
}

function field(quote: string, base: Access, name: string): Access {
  return {
    find: (evaluation) => {
      const map = base.find(evaluation)
      return map !== undefined && isMap(map) ? own(map, name) : undefined
    },
    read: (evaluation) => {
      const map = base.read(evaluation)
      if (!isMap(map)) throw mistyped(quote, `a ${typeName(map)} has no fields`)
      const value = own(map, name)
      if (value === undefined) throw missing(quote, `there is no field "${name}"`)
      return value
    },
  }
}

function element(quote: string, base: Access, index: Code): Access {
  return {
    find: (evaluation) => {
      const whole = base.find(evaluation)
      return whole === undefined ? undefined : elementOf(quote, whole, index(evaluation))
    },
    read: (evaluation) => {
      const whole = base.read(evaluation)
      const key = index(evaluation)
      const value = elementOf(quote, whole, key)
      if (value !== undefined) return value
      if (isList(whole)) throw missing(quote, `the list has ${whole.length} elements, and ${String(key)} was asked for`)
      if (isMap(whole)) throw missing(quote, `there is no field "${shortened(String(key))}"`)
      throw mistyped(quote, `a ${typeName(whole)} has no elements`)
    },
  }
}

function elementOf(quote: string, whole: Value, key: Value): Value | undefined {
  if (isList(whole)) {
    if (typeof key === 'number' && Number.isInteger(key)) return whole[key]
    throw mistyped(
      quote,
      `an element of a list is named by a whole number, not ${typeof key === 'number' ? key : `a ${typeName(key)}`}`,
    )
  }
  if (!isMap(whole)) return undefined
  if (typeof key === 'string') return own(whole, key)
  throw mistyped(quote, `a field of a map is named by a string, not a ${typeName(key)}`)
}

function missing(quote: string, reason: string): Error {
  return failed('MISSING_VALUE', `${quote} does not exist: ${reason}`)
}
