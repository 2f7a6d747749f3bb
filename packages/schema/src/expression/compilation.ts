import { Evaluation, shortened } from './evaluation.ts'
import { ExpressionError } from './expression.ts'
import type { Reference, SyntaxMistake } from './expression.ts'
import type { SyntaxNode } from './syntax-node.ts'
import type { Value } from './value.ts'

/** A piece of an expression, ready to run. */
export type Code = (evaluation: Evaluation) => Value

const emptyScope = { variable: () => undefined, step: () => undefined }

/** What is gathered while the syntax tree of one text becomes `Code`. */
export class Compilation {
  readonly text: string
  readonly references: Reference[] = []
  /** The variables that macros bind, outermost first; the index is their place in `Evaluation.locals`. */
  readonly variables: string[] = []
  /** The first mistake. Compiling goes on, so that nothing has to unwind. */
  mistake: SyntaxMistake | undefined
  /** Nodes seen so far: what evaluating them all once costs. */
  nodes = 0
  depth = 0
  localsMax = 0
  /** Whether a timestamp or duration can come up, so that the result needs converting. */
  usesTime = false
  /** Whether a list or map can be made, which may hold what the scope gave many times over. */
  makesLists = false
  // One budget for all that is folded: otherwise each call in a long text could cost what a whole evaluation may.
  readonly #folding = new Evaluation(emptyScope, '', 0, 0)
  readonly #compile: (compilation: Compilation, node: SyntaxNode) => Code
  readonly #constants = new Map<Code, Value>()

  constructor(text: string, compile: (compilation: Compilation, node: SyntaxNode) => Code) {
    this.text = text
    this.#compile = compile
  }

  /** The code of a node; how one kind of node compiles is written without knowing all the others. */
  compile(node: SyntaxNode): Code {
    return this.#compile(this, node)
  }

  /** Records a mistake; the code that stands in for it never runs. */
  refuse(message: string, start: number, end: number): Code {
    this.mistake ??= { message, start, end }
    return this.constant(null)
  }

  constant(value: Value): Code {
    const code = (): Value => value
    this.#constants.set(code, value)
    return code
  }

  constantOf(code: Code): Value | undefined {
    return this.#constants.get(code)
  }

  /**
   * `code`, or its value where all that it reads is constant. What fails stays
   * as it is: whether it is ever reached is known only when it runs. So does what
   * costs more than is left for folding.
   */
  fold(code: Code, operands: readonly Code[]): Code {
    if (!operands.every((operand) => this.#constants.has(operand))) return code
    try {
      return this.constant(code(this.#folding))
    } catch (error) {
      if (error instanceof ExpressionError) return code
      throw error
    }
  }

  /** The text of a node as messages quote it. */
  quote(node: SyntaxNode): string {
    return shortened(this.text.slice(node.start, node.end))
  }
}
