import { diagnosticCodes, type Diagnostic } from '@segno/schema'
import { expressionsIn } from '@segno/schema/editor'
import type { Hover } from 'vscode-languageserver-types'
import { pathOf } from './cursor.ts'
import { rangeOf } from './editor-range.ts'
import { knownFunctions } from './expression-functions.ts'
import { stepFields, variableFields, variables } from './known-fields.ts'
import { nameAt, namesIn, type WrittenName } from './names-in.ts'
import { childOf, everyStep, stepsIn } from './steps-in.ts'
import { nodeAt, offsetInside, spanInside, treeOf, type Span, type TextNode, type TextTree } from './text-tree.ts'
import { schemaDetail, stepDetail } from './told-names.ts'
import type { WorkflowContext } from './workflow-context.ts'
import { descriptionOf, schemasAt } from './workflow-schema.ts'

/** What is told of a place: Markdown, and the place that it is about. */
interface Told {
  readonly text: string
  readonly span: Span
}

/** What stands at an offset of a text, in words; with what is wrong there. */
export function hoverAt(
  context: WorkflowContext,
  offset: number,
  diagnostics: readonly Diagnostic[],
): Hover | undefined {
  const { document } = context
  const tree = treeOf(document.getText())
  const told = toldAt(tree, offset)
  const codes = diagnostics.filter(
    ({ range, file }) =>
      (file ?? context.file) === context.file &&
      range !== undefined &&
      range.start.offset <= offset &&
      offset <= range.end.offset,
  )
  const parts = [
    ...(told ? [told.text] : []),
    ...[...new Set(codes.map(({ code }) => code))].map((code) => `**${code}**: ${diagnosticCodes[code]}`),
  ]
  if (parts.length === 0) return undefined
  const contents = { kind: 'markdown' as const, value: parts.join('\n\n---\n\n') }
  return told ? { contents, range: rangeOf(document, told.span) } : { contents }
}

function toldAt(tree: TextTree, offset: number): Told | undefined {
  const found = nodeAt(tree, offset)
  if (!found) return undefined
  const name = nameAt(namesIn(tree), offset)
  const ofName = name && nameText(tree, name)
  if (name && ofName !== undefined) return { text: ofName, span: name }
  if (found.part === 'key') return keyTold(tree, found.node)
  return expressionTold(tree, found.node, offset) ?? valueTold(tree, found.node)
}

function keyTold(tree: TextTree, node: TextNode): Told | undefined {
  const { key } = node
  const description = descriptionOf(schemasAt(tree.root.value, pathOf(node.pointer)))
  return key && description !== undefined ? { text: `**${key.text}**: ${description}`, span: key } : undefined
}

/** A value that is one of a few. */
function valueTold(tree: TextTree, node: TextNode): Told | undefined {
  for (const { enum: choices = [], enumDescriptions = [] } of schemasAt(tree.root.value, pathOf(node.pointer))) {
    const description = enumDescriptions[choices.indexOf(node.value)]
    if (description !== undefined) return { text: `**${String(node.value)}**: ${description}`, span: node }
  }
  return undefined
}

/** What a name is a name of, where the text says it. */
function nameText(tree: TextTree, { kind, name, scope }: WrittenName): string | undefined {
  switch (kind) {
    case 'step': {
      const step = [...everyStep(stepsIn(tree))].find(({ id }) => id?.value === name)
      if (!step) return undefined
      const description = childOf(step.node, 'description')?.value
      return [`**${name}**: ${stepDetail(step)}`, ...(typeof description === 'string' ? [description] : [])].join(
        '\n\n',
      )
    }
    case 'input': {
      const { type, description } = schemaDetail(tree.at(`/input/${name}`))
      const words = `**input.${name}**: ${type === undefined ? 'an input of this workflow' : `${type}, an input`}`
      return description === undefined ? words : `${words}\n\n${description}`
    }
    case 'import': {
      const path = tree.at(`/imports/${name}`)?.value
      return typeof path === 'string' ? `**${name}**: the workflow at \`${path}\`` : undefined
    }
    case 'variable':
      return `**${name}**: ${scope.includes('/catch/') ? 'the failure that is handled' : 'an item of the list of `forEach`'}`
    case 'secret':
      return `**${name}**: a secret; its value is put in when an attempt starts`
    case 'agent':
    case 'artifact':
    case 'state':
      return undefined
    default:
      return kind satisfies never
  }
}

/** A function, a variable of the language, or a field that every step has. */
function expressionTold(tree: TextTree, node: TextNode, offset: number): Told | undefined {
  const inside = offsetInside(tree, node, offset)
  if (inside === undefined) return undefined
  const expression = expressionsIn(tree.text).find(
    (one) => one.pointer === node.pointer && one.offset <= inside && inside <= one.offset + one.text.length,
  )
  if (!expression) return undefined
  const at = inside - expression.offset
  const word = [...expression.text.matchAll(/[A-Za-z_]\w*/g)].find(
    ({ index, 0: text }) => index <= at && at <= index + text.length,
  )
  if (!word) return undefined
  const start = expression.offset + word.index
  const span = spanInside(tree, node, start, start + word[0].length)
  const text = wordText(
    word[0],
    expression.text.slice(0, word.index),
    expression.text.slice(word.index + word[0].length),
  )
  return span && text !== undefined ? { text, span } : undefined
}

function wordText(word: string, before: string, after: string): string | undefined {
  const called = /^\s*\(/.test(after) ? knownFunctions.get(word) : undefined
  if (called) return `\`\`\`\n${called.signatures.join('\n')}\n\`\`\`\n\n${called.meaning}`
  const chain = /([A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)\s*\.\s*$/.exec(before)?.[1]?.split(/\s*\.\s*/) ?? []
  const [root, , field] = chain
  const known =
    chain.length === 0
      ? variables
      : root === 'steps'
        ? chain.length === 2
          ? stepFields
          : chain.length === 3
            ? variableFields.get(field ?? '')
            : undefined
        : chain.length === 1
          ? variableFields.get(root ?? '')
          : undefined
  const found = known?.find(({ name }) => name === word)
  return found && `**${[...chain, word].join('.')}**: ${found.type}\n\n${found.meaning}`
}
