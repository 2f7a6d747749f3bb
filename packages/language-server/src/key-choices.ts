import { pointerKeys, type Json } from '@segno/schema'
import { CompletionItemKind } from 'vscode-languageserver-types'
import type { Choice } from './completions.ts'
import { mark, type Cursor } from './cursor.ts'
import { inputsOf } from './given-inputs.ts'
import { snippetText } from './snippet-text.ts'
import { childOf, verbIn } from './steps-in.ts'
import type { TextNode, TextTree } from './text-tree.ts'
import { typesOf } from './types-of.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { keysOf, schemasAt } from './workflow-schema.ts'

/** The keys that may stand at a place. */
export function keyChoices(context: WorkflowContext, { tree, node }: Cursor): Choice[] {
  const around = node.parent
  if (!around) return []
  const taken = new Set(around.children.flatMap(({ key }) => key?.text ?? []))
  const schemas = schemasAt(withoutMark(tree.root.value), pointerKeys(around.pointer))
  const known = keysOf(schemas).map(({ name, description, isRequired }): Choice => {
    const detail = isRequired ? 'required' : undefined
    return { ...keyChoice(name), detail, documentation: description, rank: isRequired ? 1 : 3 }
  })
  const isEmpty = around.children.length === 1
  const snippets = isEmpty
    ? schemas.flatMap(({ defaultSnippets = [] }) => defaultSnippets).map(snippetChoice)
    : verbIn(around) === undefined
      ? schemas.flatMap(({ defaultSnippets = [] }) => defaultSnippets).flatMap((one) => withoutId(one, taken))
      : []
  return [...known, ...namedKeys(context, node, tree), ...snippets].filter(({ label }) => !taken.has(label))
}

function keyChoice(label: string): Choice {
  return { label, kind: CompletionItemKind.Property, text: `${label}: ` }
}

function snippetChoice(given: { readonly label: string; readonly description?: string; readonly body: Json }): Choice {
  const { label, description, body } = given
  const text = snippetText(body)
  return { label, kind: CompletionItemKind.Snippet, documentation: description, text, isSnippet: true, rank: 6 }
}

// The step has its id already: the rest of it is still to be written.
function withoutId(
  { label, description, body }: { readonly label: string; readonly description?: string; readonly body: Json },
  taken: ReadonlySet<string>,
): Choice[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return []
  const rest = Object.fromEntries(Object.entries(body).filter(([key]) => !taken.has(key))) as Json
  return [snippetChoice({ label, body: rest, ...(description !== undefined && { description }) })]
}

/** Keys that the file itself gives names to. */
function namedKeys(context: WorkflowContext, { parent }: TextNode, tree: TextTree): Choice[] {
  const { root } = tree
  const step = parent?.parent
  switch (parent?.key?.text) {
    case 'produces':
      return (childOf(root, 'artifacts')?.children ?? []).flatMap(({ key }) => (key ? [keyChoice(key.text)] : []))
    case 'with':
      return step ? inputsOf(context, step, root).map((input) => ({ ...keyChoice(input.name), ...input.told })) : []
    case 'cases':
      return step ? matchedValues(context, step, tree.text).map((value) => ({ ...keyChoice(value), rank: 1 })) : []
    default:
      return []
  }
}

/** The values of what a `match` looks at, where they are few. */
function matchedValues(context: WorkflowContext, step: TextNode, text: string): string[] {
  const place = typesOf(context, text).find(({ pointer }) => pointer === `${step.pointer}/match`)
  return (place?.typeOf(place.text)?.values ?? []).map((value) => yamlText(String(value)))
}

// A key that is a number or a boolean compares as text; only what YAML reads otherwise has to be quoted.
function yamlText(value: string): string {
  return /^[\w][\w .-]*$/.test(value) && value === value.trim() ? value : JSON.stringify(value)
}

/** A document without the key that is being written. */
function withoutMark(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutMark)
  const entries = Object.entries(value).filter(([key]) => !key.includes(mark))
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutMark((inner ?? null) as Json)]))
}
