import type { Json } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { Node } from './node.ts'
import { nodeText } from './node-text.ts'
import { isPlainObject, nodeOf, told } from './reference-of.ts'

/** A value of a program as a definition has it: references become `${{ }}`, and a text that looks like one is escaped. */
export function templateOf(value: unknown): Json {
  const node = nodeOf(value)
  if (node !== undefined) return node.kind === 'text' ? textTemplate(node.parts) : marked(node)
  switch (typeof value) {
    case 'string':
      return escaped(value)
    case 'boolean':
    case 'number':
      return value
    default:
      break
  }
  if (value === null) return null
  if (Array.isArray(value)) return value.map(templateOf)
  if (isPlainObject(value)) {
    const fields = Object.entries(value).filter(([, field]) => field !== undefined)
    return Object.fromEntries(fields.map(([key, field]) => [key, templateOf(field)]))
  }
  throw new SegnoError('ARGUMENT_INVALID', `${told(value)} cannot stand in a definition: it is no JSON`)
}

/** The same for what stands in a slot that is an expression by itself. */
export function slotOf(value: unknown): string | boolean {
  if (typeof value === 'boolean') return value
  const node = nodeOf(value)
  if (node === undefined)
    throw new SegnoError('ARGUMENT_INVALID', `${told(value)} is neither an expression nor a boolean`)
  return nodeText(node)
}

/** A text as it stands, in a place where `${{` would begin an expression. */
function escaped(text: string): string {
  // A function: in a text, `$$` would stand for one `$`.
  return text.replaceAll('${{', () => '$${{')
}

function marked(node: Node): string {
  return `\${{ ${nodeText(node)} }}`
}

function textTemplate(parts: readonly (string | Node)[]): string {
  const [only] = parts
  // Alone in a text, an expression would keep its type.
  if (parts.length === 1 && typeof only === 'object') return marked({ kind: 'call', name: 'string', given: [only] })
  return parts
    .map((part, index) => {
      if (typeof part !== 'string') return marked(part)
      // A `$` right before a mark would escape it.
      const isBeforeMark = part.endsWith('$') && index < parts.length - 1
      return isBeforeMark ? `${escaped(part.slice(0, -1))}\${{ "$" }}` : escaped(part)
    })
    .join('')
}
