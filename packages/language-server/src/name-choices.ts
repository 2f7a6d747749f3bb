import { pointerKeys } from '@segno/schema'
import { CompletionItemKind } from 'vscode-languageserver-types'
import type { Choice } from './completions.ts'
import { mark, type Cursor } from './cursor.ts'
import { pathBetween } from './path-between.ts'
import { childOf } from './steps-in.ts'
import type { TextNode } from './text-tree.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** The names that may stand as the value at a place. */
export function nameChoices(context: WorkflowContext, { tree: { root, at }, node }: Cursor): Choice[] {
  const isItem = node.key === undefined
  const holder = isItem ? node.parent : node
  const around = holder?.parent
  switch (holder?.key?.text) {
    case 'needs':
      return isItem && around ? siblingsOf(around) : []
    case 'call':
    case 'start':
      return keysIn(childOf(root, 'imports'), CompletionItemKind.Module)
    case 'agent':
      return keysIn(childOf(root, 'agents'), CompletionItemKind.Class)
    case 'uses':
      return handlersOf(context)
    case 'consumes':
      return [...keysIn(childOf(root, 'artifacts'), CompletionItemKind.File), ...pathInputs(root)]
    case 'secrets':
      return isItem && around?.pointer !== '' ? secretsOf(root) : []
    case 'to':
    case 'initial':
      return keysIn(childOf(machineOf(node, at), 'states'), CompletionItemKind.EnumMember)
    default:
      return importPaths(context, node)
  }
}

function siblingsOf(step: TextNode): Choice[] {
  return (step.parent?.children ?? [])
    .filter((other) => other !== step)
    .flatMap((other) => {
      const id = childOf(other, 'id')?.value
      const title = childOf(other, 'title')?.value
      if (typeof id !== 'string' || id.includes(mark)) return []
      return [{ label: id, kind: CompletionItemKind.Reference, detail: typeof title === 'string' ? title : 'step' }]
    })
}

function keysIn(map: TextNode | undefined, kind: CompletionItemKind): Choice[] {
  return (map?.children ?? []).flatMap(({ key, value }) =>
    key && !key.text.includes(mark)
      ? [{ label: key.text, kind, detail: typeof value === 'string' ? value : undefined }]
      : [],
  )
}

function handlersOf({ handlers = [] }: WorkflowContext): Choice[] {
  return handlers.map(({ name, title, description, plugin, version }) => ({
    label: name,
    kind: CompletionItemKind.Function,
    detail: plugin ? `of ${plugin.name} ${plugin.version}` : `version ${version}`,
    documentation: [title, description].filter((part) => part !== undefined).join('\n\n') || undefined,
  }))
}

function pathInputs(root: TextNode): Choice[] {
  const inputs = (childOf(root, 'input')?.children ?? []).filter((input) => childOf(input, 'type')?.value === 'path')
  return inputs.flatMap(({ key }) =>
    key ? [{ label: key.text, kind: CompletionItemKind.Variable, detail: 'input' }] : [],
  )
}

function secretsOf(root: TextNode): Choice[] {
  return (childOf(root, 'secrets')?.children ?? []).flatMap(({ value }) =>
    typeof value === 'string' ? [{ label: value, kind: CompletionItemKind.Constant, detail: 'secret' }] : [],
  )
}

/** The step whose states a place is about. */
function machineOf(node: TextNode, at: (pointer: string) => TextNode | undefined): TextNode | undefined {
  for (let one = node.parent; one; one = one.parent) {
    if (childOf(one, 'states') && at(`${one.pointer}/states`)?.kind === 'map') return one
  }
  return undefined
}

function importPaths({ file, workflows }: WorkflowContext, node: TextNode): Choice[] {
  const [first, , ...more] = pointerKeys(node.pointer)
  if (first !== 'imports' || more.length > 0 || !workflows) return []
  return workflows()
    .filter((path) => path !== file)
    .map((path) => ({ label: pathBetween(file, path), kind: CompletionItemKind.File }))
}
