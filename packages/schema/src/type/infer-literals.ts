import type { SyntaxNode } from '../expression/syntax-node.ts'
import type { Environment } from './environment.ts'
import { plain, type Inference, type Inferred } from './inference.ts'
import { checkOperand } from './operand.ts'
import { listType, neverType, textType, type Field, type Type } from './type.ts'
import { union } from './union.ts'

/** `[a, b]`: each element is there. */
export function inferList(inference: Inference, node: SyntaxNode & { op: 'list' }, environment: Environment): Inferred {
  const elements = node.args.map((element) => inference.infer(element, environment).type)
  return plain(listType(neverType, elements), environment)
}

/** `{"a": b}`: a field for each key that is known, and maybe more where a key is not. */
export function inferMap(inference: Inference, node: SyntaxNode & { op: 'map' }, environment: Environment): Inferred {
  const fields = new Map<string, Field>()
  const others: Type[] = []
  for (const [keyNode, valueNode] of node.args) {
    const key = inference.infer(keyNode, environment)
    // Whether a text can be a key, as one that is written twice cannot, is seen when it is there.
    checkOperand(inference, environment, { node: keyNode, inferred: key, wanted: textType, taker: 'a key of a map' })
    const { type } = inference.infer(valueNode, environment)
    if (key.type.kind === 'literal') fields.set(String(key.type.value), { type, isOptional: false })
    else others.push(type)
  }
  return plain({ kind: 'map', fields, rest: union(others) }, environment)
}
