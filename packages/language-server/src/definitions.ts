import { pointerKeys } from '@segno/schema'
import { importPath } from '@segno/schema/editor'
import type { Range } from 'vscode-languageserver-types'
import { rangeOf } from './editor-range.ts'
import { importedTree } from './given-inputs.ts'
import { nameAt, namesIn, sameNames } from './names-in.ts'
import { childOf } from './steps-in.ts'
import { nodeAt, treeOf, type TextNode, type TextTree } from './text-tree.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** A place in a file that may be another one. */
export interface FilePlace {
  /** As `WorkflowContext.file` is spelled. */
  readonly file: string
  readonly range: Range
}

const beginning: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }

/** Where what stands at an offset is declared: here, or in the file that it leads to. */
export function definitionsAt(context: WorkflowContext, offset: number): FilePlace[] {
  const { document, file } = context
  const tree = treeOf(document.getText())
  const found = nodeAt(tree, offset)
  if (!found) return []
  const path = found.part === 'value' ? pathNamed(found.node) : undefined
  if (path !== undefined) return [{ file: importPath(path, file), range: beginning }]
  const input = found.part === 'key' ? inputOfCall(context, tree, found.node) : []
  if (input.length > 0) return input
  const names = namesIn(tree)
  const name = nameAt(names, offset)
  if (!name) return []
  const declared = sameNames(names, name).filter(({ isDeclaration }) => isDeclaration)
  const here = declared.map((place) => ({ file, range: rangeOf(document, place) }))
  const imported =
    name.kind === 'import' && !name.isDeclaration ? importedTree(context, tree.root, name.name) : undefined
  return imported ? [...here, { file: imported.file, range: beginning }] : here
}

/** The path of a file that a value is: of an import, or of a prompt. */
function pathNamed({ pointer, key, parent, value }: TextNode): string | undefined {
  if (typeof value !== 'string' || value.includes('${{')) return undefined
  const [first, , ...more] = pointerKeys(pointer)
  const isImport = first === 'imports' && more.length === 0
  const isPrompt = key?.text === 'file' && parent?.key?.text === 'prompt'
  return isImport || isPrompt ? value : undefined
}

/** Where the input is declared that a key of `with` gives to another workflow. */
function inputOfCall({ read, ...context }: WorkflowContext, tree: TextTree, node: TextNode): FilePlace[] {
  const step = node.parent?.key?.text === 'with' ? node.parent.parent : undefined
  const called = childOf(step, 'call') ?? childOf(step, 'start')
  if (typeof called?.value !== 'string' || !read) return []
  const imported = importedTree({ read, ...context }, tree.root, called.value)
  const key = childOf(childOf(imported?.tree.root, 'input'), node.key?.text ?? '')?.key
  if (!imported || !key) return []
  return [{ file: imported.file, range: rangeInText(imported.tree.text, key) }]
}

function rangeInText(text: string, { start, end }: { readonly start: number; readonly end: number }): Range {
  const before = text.slice(0, start).split('\n')
  const character = before.at(-1)?.length ?? 0
  const line = before.length - 1
  return { start: { line, character }, end: { line, character: character + end - start } }
}
