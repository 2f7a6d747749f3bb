import { DocumentHighlightKind, type DocumentHighlight, type Range } from 'vscode-languageserver-types'
import { rangeOf } from './editor-range.ts'
import { nameAt, namesIn, sameNames, type WrittenName } from './names-in.ts'
import { treeOf } from './text-tree.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** Every place of the file that means what stands at an offset. */
export function referencesAt(context: WorkflowContext, offset: number, withDeclaration: boolean): Range[] {
  return meant(context, offset)
    .filter(({ isDeclaration }) => withDeclaration || !isDeclaration)
    .map((place) => rangeOf(context.document, place))
}

/** The same places, each as what declares a name or reads it. */
export function highlightsAt(context: WorkflowContext, offset: number): DocumentHighlight[] {
  return meant(context, offset).map((place) => ({
    range: rangeOf(context.document, place),
    kind: place.isDeclaration ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
  }))
}

function meant({ document }: WorkflowContext, offset: number): WrittenName[] {
  const names = namesIn(treeOf(document.getText()))
  const name = nameAt(names, offset)
  return name ? sameNames(names, name).toSorted((a, b) => a.start - b.start) : []
}
