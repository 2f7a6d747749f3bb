import { SegnoError } from '../error.ts'
import type { Node } from './node.ts'
import { nodeText } from './node-text.ts'
import type { Ref } from './reference.ts'

// Across copies of this package too.
const nodeKey = Symbol.for('segno.expression')
const stepKey = Symbol.for('segno.step')

/** A reference that stands for an expression: each field of it is the expression of that field. */
export function referenceOf<T>(node: Node, step?: string): Ref<T> {
  const target = Object.freeze({ [nodeKey]: node, ...(step === undefined ? {} : { [stepKey]: step }) })
  return new Proxy(target, { get: fieldOf }) as unknown as Ref<T>
}

function fieldOf(target: object, key: string | symbol): unknown {
  const of = nodeOf(target)
  if (typeof key === 'string' && of !== undefined) return referenceOf({ kind: 'field', of, key })
  // `${ref}` in an ordinary text, and `ref + 1`, would give a text that has nothing to do with the value.
  if (key === Symbol.toPrimitive && of !== undefined) return () => refuseText(of)
  return Reflect.get(target, key)
}

function refuseText(node: Node): never {
  const message = `${nodeText(node)} has no value yet: put it into a text with text\`…\`, and compare and compute with eq, add and their like`
  throw new SegnoError('ARGUMENT_INVALID', message)
}

/** The expression that a reference stands for; none for any other value. */
export function nodeOf(value: unknown): Node | undefined {
  if (typeof value !== 'object' || value === null || !(nodeKey in value)) return undefined
  return value[nodeKey] as Node
}

/** The id of the step that a reference stands for; none for a part of its output, and for any other value. */
export function stepIdOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !(stepKey in value)) return undefined
  return value[stepKey] as string
}

/** The expression of a value: that of a reference, or a literal with references in it. */
export function toNode(value: unknown): Node {
  const node = nodeOf(value)
  if (node !== undefined) return node
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return { kind: 'literal', value }
  if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'literal', value: value + 0 }
  if (Array.isArray(value)) return { kind: 'list', items: value.map(toNode) }
  if (isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined)
    return { kind: 'map', entries: entries.map(([key, field]) => [key, toNode(field)]) }
  }
  throw new SegnoError('ARGUMENT_INVALID', `${told(value)} cannot stand in an expression: it is no JSON`)
}

/** Whether a value is an object literal, and no reference. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || nodeKey in value) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** A value as a message tells it. */
export function told(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'an object of another kind' : String(value)
}
