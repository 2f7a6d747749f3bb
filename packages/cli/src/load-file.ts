import { dirname } from 'node:path'
import { importReader } from '@segno/adapters/files'
import { loadWorkflow, type LoadedWorkflow } from '@segno/schema'
import { callable } from './host.ts'
import { loadConfig, type LoadedConfig } from './load-config.ts'
import { readWorkflowFile, type WorkflowFile } from './workflow-file.ts'

/** A workflow file that was read and checked together with all that it imports. */
export interface LoadedFile extends Omit<LoadedWorkflow, 'files'> {
  /** With the texts of what it imports. */
  readonly file: WorkflowFile
}

/** Reads a workflow file, finds the configuration that belongs to it, and checks it with that. */
export async function openFile(
  given: string,
  { cwd, config }: { readonly cwd: string; readonly config: string | undefined },
): Promise<LoadedFile & { readonly loaded: LoadedConfig | undefined }> {
  const read = readWorkflowFile(given, cwd)
  const loaded = await loadConfig(config, { cwd, folder: dirname(read.path) })
  return { ...loadFile(read, cwd, loaded), loaded }
}

/** Checks a workflow file and what it imports: from the working folder, and from that of the configuration. */
export function loadFile(
  file: WorkflowFile,
  cwd: string,
  loaded: LoadedConfig | undefined,
  { typed = false }: { readonly typed?: boolean } = {},
): LoadedFile {
  const { files, ...rest } = loadWorkflow(file.text, {
    file: file.shown,
    typed,
    read: importReader(cwd, [cwd, ...(loaded ? [dirname(loaded.file)] : [])]),
    // Without a configuration nobody says which handlers there are.
    ...(loaded && { handlers: callable(loaded.config) }),
  })
  return { ...rest, file: { ...file, imported: files } }
}
