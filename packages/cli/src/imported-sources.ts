import { loadWorkflow, planHash, type Definition } from '@segno/schema'
import type { SourceText } from './screen/source-place.ts'

/** The workflows among some files, each by the hash of what it says. Files import each other by the names that they have here. */
export function sourcesByHash(files: ReadonlyMap<string, string>): ReadonlyMap<string, SourceText> {
  const found = new Map<string, SourceText>()
  for (const [file, text] of files) {
    const { workflow } = loadWorkflow(text, { file, read: (path) => files.get(path) })
    if (workflow !== undefined) found.set(workflow.hash, { file, text, sourceMap: workflow.sourceMap })
  }
  return found
}

/**
 * Finds the files of imported workflows by the JSON Pointer of what stands in
 * their place in a closed definition, such as `/imports/pay`. They are read
 * again when somebody asks for the first one.
 */
export function importedSources(
  definition: Definition,
  files: ReadonlyMap<string, string>,
): NonNullable<SourceText['imported']> {
  let byHash: ReadonlyMap<string, SourceText> | undefined
  return (pointer) => {
    const names = pointer.split('/imports/').slice(1)
    let one: Definition | string | undefined = definition
    for (const name of names) one = typeof one === 'object' ? one.imports?.[name] : undefined
    if (typeof one !== 'object' || files.size === 0) return undefined
    byHash ??= sourcesByHash(files)
    return byHash.get(planHash(one))
  }
}
