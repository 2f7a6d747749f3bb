import { SymbolKind, type DocumentSymbol } from 'vscode-languageserver-types'
import { rangeOf } from './editor-range.ts'
import { stepsIn, type WrittenStep } from './steps-in.ts'
import { treeOf, type TextNode } from './text-tree.ts'
import { schemaDetail, verbDetail } from './told-names.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** The outline of a text: what it declares, and its steps, each inside of its block. */
export function outlineOf({ document }: WorkflowContext): DocumentSymbol[] {
  const tree = treeOf(document.getText())
  const ofStep = (step: WrittenStep): DocumentSymbol => {
    const { node, id, verb } = step
    return {
      name: id === undefined || id.value === '' ? (verb ?? 'step') : String(id.value),
      detail: verb === undefined ? '' : verbDetail(node, verb),
      kind: kinds.get(verb ?? '') ?? SymbolKind.Function,
      range: rangeOf(document, node),
      selectionRange: rangeOf(document, id ?? { start: node.start, end: node.start }),
      children: step.inside.map(ofStep),
    }
  }
  const declared = (node: TextNode): DocumentSymbol[] => {
    const section = tree.root.children.find(({ key }) => key?.text === node.key?.text)
    return section === node ? entriesOf(node) : []
  }
  const entriesOf = (node: TextNode): DocumentSymbol[] =>
    node.children.flatMap((child) => {
      if (!child.key || child.key.text === '') return []
      const whole = { start: child.key.start, end: Math.max(child.key.end, child.end) }
      const place = { range: rangeOf(document, whole), selectionRange: rangeOf(document, child.key) }
      return [{ name: child.key.text, detail: schemaDetail(child).type ?? '', kind: SymbolKind.Field, ...place }]
    })
  const sections = tree.root.children.flatMap((node): DocumentSymbol[] => {
    if (!node.key || !declaring.has(node.key.text) || node.kind !== 'map') return []
    const whole = { start: node.key.start, end: node.end }
    const place = { range: rangeOf(document, whole), selectionRange: rangeOf(document, node.key) }
    return [{ name: node.key.text, kind: SymbolKind.Namespace, ...place, children: declared(node) }]
  })
  return [...sections, ...stepsIn(tree).map(ofStep)]
}

const declaring: ReadonlySet<string> = new Set(['input', 'output', 'imports', 'agents', 'artifacts'])

const kinds: ReadonlyMap<string, SymbolKind> = new Map([
  ...(['set', 'assert'] as const).map((verb) => [verb, SymbolKind.Variable] as const),
  ...(['sleep', 'sleepUntil', 'waitFor', 'ask', 'watch', 'emit'] as const).map(
    (verb) => [verb, SymbolKind.Event] as const,
  ),
  ...(['do', 'if', 'match', 'parallel', 'forEach', 'repeat', 'try'] as const).map(
    (verb) => [verb, SymbolKind.Namespace] as const,
  ),
  ['states', SymbolKind.Enum],
  ...(['call', 'start'] as const).map((verb) => [verb, SymbolKind.Module] as const),
])
