import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { importReader } from '@segno/adapters/files'
import { exportRun } from '@segno/core'
import type { Divergence, Replay, ReplayWith } from '@segno/core/testing'
import { loadWorkflow, type Definition } from '@segno/schema'
import { aboutBundle, readBundleFile } from './bundle-file.ts'
import { commonScreen, type Screen, type StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { withStore } from './known-run.ts'
import { configFolder } from './load-config.ts'
import { printDiagnostics } from './print-diagnostics.ts'
import { resultText } from './screen/result-text.ts'
import { printable } from './screen/terminal.ts'
import { readWorkflowFile } from './workflow-file.ts'

/** The options of `segno replay`, as commander gives them. */
export interface ReplayOptions extends StoreCommandOptions {
  readonly workflow?: string
}

/** Runs an exported run, or one of the store, again in memory: by its own plan, or by another workflow. Nothing is done anew. */
export async function replayCommand(given: string, options: ReplayOptions): Promise<ExitCode> {
  const screen = commonScreen(options, process.stdout)
  const definition = options.workflow === undefined ? undefined : workflowOf(options.workflow, options)
  if (options.workflow !== undefined && definition === undefined) return exitCodes.definitionInvalid
  const bundle = isFile(given) ? readBundleFile(given, screen.cwd) : await storedRun(given, options)
  const { replayRun, replayWith } = await import('@segno/core/testing')
  const replay = await aboutBundle<Replay | ReplayWith>(given, async () =>
    definition === undefined ? replayRun(bundle) : replayWith(bundle, definition),
  )
  if (screen.json) process.stdout.write(`${JSON.stringify({ v: 1, ...replay }, null, 2)}\n`)
  else for (const line of linesOf(replay, screen)) process.stdout.write(`${line}\n`)
  return replay.same ? exitCodes.ok : exitCodes.runFailed
}

function isFile(given: string): boolean {
  return given === '-' || /\.json$/i.test(given) || existsSync(resolve(given))
}

function storedRun(given: string, options: ReplayOptions): Promise<unknown> {
  return withStore(options, process.stderr, async ({ store }) => {
    const { runId } = await findRun(store, given)
    return exportRun(store.storage, runId, { redact: false, children: true })
  })
}

// What is wrong with it goes to stderr.
function workflowOf(given: string, options: StoreCommandOptions): Definition | undefined {
  const { cwd, color } = commonScreen(options, process.stderr)
  const file = readWorkflowFile(given, cwd)
  const { workflow, diagnostics, files } = loadWorkflow(file.text, {
    file: file.shown,
    read: importReader(cwd, [cwd, configFolder(dirname(file.path), cwd)]),
  })
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  printDiagnostics(errors, { ...file, imported: files }, { color, write: (text) => process.stderr.write(text) })
  return workflow?.definition
}

function linesOf(replay: Replay | ReplayWith, { look: { paint } }: Screen): readonly string[] {
  const unknown = 'unknown' in replay ? replay.unknown : []
  const head = replay.same
    ? paint('green', `the same events: ${replay.status}`)
    : paint('red', `something else happens: ${replay.status}`)
  const output = 'output' in replay && replay.output !== undefined ? replay.output : undefined
  return [
    head,
    ...(replay.divergence === undefined ? [] : divergenceLines(replay.divergence)),
    ...unknown.map((what) => paint('yellow', `  not known: ${printable(what)}`)),
    ...(output === undefined || replay.same ? [] : ['output', resultText(output as never).trimEnd()]),
  ]
}

function divergenceLines({ seq, recorded, replayed }: Divergence): readonly string[] {
  const text = (event: object | undefined): string =>
    event === undefined ? 'nothing more' : printable(JSON.stringify(event))
  return [`  at event ${seq}`, `  - recorded  ${text(recorded)}`, `  + replayed  ${text(replayed)}`]
}
