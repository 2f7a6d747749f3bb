import { isJsonObject } from '@segno/schema'
import type { WrittenStep } from './steps-in.ts'
import { childOf } from './steps-in.ts'
import type { TextNode } from './text-tree.ts'

/** What the text says of a step: its verb and title. */
export function stepDetail({ node, verb }: WrittenStep): string {
  const title = childOf(node, 'title')?.value
  return [verb === undefined ? 'step' : verbDetail(node, verb), ...(typeof title === 'string' ? [title] : [])].join(
    ': ',
  )
}

/** The verb of a step, with the name that it is about. */
export function verbDetail(node: TextNode, verb: string): string {
  const value = childOf(node, verb)?.value
  return typeof value === 'string' && named.has(verb) ? `${verb} ${value}` : verb
}

const named: ReadonlySet<string> = new Set(['uses', 'agent', 'call', 'start', 'sleep', 'match'])

/** What the schema of an input or output says: its type in a word, and its description. */
export function schemaDetail(node: TextNode | undefined): { readonly type?: string; readonly description?: string } {
  const { type, enum: choices, description } = isJsonObject(node?.value) ? node.value : {}
  const isList = Array.isArray(choices)
  const words = isList ? choices.map((choice) => JSON.stringify(choice)).join(' or ') : type
  return {
    ...(typeof words === 'string' && { type: words }),
    ...(typeof description === 'string' && { description }),
  }
}
