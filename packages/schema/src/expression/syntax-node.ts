/** A value that is written out. */
export type Literal = string | number | boolean | null

/** An operator between two operands. */
export type InfixOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%'

/** Where something stands in the text: UTF-16 units, end exclusive. */
export interface Place {
  readonly start: number
  readonly end: number
}

/** What a node is: its operator, and what that is applied to. */
export type Operation =
  | { readonly op: 'value'; readonly args: Literal }
  | { readonly op: 'id'; readonly args: string }
  /** The name, and its offset. */
  | { readonly op: '.'; readonly args: readonly [of: SyntaxNode, name: string]; readonly pos: number }
  | { readonly op: '[]'; readonly args: readonly [of: SyntaxNode, index: SyntaxNode] }
  | {
      readonly op: 'call'
      readonly args: readonly [name: string, operands: readonly SyntaxNode[]]
      readonly pos: number
    }
  | {
      readonly op: 'rcall'
      readonly args: readonly [name: string, receiver: SyntaxNode, operands: readonly SyntaxNode[]]
      readonly pos: number
    }
  | { readonly op: 'list'; readonly args: readonly SyntaxNode[] }
  | { readonly op: 'map'; readonly args: readonly (readonly [key: SyntaxNode, value: SyntaxNode])[] }
  | { readonly op: '?:'; readonly args: readonly [condition: SyntaxNode, yes: SyntaxNode, no: SyntaxNode] }
  | { readonly op: '!_' | '-_'; readonly args: SyntaxNode }
  | { readonly op: InfixOperator; readonly args: readonly [left: SyntaxNode, right: SyntaxNode] }

/**
 * A node of the syntax tree, with its place in the text. Parentheses around it
 * are not a part of it, those around its operands are.
 */
export type SyntaxNode = Place & Operation
