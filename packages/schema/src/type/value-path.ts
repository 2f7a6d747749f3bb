import type { SyntaxNode } from '../expression/syntax-node.ts'
import { computedMark, isComputed, type Environment, type TypeScope } from './environment.ts'
import type { ValuePath } from './inference.ts'
import { absent, present, refineAt } from './refine.ts'
import type { Type } from './type.ts'

/**
 * What stands for `whole[index]` where the index is computed, as in
 * `input.files[index]`: what is proved of it is kept by its text, as long as the
 * names in it mean the same. `undefined` where the text would be a long one.
 */
export function computedRoot(whole: SyntaxNode, index: SyntaxNode): string | undefined {
  const texts = [textOf(whole, 0), textOf(index, 0)]
  const text = `${computedMark}${texts.join(' ')}`
  return texts.includes(undefined) || text.length > computedMax ? undefined : text
}

const computedMax = 500
const computedDepthMax = 16

/** Each name and operator in brackets of its own: two nodes of one text do the same. */
function textOf(node: SyntaxNode, depth: number): string | undefined {
  if (depth > computedDepthMax) return undefined
  const inner = (part: SyntaxNode): string | undefined => textOf(part, depth + 1)
  switch (node.op) {
    case 'id':
      return `{${node.args}}`
    case 'value':
      return JSON.stringify(node.args)
    case '.':
      return bracketed('.', [inner(node.args[0]), JSON.stringify(node.args[1])])
    case '-_':
      return bracketed(node.op, [inner(node.args)])
    case '[]':
    case '+':
    case '-':
    case '*':
      return bracketed(node.op, node.args.map(inner))
    default:
      return undefined
  }
}

function bracketed(operator: string, parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : `(${operator} ${parts.join(' ')})`
}

/** Where what stands at a path is there, and `change` gives what it can still be. */
export function refinePath(environment: Environment, path: ValuePath, change: (type: Type) => Type): Environment {
  return prove(environment, path, (whole) =>
    path.names.length === 0 ? change(whole) : refineAt(present(whole, path.names), path.names, change),
  )
}

/** Where a path exists. */
export function provePresent(environment: Environment, path: ValuePath): Environment {
  return refinePath(environment, path, (type) => type)
}

/** Where a path does not exist. Of an element by a computed index that says nothing: all of it may be missing. */
export function proveAbsent(environment: Environment, path: ValuePath): Environment {
  if (isComputed(path.root) || path.names.length === 0) return environment
  return prove(environment, path, (whole) => absent(whole, path.names))
}

function prove(environment: Environment, { root, whole }: ValuePath, change: (whole: Type) => Type): Environment {
  const before = environment.typeOf(root)
  const after = change(before ?? whole)
  return after === before ? environment : environment.with(root, after)
}

/** The environment inside a macro, where a variable of it hides what had its name. */
export function withVariable(environment: Environment, name: string, type: Type, wide: Type): Environment {
  const scope: TypeScope = { typeOf: (root) => (root === name ? wide : environment.scope.typeOf(root)) }
  const computed = new Map([...environment.computed].filter(([root]) => !root.includes(`{${name}}`)))
  return environment.withComputed(computed).inside(scope).with(name, type)
}

/** Without what is proved of elements by computed indexes: elsewhere their names may mean something else. */
export function withoutComputed(environment: Environment): Environment {
  return environment.computed.size === 0 ? environment : environment.withComputed(new Map())
}
