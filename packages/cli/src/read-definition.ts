import { dirname } from 'node:path'
import { importReader } from '@segno/adapters/files'
import { loadWorkflow, type Definition } from '@segno/schema'
import { commonScreen, type CommonOptions } from './common-options.ts'
import { configFolder } from './load-config.ts'
import { tellDiagnostics } from './print-diagnostics.ts'
import { readWorkflowFile } from './workflow-file.ts'

/** A definition, and the file that it was read from. */
export interface ReadDefinition {
  /** The file as messages tell it. */
  readonly shown: string
  readonly definition: Definition
}

/**
 * Reads a workflow file for what looks at it and runs nothing of it: no configuration is
 * loaded. `undefined` where it has errors. They go to stderr, and with `warnings` those as well.
 */
export function readDefinition(
  given: string,
  options: CommonOptions,
  { warnings = false }: { readonly warnings?: boolean } = {},
): ReadDefinition | undefined {
  const { cwd, color } = commonScreen(options, process.stderr)
  const file = readWorkflowFile(given, cwd)
  // Which handlers there are changes nothing of the structure.
  const { workflow, diagnostics, files } = loadWorkflow(file.text, {
    file: file.shown,
    read: importReader(cwd, [cwd, configFolder(dirname(file.path), cwd)]),
  })
  const told = warnings ? diagnostics : diagnostics.filter(({ severity }) => severity === 'error')
  tellDiagnostics(told, { ...file, imported: files }, color)
  return workflow && { shown: file.shown, definition: workflow.definition }
}
