import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { handlerNames, loadWorkflow } from 'segno'
import type { Diagnostic, EngineOptions, Workflow } from 'segno'

/** What the `uses` steps of a workflow call. */
export type Handlers = NonNullable<EngineOptions['handlers']>

/** The folder of a workflow: its file, what it imports, its scripts. */
export function folderOf(name: string): string {
  return join(import.meta.dirname, name)
}

/** Reads and checks the workflow of the folder `name`, and what it imports. Throws what is wrong with it. */
export function loadNamed(name: string, handlers: Handlers = {}): Workflow {
  const file = join(folderOf(name), `${name}.segno.yaml`)
  const read = (path: string): string | undefined => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  const callable = [...handlerNames({ handlers }), 'exec', 'run', 'http', 'watch']
  const { workflow, diagnostics } = loadWorkflow(readFileSync(file, 'utf8'), { file, handlers: callable, read })
  if (workflow !== undefined && diagnostics.length === 0) return workflow
  throw new Error(diagnostics.map(toldOf).join('\n'))
}

function toldOf({ code, message, hint, file, range, pointer }: Diagnostic): string {
  const place = range === undefined ? pointer : `${range.start.line}:${range.start.column}`
  return `${file ?? ''}:${place}: ${code} ${message}${hint === undefined ? '' : ` (${hint})`}`
}
