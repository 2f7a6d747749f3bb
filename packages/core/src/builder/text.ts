import type { Node } from './node.ts'
import type { Expr, Secret } from './reference.ts'
import { nodeOf, referenceOf, toNode } from './reference-of.ts'

/** What can stand in the middle of a text. */
export type InText = Expr<string | number | boolean> | string | number | boolean

/**
 * A text with references in it; with a secret in it, it is one itself.
 *
 * @example
 * ```ts
 * text`Hello ${w.input.name}`
 * ```
 */
export function text(strings: TemplateStringsArray, ...values: readonly InText[]): Expr<string>
export function text(strings: TemplateStringsArray, ...values: readonly (InText | Secret)[]): Secret
export function text(strings: TemplateStringsArray, ...values: readonly unknown[]): unknown {
  const parts: (string | Node)[] = []
  const add = (part: string | Node): void => {
    const last = parts.at(-1)
    if (typeof part === 'object' && part.kind === 'text') part.parts.forEach(add)
    else if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part
    else if (part !== '') parts.push(part)
  }
  for (const [index, string] of strings.entries()) {
    add(string)
    if (index < values.length) add(inText(values[index]))
  }
  return referenceOf({ kind: 'text', parts: parts.length === 0 ? [''] : parts })
}

function inText(value: unknown): string | Node {
  return nodeOf(value) === undefined ? String(value) : toNode(value)
}

/**
 * An expression in the words of the expression language, for what has no function
 * here. The compiler takes its type from you; the checker of the definition reads it.
 *
 * @example
 * ```ts
 * expr<number>`size(${w.input.names}) - 1`
 * ```
 */
export function expr<T>(source: string): Expr<T>
export function expr<T>(strings: TemplateStringsArray, ...values: readonly unknown[]): Expr<T>
export function expr<T>(source: string | TemplateStringsArray, ...values: readonly unknown[]): Expr<T> {
  if (typeof source === 'string') return referenceOf({ kind: 'raw', parts: [source] })
  const parts = source.flatMap((string, index) => (index < values.length ? [string, toNode(values[index])] : [string]))
  return referenceOf({ kind: 'raw', parts: parts.filter((part) => part !== '') })
}
