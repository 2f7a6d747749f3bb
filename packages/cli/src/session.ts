import { dirname, resolve } from 'node:path'
import type { Definition, Diagnostic, JsonObject, Workflow } from '@segno/schema'
import { CommandError } from './command-error.ts'
import type { SegnoConfig } from './config.ts'
import { readInputs } from './inputs.ts'
import { openFile } from './load-file.ts'
import { declaredLists, everyStep } from './progress/step-index.ts'
import { shownPath, type WorkflowFile } from './workflow-file.ts'

/** All that a run needs, read and checked before anything starts. */
export interface Session {
  readonly file: WorkflowFile
  readonly workflow: Workflow
  readonly config: SegnoConfig
  readonly input: JsonObject
}

/** What a run is made from. */
export interface SessionOptions {
  readonly cwd: string
  readonly config?: string | undefined
  readonly inputs: readonly string[]
  readonly inputFile?: string | undefined
}

/** A session, unless the definition has errors; warnings may stand beside one. Other mistakes are thrown. */
export async function openSession(
  given: string,
  { cwd, config: configFile, inputs, inputFile }: SessionOptions,
): Promise<{ readonly file: WorkflowFile; readonly diagnostics: readonly Diagnostic[]; readonly session?: Session }> {
  const { file, workflow, diagnostics, loaded } = await openFile(given, { cwd, config: configFile })
  const config = loaded?.config ?? {}
  if (!workflow) return { file, diagnostics: withAdvice(diagnostics, loaded && shownPath(loaded.file, cwd)) }
  if (loaded === undefined) assertNoHandlers(workflow, file, cwd)
  const input = readInputs(workflow.definition, { pairs: inputs, file: inputFile, cwd })
  return { file, diagnostics, session: { file, workflow, config, input } }
}

function assertNoHandlers({ definition }: Workflow, file: WorkflowFile, cwd: string): void {
  const handlers = [...handlersOf(definition)]
  if (handlers.length === 0) return
  const names = new Set(handlers.map((name) => name.replace(/@\d+$/, '')))
  const place = shownPath(resolve(dirname(file.path), 'segno.config.ts'), cwd)
  const hint = [
    `write ${place}:`,
    `  import { defineConfig } from 'segno'`,
    '',
    '  export default defineConfig({',
    '    handlers: {',
    ...Array.from(names, (name) => `      ${keyOf(name)}: async (context, input) => { … },`),
    '    },',
    '  })',
    'or name another place with --config',
  ].join('\n')
  const message = `${file.shown} calls ${handlers.length === 1 ? 'the handler' : 'the handlers'} ${handlers.join(', ')}, and there is no segno.config`
  throw new CommandError({ code: 'CONFIG_MISSING', message, hint })
}

function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
}

/** The handlers that a workflow, and those that it imports, call. */
function handlersOf(definition: Definition): ReadonlySet<string> {
  const imported = Object.values(definition.imports ?? {}).filter((one) => typeof one === 'object')
  const own = [...everyStep(declaredLists(definition))].flatMap(({ handler }) => handler ?? [])
  return new Set([...own, ...imported.flatMap((one) => [...handlersOf(one)])])
}

// The checker does not know where handlers come from; whoever reads its words has to.
function withAdvice(diagnostics: readonly Diagnostic[], configFile: string | undefined): readonly Diagnostic[] {
  if (configFile === undefined) return diagnostics
  return diagnostics.map((diagnostic) => {
    if (diagnostic.code !== 'UNKNOWN_HANDLER') return diagnostic
    const advice = `handlers come from ${configFile}`
    return { ...diagnostic, hint: diagnostic.hint === undefined ? advice : `${diagnostic.hint} (${advice})` }
  })
}
