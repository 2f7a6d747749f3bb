import type { SyntaxNode } from '../expression/syntax-node.ts'
import type { Environment } from './environment.ts'
import { infer } from './infer.ts'
import type { Inferred } from './inference.ts'
import { withoutComputed } from './value-path.ts'

/**
 * What is known where a condition is true, or false. Problems of the condition
 * are told by `inferType`. What it proves of an element by a computed index, as
 * `files[index]`, ends with it: elsewhere `index` may be another.
 */
export function narrow(node: SyntaxNode, environment: Environment, outcome: boolean): Environment {
  // The text is for messages only.
  return proved(infer(node, { environment, text: '', report: () => {} }), outcome)
}

/** The same of a condition that has been inferred. */
export function proved(condition: Inferred, outcome: boolean): Environment {
  return withoutComputed(condition.when(outcome))
}
