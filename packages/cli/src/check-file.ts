import { dirname } from 'node:path'
import type { Diagnostic } from '@segno/schema'
import { loadConfig } from './load-config.ts'
import { loadFile } from './load-file.ts'
import { declaredLists, everyStep } from './progress/step-index.ts'
import { readWorkflowFile, type WorkflowFile } from './workflow-file.ts'

/** A workflow file, and what is wrong with it. */
export interface Checked {
  readonly file: WorkflowFile
  readonly valid: boolean
  readonly workflow?: { readonly name: string; readonly hash: string; readonly steps: number }
  readonly diagnostics: readonly Diagnostic[]
}

/** How files are checked. */
export interface CheckFileOptions {
  readonly config?: string
  /** Whether a warning makes a file invalid. */
  readonly strict?: boolean
  /** Whether values may not be read of which nothing is known before the run. */
  readonly typed?: boolean
}

/** Checks one file, with the handlers of its configuration. */
export async function check(
  path: string,
  options: CheckFileOptions,
  { cwd }: { readonly cwd: string },
): Promise<Checked> {
  const read = readWorkflowFile(path, cwd)
  return (await checker(read, options, cwd))(read)
}

/** Loads the configuration for a file once, and gives what checks it, whatever text it has. */
export async function checker(
  { path }: Pick<WorkflowFile, 'path'>,
  { config, strict, typed = false }: CheckFileOptions,
  cwd: string,
): Promise<(file: WorkflowFile) => Checked> {
  const loaded = await loadConfig(config, { cwd, folder: dirname(path) })
  return (read) => {
    const { file, workflow, diagnostics } = loadFile(read, cwd, loaded, { typed })
    const valid = workflow !== undefined && !(strict === true && diagnostics.length > 0)
    if (!workflow) return { file, valid, diagnostics }
    const steps = [...everyStep(declaredLists(workflow.definition))].length
    return { file, valid, diagnostics, workflow: { name: workflow.definition.name, hash: workflow.hash, steps } }
  }
}
