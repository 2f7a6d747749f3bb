import { namesSeenAt } from '@segno/schema/editor'
import { CompletionItemKind } from 'vscode-languageserver-types'
import type { Choice } from './completions.ts'
import type { Cursor } from './cursor.ts'
import { expressionCursor } from './expression-cursor.ts'
import { knownFunctions, type KnownFunction } from './expression-functions.ts'
import { stepFields, variableFields, variables, type KnownField } from './known-fields.ts'
import { everyStep, stepsIn } from './steps-in.ts'
import { schemaDetail, stepDetail } from './told-names.ts'
import type { TextTree } from './text-tree.ts'

/** What may be written at a place of an expression, and what of it is written already. */
export function expressionChoices(
  cursor: Cursor,
  before: string,
): { readonly word: string; readonly choices: readonly Choice[] } {
  const place = expressionCursor(before)
  const { word, receiver, quote } = place
  if (receiver !== undefined) {
    const fields = fieldsOf(cursor, receiver)
    return { word, choices: quote === undefined && fields.length === 0 ? methods : fields }
  }
  if (quote !== undefined) return { word, choices: [] }
  const locals = place.variables.map(({ name, list }): Choice => {
    return { label: name, kind: CompletionItemKind.Variable, detail: `an element of ${list}`, rank: 1 }
  })
  return { word, choices: [...locals, ...variablesAt(cursor), ...functions] }
}

const all = [...knownFunctions.values()]
const functions = all.filter(({ form }) => form !== 'method').map(functionChoice)
const methods = all.filter(({ form }) => form !== 'function').map(functionChoice)

function functionChoice({ name, signatures, meaning }: KnownFunction): Choice {
  return {
    ...{ label: name, kind: CompletionItemKind.Function, detail: signatures[0], documentation: meaning },
    ...{ text: `${name}($1)`, isSnippet: true, rank: 7 },
  }
}

function variablesAt({ tree, node }: Cursor): Choice[] {
  const seen = namesSeenAt(tree.text, node.pointer)?.variables ?? []
  const isSecret = tree.at('/secrets') !== undefined
  return [...new Set([...seen, ...(isSecret ? ['secrets'] : [])])].map((name) => {
    const known = variables.find((variable) => variable.name === name)
    return {
      label: name,
      kind: CompletionItemKind.Variable,
      detail: known?.type,
      documentation: known?.meaning,
      rank: 2,
    }
  })
}

/** What can be read of a name, as far as the text itself says it. */
function fieldsOf({ tree, node }: Cursor, receiver: string): Choice[] {
  const [root = '', id, field, ...more] = receiver
    .split(/\s*\.\s*|\s*\[\s*["']|["']\s*\]/)
    .filter((part) => part !== '')
  if (more.length > 0) return []
  if (root === 'steps' && id === undefined) return stepsAt(tree, namesSeenAt(tree.text, node.pointer)?.steps ?? [])
  if (root === 'steps' && field === undefined) return stepFields.map(fieldChoice)
  if (root === 'steps') return (variableFields.get(field ?? '') ?? []).map(fieldChoice)
  if (id !== undefined) return []
  if (root === 'input') return inputsIn(tree)
  if (root === 'secrets') return secretsIn(tree)
  return (variableFields.get(root) ?? []).map(fieldChoice)
}

function fieldChoice({ name, type, meaning }: KnownField): Choice {
  return { label: name, kind: CompletionItemKind.Field, detail: type, documentation: meaning }
}

function stepsAt(tree: TextTree, ids: readonly string[]): Choice[] {
  const steps = new Map([...everyStep(stepsIn(tree))].map((step) => [step.id?.value, step]))
  return ids.map((id, index) => {
    const step = steps.get(id)
    return { label: id, kind: CompletionItemKind.Reference, detail: step && stepDetail(step), rank: Math.min(index, 9) }
  })
}

function inputsIn(tree: TextTree): Choice[] {
  return (tree.at('/input')?.children ?? []).flatMap((input): Choice[] => {
    if (!input.key) return []
    const { type, description } = schemaDetail(input)
    return [{ label: input.key.text, kind: CompletionItemKind.Field, detail: type, documentation: description }]
  })
}

function secretsIn(tree: TextTree): Choice[] {
  return (tree.at('/secrets')?.children ?? []).flatMap(({ value }) =>
    typeof value === 'string' ? [{ label: value, kind: CompletionItemKind.Constant, detail: 'secret' }] : [],
  )
}
