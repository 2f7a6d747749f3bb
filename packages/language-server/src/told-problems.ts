import { loadWorkflow, type Diagnostic, type RelatedPlace } from '@segno/schema'
import { importPath } from '@segno/schema/editor'
import { childOf } from './steps-in.ts'
import { treeOf } from './text-tree.ts'
import type { WorkflowContext } from './workflow-context.ts'

/** What is wrong with a text. */
export interface TextProblems {
  /** Those of the text itself; an import that leads to a file with mistakes leads to each of them. */
  readonly diagnostics: readonly Diagnostic[]
  /** The files that it imports, directly or not. */
  readonly imported: readonly string[]
}

const placesMax = 10

/** Checks a text together with what it imports. */
export function problemsIn({ document, file, read, handlers, performs = [] }: WorkflowContext): TextProblems {
  const text = document.getText()
  const known = handlers && [...handlers, ...performs]
  const { diagnostics, files } = loadWorkflow(text, { file, ...(read && { read }), ...(known && { handlers: known }) })
  const own = diagnostics.filter((diagnostic) => (diagnostic.file ?? file) === file)
  const others = diagnostics.filter((diagnostic) => (diagnostic.file ?? file) !== file)
  const imports = childOf(treeOf(text).root, 'imports')
  const withPlaces = own.map((diagnostic): Diagnostic => {
    if (diagnostic.code !== 'IMPORT_INVALID') return diagnostic
    const path = imports?.children.find(({ pointer }) => pointer === diagnostic.pointer)?.value
    const target = typeof path === 'string' ? importPath(path, file) : undefined
    const inside = others.filter((other) => other.file === target && other.severity === 'error').slice(0, placesMax)
    return { ...diagnostic, related: [...(diagnostic.related ?? []), ...inside.map(placeOf)] }
  })
  return { diagnostics: withPlaces, imported: [...files.keys()] }
}

function placeOf({ code, message, file, range, pointer }: Diagnostic): RelatedPlace {
  return { message: `${code}: ${message}`, pointer, ...(file !== undefined && { file }), ...(range && { range }) }
}
