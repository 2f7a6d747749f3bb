import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { importReader } from '@segno/adapters/files'
import type { RunRow, Storage } from '@segno/core'
import { loadWorkflow, type Definition } from '@segno/schema'
import { CommandError } from './command-error.ts'
import { exitCodes } from './exit-code.ts'
import { importedSources, sourcesByHash } from './imported-sources.ts'
import { configFolder } from './load-config.ts'
import type { SourceText } from './screen/source-place.ts'
import { shownPath } from './workflow-file.ts'

/** Labels that begin like this are the command's own. */
export const ownLabelPrefix = 'segno.'

const cwdLabel = `${ownLabelPrefix}cwd`
const fileLabel = `${ownLabelPrefix}file`

/**
 * The labels by which a later command finds what a run needs: the folder that its
 * processes and handlers work in, and its file, beside which the configuration is.
 */
export function originLabels(cwd: string, path: string): Readonly<Record<string, string>> {
  return { [cwdLabel]: cwd, [fileLabel]: path }
}

/** The labels that people gave. */
export function givenLabels({ labels }: Pick<RunRow, 'labels'>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith(ownLabelPrefix)))
}

/** Where a run was started; `undefined` for what a run of another host does not tell. */
export function originOf({ labels }: Pick<RunRow, 'labels'>): {
  readonly cwd: string | undefined
  readonly path: string | undefined
} {
  return { cwd: labels[cwdLabel], path: labels[fileLabel] }
}

/** The workflow of a run that exists: what it is pinned to, and the text of its file as long as that says the same. */
export interface KnownWorkflow {
  readonly definition: Definition
  /** Its file, or its name where no file is known. */
  readonly title: string
  readonly source?: SourceText
}

/** Finds the workflow of a run. Without its plan, nothing can be told of it. */
export async function knownWorkflow(row: RunRow, storage: Storage, cwd: string): Promise<KnownWorkflow> {
  const definition = await storage.getPlan(row.plan)
  if (definition === undefined) {
    const message = `the store has no plan ${row.plan}, which ${row.runId} is pinned to`
    const hint = 'put its file back into the folder of plans'
    throw new CommandError({ code: 'RUN_UNREADABLE', message, hint }, { exitCode: exitCodes.notFound })
  }
  const { path, cwd: started = cwd } = originOf(row)
  if (path === undefined) return { definition, title: row.workflow }
  const file = shownPath(path, cwd)
  // The file is that of the first of those that have started each other.
  const title = row.parent === undefined ? file : row.workflow
  const text = textOf(path)
  if (text === undefined) return { definition, title }
  const { workflow, files } = loadWorkflow(text, {
    file,
    read: importReader(cwd, [started, configFolder(dirname(path), started)]),
  })
  const imported = importedSources(definition, files)
  if (workflow?.hash === row.plan) {
    return { definition, title: file, source: { file, text, sourceMap: workflow.sourceMap, imported } }
  }
  // The frame of a file that was edited since would point at other lines.
  const source = row.parent && sourcesByHash(files).get(row.plan)
  return source === undefined
    ? { definition, title }
    : { definition, title: source.file, source: { ...source, imported } }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(resolve(path), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
