import { pointerKeys, diagnosticCodes, type Diagnostic } from '@segno/schema'
import { expressionsIn, type MacroVariable } from '@segno/schema/editor'
import type { Hover } from 'vscode-languageserver-types'
import { rangeOf } from './editor-range.ts'
import { expressionCursor } from './expression-cursor.ts'
import { knownFunctions } from './expression-functions.ts'
import { stepFields, variableFields, variables } from './known-fields.ts'
import { nameAt, namesIn, type WrittenName } from './names-in.ts'
import { childOf, everyStep, stepsIn } from './steps-in.ts'
import { nodeAt, offsetInside, spanInside, treeOf, type Span, type TextNode, type TextTree } from './text-tree.ts'
import { schemaDetail, stepDetail } from './told-names.ts'
import { typesOf } from './types-of.ts'
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
  const told = toldAt(context, tree, offset)
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

function toldAt(context: WorkflowContext, tree: TextTree, offset: number): Told | undefined {
  const found = nodeAt(tree, offset)
  if (!found) return undefined
  if (found.part === 'value') {
    const place = wordAt(tree, found.node, offset)
    const told = place && expressionTold(context, tree, place)
    if (told) return told
  }
  const name = nameAt(namesIn(tree), offset)
  const ofName = name && nameText(context, tree, name)
  if (name && ofName !== undefined) return { text: ofName, span: name }
  return found.part === 'key' ? keyTold(tree, found.node) : valueTold(tree, found.node)
}

function keyTold(tree: TextTree, node: TextNode): Told | undefined {
  const { key } = node
  const description = descriptionOf(schemasAt(tree.root.value, pointerKeys(node.pointer)))
  return key && description !== undefined ? { text: `**${key.text}**: ${description}`, span: key } : undefined
}

/** A value that is one of a few. */
function valueTold(tree: TextTree, node: TextNode): Told | undefined {
  for (const { enum: choices = [], enumDescriptions = [] } of schemasAt(tree.root.value, pointerKeys(node.pointer))) {
    const description = enumDescriptions[choices.indexOf(node.value)]
    if (description !== undefined) return { text: `**${String(node.value)}**: ${description}`, span: node }
  }
  return undefined
}

/** What a name is a name of, where the text says it. */
function nameText(context: WorkflowContext, tree: TextTree, { kind, name, scope }: WrittenName): string | undefined {
  switch (kind) {
    case 'step':
      return stepText(context, tree, name)
    case 'input': {
      const { type, description } = schemaDetail(tree.at(`/input/${name}`))
      return paragraphs(
        `**input.${name}**: ${type === undefined ? 'an input of this workflow' : `${type}, an input`}`,
        description,
      )
    }
    case 'import': {
      const path = tree.at(`/imports/${name}`)?.value
      return typeof path === 'string' ? `**${name}**: the workflow at \`${path}\`` : undefined
    }
    case 'variable':
      return `**${name}**: ${variableOrigin(scope)}`
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

function variableOrigin(scope: string): string {
  return scope.includes('/catch/') ? 'the failure that is handled' : 'an item of the list of `forEach`'
}

function paragraphs(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n\n')
}

/** A step: its verb, title and description, and what it gives, where some expression sees it. */
function stepText(context: WorkflowContext, tree: TextTree, id: string): string | undefined {
  const step = [...everyStep(stepsIn(tree))].find((one) => one.id?.value === id)
  if (!step) return undefined
  const description = childOf(step.node, 'description')?.value
  const given = typesOf(context, tree.text)
    .map((place) => place.typeOf(`steps.${id}`)?.fields.find(({ name }) => name === 'output'))
    .find((output) => output !== undefined)
  return paragraphs(
    `**${id}**: ${stepDetail(step)}`,
    typeof description === 'string' ? description : undefined,
    given && `It gives ${given.words}.`,
  )
}

/** A word of an expression. */
interface Word {
  readonly text: string
  readonly span: Span
  readonly node: TextNode
  /** Where the expression begins in the value of the node. */
  readonly offset: number
  /** Of the expression, what stands before and behind it. */
  readonly before: string
  readonly after: string
}

function wordAt(tree: TextTree, node: TextNode, offset: number): Word | undefined {
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
  const [text] = word
  const start = expression.offset + word.index
  const span = spanInside(tree, node, start, start + text.length)
  const before = expression.text.slice(0, word.index)
  const after = expression.text.slice(word.index + text.length)
  return span && { text, span, node, offset: expression.offset, before, after }
}

/** A function, or a name with the type of its value and where that comes from. */
function expressionTold(context: WorkflowContext, tree: TextTree, word: Word): Told | undefined {
  const { text: name, span, before, after } = word
  const called = /^\s*\(/.test(after) ? knownFunctions.get(name) : undefined
  if (called) return { text: `\`\`\`\n${called.signatures.join('\n')}\n\`\`\`\n\n${called.meaning}`, span }
  const { receiver, variables: locals } = expressionCursor(before + name)
  if (receiver?.trim() === 'steps') {
    const text = stepText(context, tree, name)
    return text === undefined ? undefined : { text, span }
  }
  const whole = receiver === undefined ? name : `${receiver}.${name}`
  const place = typesOf(context, tree.text).find(
    ({ pointer, offset }) => pointer === word.node.pointer && offset === word.offset,
  )
  const type = place?.typeOf(whole, locals)?.words
  const known = knownName(tree, name, receiver)
  const origin = originOf(tree, word, locals) ?? known?.meaning
  const words = type === undefined || type === 'anything' ? known?.type : type
  if (words === undefined && origin === undefined) return undefined
  return { text: paragraphs(`**${whole}**${words === undefined ? '' : `: ${words}`}`, origin), span }
}

/** What the language says of a name, or the text of an input. */
function knownName(
  tree: TextTree,
  name: string,
  receiver: string | undefined,
): { readonly type: string; readonly meaning: string } | undefined {
  const path = receiver?.trim().split(/\s*\.\s*/) ?? []
  const [root = '', , field = ''] = path
  if (path.length === 0) return variables.find((one) => one.name === name)
  if (root === 'steps' && path.length === 2) return stepFields.find((one) => one.name === name)
  if (root === 'steps' && path.length === 3) return variableFields.get(field)?.find((one) => one.name === name)
  if (path.length > 1) return undefined
  if (root !== 'input') return variableFields.get(root)?.find((one) => one.name === name)
  const input = tree.at(`/input/${name}`)
  const { type = 'anything', description } = schemaDetail(input)
  return input && { type, meaning: paragraphs('An input of this workflow.', description) }
}

/** Where a value comes from: the step that gives it, or the loop that names it. */
function originOf(tree: TextTree, { text, span, before }: Word, locals: readonly MacroVariable[]): string | undefined {
  const local = locals.find(({ name }) => name === text)
  const { receiver } = expressionCursor(before + text)
  if (receiver === undefined && local) return `An element of \`${local.list}\`.`
  const name = nameAt(namesIn(tree), span.start)
  if (receiver === undefined && name?.kind === 'variable') return `It is ${variableOrigin(name.scope)}.`
  const id = /^\s*steps\s*\.\s*(\w+)\s*\.\s*output\b/.exec(receiver ?? '')?.[1]
  const step = id === undefined ? undefined : [...everyStep(stepsIn(tree))].find((one) => one.id?.value === id)
  return step && `Of what \`${id}\` gives: ${stepDetail(step)}.`
}
