import { identifierPattern, keywords } from '@segno/schema/editor'
import type { Range, TextEdit } from 'vscode-languageserver-types'
import { rangeOf } from './editor-range.ts'
import { nameAt, namesIn, sameNames, type NameKind, type WrittenName } from './names-in.ts'
import { treeOf } from './text-tree.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** Why a name is not changed. */
export interface RenameRefusal {
  readonly reason: string
}

/** What stands at an offset, if it is a name that can be changed. */
export function renameableAt(
  context: WorkflowContext,
  offset: number,
): { readonly range: Range; readonly placeholder: string } | RenameRefusal {
  const found = namesToChange(context, offset)
  if ('reason' in found) return found
  return { range: rangeOf(context.document, found.name), placeholder: found.name.name }
}

/**
 * The edits that give the name at an offset another one wherever it is meant in
 * the file. All of them or none: a name that could not be changed everywhere is
 * not changed.
 */
export function renameAt(
  context: WorkflowContext,
  offset: number,
  newName: string,
): { readonly edits: readonly TextEdit[] } | RenameRefusal {
  const found = namesToChange(context, offset)
  if ('reason' in found) return found
  const { name, all } = found
  const reason = flawOf(newName, name, all)
  if (reason !== undefined) return { reason }
  const edits = sameNames(all, name)
    .toSorted((a, b) => a.start - b.start)
    .map((place) => ({ range: rangeOf(context.document, place), newText: newName }))
  return { edits }
}

const renameable: ReadonlyMap<NameKind, string> = new Map([
  ['step', 'step'],
  ['input', 'input'],
  ['import', 'import'],
  ['agent', 'agent'],
  ['artifact', 'artifact'],
  ['state', 'state'],
])

function namesToChange(
  { document }: WorkflowContext,
  offset: number,
): { readonly name: WrittenName; readonly all: readonly WrittenName[] } | RenameRefusal {
  const tree = treeOf(document.getText())
  const all = namesIn(tree)
  const name = nameAt(all, offset)
  if (!name || !renameable.has(name.kind)) return { reason: 'there is no name here that can be changed' }
  if (tree.errors > 0) return { reason: 'the file is not YAML yet; correct that first' }
  const same = sameNames(all, name)
  const declared = same.filter(({ isDeclaration }) => isDeclaration).length
  if (declared === 0) return { reason: `no ${renameable.get(name.kind)} "${name.name}" is declared in this file` }
  if (declared > 1) return { reason: `there are two of "${name.name}"; change one of them by hand` }
  const other = same.find(({ isExact }) => !isExact)
  if (other) {
    const { line } = document.positionAt(other.start)
    return { reason: `the name in line ${line + 1} is written so that it cannot be told apart; change it by hand` }
  }
  return { name, all }
}

function flawOf(newName: string, name: WrittenName, all: readonly WrittenName[]): string | undefined {
  if (!identifierPattern.test(newName)) {
    return `"${newName}" is no name: a letter, then letters, digits and _; at most 64`
  }
  if (keywords.has(newName)) return `"${newName}" is a word of expressions and cannot be a name`
  // Ids of steps are one whatever their case.
  const spelling = (text: string): string => (name.kind === 'step' ? text.toLowerCase() : text)
  const taken = all.find(
    (other) =>
      other.isDeclaration &&
      other.kind === name.kind &&
      other.scope === name.scope &&
      other.name !== name.name &&
      spelling(other.name) === spelling(newName),
  )
  return taken && `the name "${taken.name}" is taken`
}
