import { secretMasker, SegnoError, type Engine, type RunHandle } from '@segno/core'
import { parseDuration, type InputProblem } from '@segno/schema'
import { attach } from './attach.ts'
import { CommandError } from './command-error.ts'
import { commonScreen, type Screen, type StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { createHost } from './host.ts'
import { importedSources } from './imported-sources.ts'
import { inputComplaints } from './inputs.ts'
import { sameOptions } from './known-run.ts'
import { readLabels } from './labels.ts'
import { withoutPassword } from './postgres-store.ts'
import { tellDiagnostics } from './print-diagnostics.ts'
import { originLabels } from './run-origin.ts'
import { openSession, type Session } from './session.ts'
import { openStore, type Store } from './store.ts'

/** The options of `segno run`, as commander gives them. */
export interface RunOptions extends StoreCommandOptions {
  readonly input: readonly string[]
  readonly inputFile?: string
  readonly label: readonly string[]
  readonly id?: string
  readonly timeout?: string
  readonly detach?: boolean
  readonly onError?: 'stop' | 'pause'
}

/** Starts a run, shows it, and ends with the code that says how it ended. */
export async function runCommand(given: string, options: RunOptions, argv: readonly string[]): Promise<ExitCode> {
  const screen = commonScreen(options, process.stderr)
  const timeoutMs = timeoutOf(options)
  const labels = readLabels(options.label)
  const { cwd } = screen
  const { file, diagnostics, session } = await openSession(given, {
    ...{ cwd, config: options.config },
    ...{ inputs: options.input, inputFile: options.inputFile },
  })
  const isSilent = session !== undefined && (screen.mode === 'quiet' || screen.mode === 'json')
  if (!isSilent) tellDiagnostics(diagnostics, file, screen.color)
  if (session === undefined) return exitCodes.definitionInvalid
  const { workflow, config } = session
  const store = openStore({ given: options.store, config, cwd, starts: true })
  try {
    if (options.detach === true) return await detach(session, options, { screen, store, labels })
    return await attach({
      ...{ screen, store, config, workspace: cwd, started: argv.map(withoutPassword), same: sameOptions(options) },
      workflow: {
        definition: workflow.definition,
        title: file.shown,
        source: {
          ...{ file: file.shown, text: file.text, sourceMap: workflow.sourceMap },
          imported: importedSources(workflow.definition, file.imported ?? new Map()),
        },
      },
      begin: (engine) => start(engine, session, { labels, cwd, key: options.id, onError: options.onError }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    })
  } finally {
    await store.close()
  }
}

// A longer timer fires at once.
const timeoutMsMax = 2 ** 31 - 1

function timeoutOf({ timeout }: RunOptions): number | undefined {
  if (timeout === undefined) return undefined
  const timeoutMs = parseDuration(timeout)
  if (timeoutMs !== undefined && timeoutMs > 0 && timeoutMs <= timeoutMsMax) return timeoutMs
  const message = `--timeout ${timeout}: expected a duration from 1ms to 24d`
  throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'for example: --timeout 30m' })
}

// The run is whoever's who works for the store: this process only creates it.
async function detach(session: Session, options: RunOptions, { screen, store, labels }: Detachment): Promise<ExitCode> {
  const { cwd } = screen
  if (store.volatile || options.timeout !== undefined) {
    const [message, hint] = store.volatile
      ? [`--detach: ${store.shown} is gone with this process`, 'name the folder of a store, such as --store .segno']
      : ['--timeout needs a process that waits for it, and --detach leaves none', 'write a timeout into the workflow']
    throw new CommandError({ code: 'OPTION_INVALID', message, hint })
  }
  const logger = { log: () => undefined }
  const host = createHost({ store, config: session.config, workspace: cwd, logger, masker: secretMasker() })
  try {
    const { id } = await start(host.engine, session, {
      labels,
      cwd,
      key: options.id,
      onError: options.onError,
      drive: false,
    })
    process.stdout.write(screen.json ? `${JSON.stringify({ v: 1, runId: id }, null, 2)}\n` : `${id}\n`)
    return exitCodes.ok
  } finally {
    await host.close()
  }
}

interface Detachment extends Pick<StartSettings, 'labels'> {
  readonly screen: Screen
  readonly store: Store
}

interface StartSettings {
  /** Those of the command line, which replace those of the definition. */
  readonly labels: Readonly<Record<string, string>> | undefined
  readonly cwd: string
  readonly key: string | undefined
  /** `pause` holds a run that would fail, for people to decide. */
  readonly onError: RunOptions['onError']
  /** Whether this process drives it. */
  readonly drive?: boolean
}

async function start(
  engine: Engine,
  { workflow, input, file }: Session,
  { labels = workflow.definition.labels, cwd, key, onError, drive = true }: StartSettings,
): Promise<RunHandle> {
  try {
    return await engine.start(workflow, input, {
      labels: { ...labels, ...originLabels(cwd, file.path) },
      ...(key !== undefined && { idempotencyKey: key }),
      drive,
      ...(onError === 'pause' && { onFailure: 'block' }),
    })
  } catch (cause) {
    if (SegnoError.is(cause, 'INPUT_INVALID')) {
      // The inputs were read before by the same rules; what is left is what was looked for and is not there.
      throw new CommandError(inputComplaints(workflow.definition, cause.details as readonly InputProblem[]), { cause })
    }
    if (!SegnoError.is(cause, 'RUN_EXISTS')) throw cause
    const hint = 'give the same input, or another --id'
    const complaint = { code: 'RUN_EXISTS', message: cause.message, hint } as const
    throw new CommandError(complaint, { exitCode: exitCodes.conflict, cause })
  }
}
