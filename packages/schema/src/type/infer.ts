import type { SyntaxNode } from '../expression/syntax-node.ts'
import type { Environment } from './environment.ts'
import { inferAccess } from './infer-access.ts'
import { inferCall } from './infer-call.ts'
import { inferEquality } from './infer-compare.ts'
import { inferIn } from './infer-in.ts'
import { inferList, inferMap } from './infer-literals.ts'
import {
  inferArithmetic,
  inferConditional,
  inferLogic,
  inferNegation,
  inferNot,
  inferOrder,
} from './infer-operators.ts'
import { Inference, plain, type InferContext, type Inferred } from './inference.ts'
import { literalType, nullType, type Type } from './type.ts'

/**
 * The type of an expression's value. Where nothing is reported, and nothing of
 * type `any` is read, evaluating it gives a value of that type for any values of
 * the environment's types, or fails for what no type says: with `ARITHMETIC` or
 * `EXPRESSION_COST`, or because a text does not read as what a function makes of
 * it, does not have a character that is asked for, or cannot be a key.
 */
export function inferType(node: SyntaxNode, context: InferContext): Type {
  return infer(node, context).type
}

/** The same, and what each outcome proves. */
export function infer(node: SyntaxNode, context: InferContext): Inferred {
  return new Inference(context, inferNode).infer(node, context.environment)
}

function inferNode(inference: Inference, node: SyntaxNode, environment: Environment): Inferred {
  switch (node.op) {
    case 'value':
      return plain(node.args === null ? nullType : literalType(node.args), environment)
    case 'id':
    case '.':
    case '[]':
      return inferAccess(inference, node, environment)
    case 'call':
    case 'rcall':
      return inferCall(inference, node, environment)
    case 'list':
      return inferList(inference, node, environment)
    case 'map':
      return inferMap(inference, node, environment)
    case '?:':
      return inferConditional(inference, node, environment)
    case '!_':
      return inferNot(inference, node, environment)
    case '-_':
      return inferNegation(inference, node, environment)
    case '&&':
    case '||':
      return inferLogic(inference, node, environment)
    case '==':
    case '!=':
      return inferEquality(inference, node, environment)
    case 'in':
      return inferIn(inference, node, environment)
    case '<':
    case '<=':
    case '>':
    case '>=':
      return inferOrder(inference, node, environment)
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return inferArithmetic(inference, node, environment)
  }
}
