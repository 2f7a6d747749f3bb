import { exportRun } from '@segno/core'
import type { ActDifference, Divergence, Replay, ReplayWith } from '@segno/core/testing'
import { aboutBundle, readBundleFile } from './bundle-file.ts'
import { commonScreen, type Screen, type StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { withStore } from './known-run.ts'
import { namesFile } from './names-file.ts'
import { readDefinition } from './read-definition.ts'
import { resultText } from './screen/result-text.ts'
import { printable } from './screen/terminal.ts'

/** The options of `segno replay`, as commander gives them. */
export interface ReplayOptions extends StoreCommandOptions {
  readonly workflow?: string
}

/** Runs an exported run, or one of the store, again in memory: by its own plan, or by another workflow. Nothing is done anew. */
export async function replayCommand(given: string, options: ReplayOptions): Promise<ExitCode> {
  const screen = commonScreen(options, process.stdout)
  const definition = options.workflow === undefined ? undefined : readDefinition(options.workflow, options)?.definition
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
  return given === '-' || namesFile(given, ['.json'])
}

function storedRun(given: string, options: ReplayOptions): Promise<unknown> {
  return withStore(options, process.stderr, async ({ store }) => {
    const { runId } = await findRun(store, given)
    return exportRun(store.storage, runId, { redact: false, children: true })
  })
}

function linesOf(replay: Replay | ReplayWith, { look: { paint } }: Screen): readonly string[] {
  const unknown = 'unknown' in replay ? replay.unknown : []
  const acts = 'acts' in replay ? replay.acts : []
  const head = replay.same
    ? paint('green', `the same events: ${replay.status}`)
    : paint('red', `something else happens: ${replay.status}`)
  const output = 'output' in replay && replay.output !== undefined ? replay.output : undefined
  return [
    head,
    ...(replay.divergence === undefined ? [] : divergenceLines(replay.divergence)),
    ...acts.map((act) => paint('yellow', `  ${actText(act)}`)),
    ...unknown.map((what) => paint('yellow', `  not known: ${printable(what)}`)),
    ...(output === undefined || replay.same ? [] : ['output', resultText(output as never).trimEnd()]),
  ]
}

function actText({ seq, runId, code, action, path, message }: ActDifference): string {
  const where = `event ${seq}${runId === undefined ? '' : ` of ${runId}`}`
  return printable(`${code} at ${where}: ${action}${path === undefined ? '' : ` "${path}"`}: ${message}`)
}

function divergenceLines({ seq, recorded, replayed }: Divergence): readonly string[] {
  const text = (event: object | undefined): string =>
    event === undefined ? 'nothing more' : printable(JSON.stringify(event))
  return [`  at event ${seq}`, `  - recorded  ${text(recorded)}`, `  + replayed  ${text(replayed)}`]
}
