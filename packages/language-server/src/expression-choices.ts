import { namesSeenAt, type KnownType, type TypedPlace } from '@segno/schema/editor'
import { CompletionItemKind } from 'vscode-languageserver-types'
import type { Choice } from './completions.ts'
import { mark, type Cursor } from './cursor.ts'
import { expressionCursor } from './expression-cursor.ts'
import { knownFunctions, type KnownFunction } from './expression-functions.ts'
import { stepFields, variableFields, variables, type KnownField } from './known-fields.ts'
import { everyStep, stepsIn } from './steps-in.ts'
import { schemaDetail, stepDetail } from './told-names.ts'
import type { TextTree } from './text-tree.ts'
import { typesOf } from './types-of.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** What may be written at a place of an expression, and what of it is written already. */
export function expressionChoices(
  context: WorkflowContext,
  cursor: Cursor,
  before: string,
): { readonly word: string; readonly choices: readonly Choice[] } {
  const place = expressionCursor(before)
  const { word, receiver, quote, compared, variables: locals } = place
  const typed = typesOf(context, cursor.tree.text).find(
    ({ pointer, text }) => pointer === cursor.node.pointer && text.includes(mark),
  )
  if (receiver !== undefined) {
    const type = typed?.typeOf(receiver, locals)
    const fields = withoutTwins([...typedFields(cursor, receiver, type), ...fieldsOf(cursor, receiver)])
    return { word, choices: quote === undefined ? [...fields, ...methodsOf(type?.kind, fields)] : fields }
  }
  const values = compared === undefined ? [] : valuesOf(typed?.typeOf(compared, locals), quote)
  if (quote !== undefined) return { word, choices: values }
  const named = locals.map(({ name, list }): Choice => {
    const detail = typed?.typeOf(name, locals)?.words ?? `an element of ${list}`
    return { label: name, kind: CompletionItemKind.Variable, detail, rank: 1 }
  })
  return { word, choices: [...values, ...named, ...variablesAt(cursor, typed), ...functions] }
}

/** The fields of a value whose type is known. Of steps, only those are told that can be seen. */
function typedFields({ tree, node }: Cursor, receiver: string, type: KnownType | undefined): Choice[] {
  if (/^steps$/.test(receiver.trim())) return []
  const known = fieldsOf({ tree, node }, receiver)
  return (type?.fields ?? []).map(({ name, words, isOptional }) => {
    const told = known.find((field) => field.label === name)
    const detail = isOptional ? `${words}, may be missing` : words
    return { ...{ label: name, kind: CompletionItemKind.Field, detail, rank: 4 }, documentation: told?.documentation }
  })
}

// What is known by its type is told better than what the text says.
function withoutTwins(choices: readonly Choice[]): Choice[] {
  return [...new Map(choices.toReversed().map((choice) => [choice.label, choice])).values()].toReversed()
}

/** The values that something is compared with, as they are written. */
function valuesOf(type: KnownType | undefined, quote: string | undefined): Choice[] {
  return (type?.values ?? []).flatMap((value): Choice[] => {
    if (quote !== undefined && typeof value !== 'string') return []
    const label = quote === undefined ? JSON.stringify(value) : String(value)
    return [{ label, kind: CompletionItemKind.EnumMember, rank: 0 }]
  })
}

/** The methods of a value; all of them where it is not known what it is. */
function methodsOf(kind: KnownType['kind'] | undefined, fields: readonly Choice[]): readonly Choice[] {
  if (kind === undefined) return fields.length > 0 ? [] : methods
  if (kind === 'unknown') return fields.length > 0 ? [] : methods
  const receivers = { text: /^(?:text|x)\./, list: /^(?:list|x)\./, map: /^x\./, time: /^time/, other: /^$/ }[kind]
  const ofKind = all.filter(({ signatures }) => signatures.some((signature) => receivers.test(signature)))
  return ofKind.map(functionChoice)
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

function variablesAt({ tree, node }: Cursor, typed: TypedPlace | undefined): Choice[] {
  const seen = namesSeenAt(tree.text, node.pointer)?.variables ?? []
  const isSecret = tree.at('/secrets') !== undefined
  return [...new Set([...seen, ...(isSecret ? ['secrets'] : [])])].map((name) => {
    const known = variables.find((variable) => variable.name === name)
    return {
      label: name,
      kind: CompletionItemKind.Variable,
      detail: wordsFor(name, typed) ?? known?.type,
      documentation: known?.meaning,
      rank: 2,
    }
  })
}

// Of all inputs and all steps at once, the words would be too many.
function wordsFor(name: string, typed: TypedPlace | undefined): string | undefined {
  return name === 'steps' || name === 'input' ? undefined : typed?.typeOf(name)?.words
}

/** What can be read of a name, as far as the text itself says it. */
function fieldsOf({ tree, node }: Pick<Cursor, 'tree' | 'node'>, receiver: string): Choice[] {
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
