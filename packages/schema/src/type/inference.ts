import type { InfixOperator, Place, SyntaxNode } from '../expression/syntax-node.ts'
import type { Environment } from './environment.ts'
import { anyType, neverType, type Type } from './type.ts'

/** What is wrong with an expression's types. Offsets are those of the expression's text. */
export interface TypeProblem extends Place {
  readonly code:
    | 'UNKNOWN_FIELD'
    | 'MAYBE_MISSING'
    | 'MAYBE_NULL'
    | 'WRONG_OPERAND'
    | 'IMPOSSIBLE_COMPARISON'
    | 'CONSTANT_CONDITION'
    | 'UNTYPED_VALUE'
  /** An error unless given. */
  readonly severity?: 'warning'
  readonly message: string
  readonly hint?: string | undefined
  /** What fits there, as a person says it: `an integer`. */
  readonly expected?: string | undefined
  /** What stands there, said in the same way. */
  readonly found?: string | undefined
  /** What mends it when it stands between the offsets. */
  readonly replacement?: string | undefined
  /** Of a field or an element: what its path begins with, as `input` or `steps.review`, and the names up to it. */
  readonly root?: string | undefined
  readonly path?: readonly (string | number)[] | undefined
}

export interface InferContext {
  readonly environment: Environment
  /** The expression's text, which messages quote. */
  readonly text: string
  /** Whether to warn of fields that are read of what nothing is known of. */
  readonly isTyped?: boolean
  /** With what is known where the problem is. */
  report(problem: TypeProblem, environment: Environment): void
}

export type InfixNode = SyntaxNode & { op: InfixOperator }
export type PrefixNode = SyntaxNode & { op: '!_' | '-_' }

/** Fields and elements from a root, each by a constant. What conditions prove is proved of these. */
export interface ValuePath {
  readonly root: string
  readonly names: readonly (string | number)[]
  /** The type of the root where nothing has been proved of it. */
  readonly whole: Type
}

/** What is known of the value of a node. */
export interface Inferred {
  readonly type: Type
  /** Its type if no condition around it had proved anything. */
  readonly wide: Type
  readonly path?: ValuePath | undefined
  /** Whether it is of type `any` because of a problem that has been told already. */
  readonly isTold?: boolean
  /** Whether the strict have been told already that nothing is known of it. */
  readonly isUntyped?: boolean
  /** Of a call of `size()`: whose size it is. */
  readonly sizeOf?: ValuePath | undefined
  /** What is known once the value was this boolean. Where neither is possible by itself, one of both is. */
  when(outcome: boolean): Environment
}

type InferNode = (inference: Inference, node: SyntaxNode, environment: Environment) => Inferred

/**
 * The inference of one expression. Each node is looked at once, in the
 * environment of what is proved before it; what its outcome proves is worked
 * out when it is asked for, once.
 */
export class Inference {
  readonly isTyped: boolean
  readonly #context: InferContext
  readonly #inferNode: InferNode
  #depth = 0

  constructor(context: InferContext, inferNode: InferNode) {
    this.isTyped = context.isTyped === true
    this.#context = context
    this.#inferNode = inferNode
  }

  infer(node: SyntaxNode, environment: Environment): Inferred {
    // No value comes from where nothing gets.
    if (!environment.isPossible) return plain(neverType, environment)
    if (this.#depth >= depthMax) return told(environment)
    this.#depth++
    const inferred = this.#inferNode(this, node, environment)
    this.#depth--
    return inferred
  }

  report(environment: Environment, problem: TypeProblem): void {
    if (environment.isPossible) this.#context.report(problem, environment)
  }

  /** The text of a node as messages quote it. */
  quote({ start, end }: Place): string {
    const text = this.textOf({ start, end }).replaceAll(/\s+/g, ' ')
    return text.length > quoteMax ? `${text.slice(0, quoteMax - 1)}…` : text
  }

  textOf({ start, end }: Place): string {
    return this.#context.text.slice(start, end)
  }
}

const quoteMax = 40

// The parser of expressions refuses what nests even deeper.
const depthMax = 1024

/** A value of which only the type is known. */
export function plain(type: Type, environment: Environment, wide: Type = type): Inferred {
  return { type, wide, when: (outcome) => (isConstant(type, !outcome) ? environment.impossible() : environment) }
}

/** What a problem leaves: nothing follows from it. */
export function told(environment: Environment): Inferred {
  return { type: anyType, wide: anyType, isTold: true, when: () => environment }
}

/** A condition, and what follows from each outcome: worked out once, when it is asked for. */
export function condition(
  type: Type,
  environment: Environment,
  outcomeOf: (outcome: boolean) => Environment,
): Inferred {
  const known = new Map<boolean, Environment>()
  const when = (outcome: boolean): Environment => {
    const before = known.get(outcome)
    if (before !== undefined) return before
    const after = isConstant(type, !outcome) ? environment.impossible() : outcomeOf(outcome)
    known.set(outcome, after)
    return after
  }
  return { type, wide: type, when }
}

/** Whether a type is this one boolean. */
export function isConstant(type: Type, value: boolean): boolean {
  return type.kind === 'literal' && type.value === value
}
