import { pointerKeys } from '@segno/schema'
import { expressionsIn } from '@segno/schema/editor'
import { CompletionItemKind, InsertTextFormat, type CompletionItem } from 'vscode-languageserver-types'
import { cursorsAt, mark, type Cursor } from './cursor.ts'
import { rangeOf } from './editor-range.ts'
import { expressionChoices } from './expression-choices.ts'
import { keyChoices } from './key-choices.ts'
import { nameChoices } from './name-choices.ts'
import { snippetText } from './snippet-text.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { schemasAt, valuesOf } from './workflow-schema.ts'

/** Something that may be written at a place. */
export interface Choice {
  readonly label: string
  readonly kind: CompletionItemKind
  /** What it is, in a few words: a type, mostly. */
  readonly detail?: string | undefined
  /** Markdown. */
  readonly documentation?: string | undefined
  /** What is put there, if not the label. */
  readonly text?: string
  /** Whether `text` has places to fill in. */
  readonly isSnippet?: boolean
  /** Smaller ones come first; 5 unless given. */
  readonly rank?: number
}

/** What may be written at an offset of a text. */
export function completionsAt(context: WorkflowContext, offset: number): CompletionItem[] {
  const text = context.document.getText()
  const items = new Map<string, CompletionItem>()
  for (const cursor of cursorsAt(text, offset)) {
    const { word, choices } = choicesAt(context, cursor, text.slice(offset))
    for (const choice of choices) {
      const item = itemOf(context, choice, { start: offset - word.length, end: offset })
      if (!items.has(item.label)) items.set(item.label, item)
    }
  }
  return [...items.values()]
}

interface Choices {
  /** What is written of it already. */
  readonly word: string
  readonly choices: readonly Choice[]
}

function choicesAt(context: WorkflowContext, cursor: Cursor, after: string): Choices {
  if (cursor.part === 'key') {
    const hasColon = /^[\w$-]*\s*:/.test(after)
    const choices = keyChoices(context, cursor).map((choice) => (hasColon ? withoutColon(choice) : choice))
    return { word: cursor.before, choices }
  }
  const { pointer } = cursor.node
  const expression = expressionsIn(cursor.tree.text).find((one) => one.pointer === pointer && one.text.includes(mark))
  if (expression) {
    const before = expression.text.slice(0, expression.text.indexOf(mark))
    return expressionChoices(context, cursor, before)
  }
  return { word: cursor.before, choices: [...nameChoices(context, cursor), ...listedValues(cursor)] }
}

function withoutColon({ text, ...choice }: Choice): Choice {
  return text === undefined || choice.isSnippet === true ? choice : { ...choice, text: choice.label }
}

function listedValues({ tree, node }: Cursor): Choice[] {
  const schemas = schemasAt(tree.root.value, pointerKeys(node.pointer))
  const values = valuesOf(schemas).map(({ value, description }): Choice => {
    return { label: String(value), kind: CompletionItemKind.EnumMember, documentation: description }
  })
  const examples = schemas
    .flatMap(({ examples: given = [] }) => given)
    .filter((value) => typeof value === 'string')
    .map((label): Choice => ({ label, kind: CompletionItemKind.Value, detail: 'an example', rank: 7 }))
  const snippets = schemas
    .flatMap(({ defaultSnippets = [] }) => defaultSnippets)
    .map(({ label, description, body }): Choice => {
      return {
        label,
        kind: CompletionItemKind.Snippet,
        documentation: description,
        text: snippetText(body),
        isSnippet: true,
      }
    })
  return [...values, ...examples, ...snippets]
}

function itemOf(
  { document }: WorkflowContext,
  { label, kind, detail, documentation, text = label, isSnippet = false, rank = 5 }: Choice,
  place: { readonly start: number; readonly end: number },
): CompletionItem {
  const range = rangeOf(document, place)
  // Lines of a snippet begin where its first line does: editors indent them as the line that they come to.
  const line = document.getText({ start: { line: range.start.line, character: 0 }, end: range.start })
  const indent = ' '.repeat(line.length - (/^\s*/.exec(line)?.[0].length ?? 0))
  return {
    label,
    kind,
    ...(detail !== undefined && { detail }),
    ...(documentation !== undefined && { documentation: { kind: 'markdown', value: documentation } }),
    sortText: `${rank}${label}`,
    textEdit: { range, newText: isSnippet ? text.replaceAll('\n', `\n${indent}`) : text },
    ...(isSnippet && { insertTextFormat: InsertTextFormat.Snippet }),
  }
}
