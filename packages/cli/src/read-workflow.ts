import type { Workflow } from '@segno/schema'
import type { Screen } from './common-options.ts'
import type { SegnoConfig } from './config.ts'
import { openFile } from './load-file.ts'
import { tellDiagnostics } from './print-diagnostics.ts'

/** A workflow for runs that are there, `undefined` where its file has errors, and the configuration found for it. */
export interface ReadWorkflow {
  readonly workflow: Workflow | undefined
  readonly config: SegnoConfig
}

/** Reads the workflow that runs are to go on by. What is wrong with it goes to stderr. */
export async function readWorkflow(
  given: string,
  { screen, config }: { readonly screen: Screen; readonly config: string | undefined },
): Promise<ReadWorkflow> {
  const { file, workflow, diagnostics, loaded } = await openFile(given, { cwd: screen.cwd, config })
  tellDiagnostics(diagnostics, file, screen.color)
  return { workflow, config: loaded?.config ?? {} }
}
