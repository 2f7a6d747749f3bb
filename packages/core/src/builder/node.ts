/** An expression as a tree: what references and operators are made of, before it is text. */
export type Node =
  | { readonly kind: 'name'; readonly name: string; readonly owner?: object }
  | { readonly kind: 'variable'; readonly id: symbol }
  | { readonly kind: 'field'; readonly of: Node; readonly key: string }
  | { readonly kind: 'index'; readonly of: Node; readonly index: Node }
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [key: string, value: Node])[] }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly of: Node }
  | { readonly kind: 'binary'; readonly operator: BinaryOperator; readonly operands: readonly Node[] }
  | { readonly kind: 'choice'; readonly condition: Node; readonly then: Node; readonly otherwise: Node }
  | { readonly kind: 'call'; readonly name: string; readonly given: readonly Node[] }
  | { readonly kind: 'method'; readonly of: Node; readonly name: string; readonly given: readonly Node[] }
  | { readonly kind: 'macro'; readonly of: Node; readonly name: string; readonly variable: symbol; readonly body: Node }
  | { readonly kind: 'text'; readonly parts: readonly (string | Node)[] }
  | { readonly kind: 'raw'; readonly parts: readonly (string | Node)[] }

/** An operator between two expressions, or more of one kind. */
export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%'

/** All nodes below a node. */
export function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'name':
    case 'variable':
    case 'literal':
      return []
    case 'field':
    case 'unary':
      return [node.of]
    case 'index':
      return [node.of, node.index]
    case 'list':
      return node.items
    case 'map':
      return node.entries.map(([, value]) => value)
    case 'binary':
      return node.operands
    case 'choice':
      return [node.condition, node.then, node.otherwise]
    case 'call':
      return node.given
    case 'method':
      return [node.of, ...node.given]
    case 'macro':
      return [node.of, node.body]
    case 'text':
    case 'raw':
      return node.parts.filter((part) => typeof part !== 'string')
    default:
      return node satisfies never
  }
}

/** A name that a block gives to its inside: the item of a loop, a failure. */
export type NameNode = Node & { readonly kind: 'name' }

/** Every name in an expression. */
export function namesIn(node: Node): readonly NameNode[] {
  return node.kind === 'name' ? [node] : partsOf(node).flatMap(namesIn)
}

/** What a guard proves: `a.b` of `has(a.b)` and of `a.b != null`; what is no guard, itself. */
export function provenBy(guard: Node): Node {
  if (guard.kind === 'call' && guard.name === 'has') return guard.given[0] ?? guard
  return guard.kind === 'binary' && guard.operator === '!=' ? (guard.operands[0] ?? guard) : guard
}
