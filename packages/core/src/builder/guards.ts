import type { Node } from './node.ts'
import type { Present } from './operators.ts'
import type { Expr, Guard, Out, Ref, Value } from './reference.ts'
import { nodeOf, referenceOf, toNode } from './reference-of.ts'

/** Whether there is a value: false for the output of a step that did not complete, and for a field that is not there. */
export function has<T>(value: Expr<T>): Guard<Exclude<T, undefined>> {
  return referenceOf<never>(hasNode(toNode(value))) as unknown as Guard<Exclude<T, undefined>>
}

/** Whether a value is null. */
export function isNull<T extends Present>(value: Expr<T>): Expr<boolean> {
  return referenceOf({ kind: 'binary', operator: '==', operands: [toNode(value), { kind: 'literal', value: null }] })
}

/** The value where there is one, and another where it is missing. */
export function orElse<T, const E extends Value>(value: Expr<T>, otherwise: E): Ref<Exclude<T, undefined> | Out<E>> {
  const node = toNode(value)
  return referenceOf({ kind: 'choice', condition: hasNode(node), then: node, otherwise: toNode(otherwise) })
}

/** The value where it is not null, and another where it is. */
export function coalesce<T extends Present, const E extends Value>(
  value: Expr<T>,
  otherwise: E,
): Ref<Exclude<T, null> | Out<E>> {
  const node = toNode(value)
  const condition: Node = { kind: 'binary', operator: '!=', operands: [node, { kind: 'literal', value: null }] }
  return referenceOf({ kind: 'choice', condition, then: node, otherwise: toNode(otherwise) })
}

/**
 * The same value for a place where it is there and not null, though the compiler does
 * not see why. The checker of the definition still has to.
 */
export function sure<T>(value: Expr<T>): Ref<NonNullable<T>> {
  return referenceOf(toNode(value))
}

/** The same value with another type, for what comes without one. The checker of the definition still reads it. */
export function typed<T>(value: Expr<unknown>): Ref<T> {
  return referenceOf(toNode(value))
}

/** The part of a union that its tag names: an expression for each, of which one is evaluated. */
export function choose<
  U extends object,
  Tag extends keyof U & string,
  N extends string,
  const K extends { readonly [P in `${NoInfer<U>[NoInfer<Tag>] & (string | number | boolean)}`]: unknown },
>(
  value: Expr<U>,
  tag: Tag,
  cases: K & {
    readonly [P in N]: P extends `${U[Tag] & (string | number | boolean)}`
      ? (
          value: Ref<U extends unknown ? (`${U[Tag] & (string | number | boolean)}` extends P ? U : never) : never>,
        ) => Value
      : never
  },
): Ref<Out<K[keyof K] extends (...given: never) => infer R ? R : never>>
export function choose(
  value: Expr<object>,
  tag: string,
  cases: Readonly<Record<string, (value: unknown) => unknown>>,
): Ref<unknown> {
  const of: Node = { kind: 'field', of: toNode(value), key: tag }
  const branches = Object.entries(cases).map(([key, give]) => ({ key, node: toNode(give(value)) }))
  // The one for true comes first, whatever order they are written in.
  branches.sort((a, b) => Number(b.key === 'true') - Number(a.key === 'true'))
  const last = branches.pop()
  return referenceOf(
    branches.reduceRight<Node>(
      (otherwise, { key, node }) => ({ kind: 'choice', condition: tagged(of, key), then: node, otherwise }),
      last?.node ?? { kind: 'literal', value: null },
    ),
  )
}

function tagged(of: Node, key: string): Node {
  if (key === 'true') return of
  if (key === 'false') return { kind: 'unary', operator: '!', of }
  return { kind: 'binary', operator: '==', operands: [of, { kind: 'literal', value: key }] }
}

function hasNode(node: Node): Node {
  return { kind: 'call', name: 'has', given: [node] }
}

/** Whether a value is a reference or another expression. */
export function isExpression(value: unknown): value is Expr<unknown> {
  return nodeOf(value) !== undefined
}
