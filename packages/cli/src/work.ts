import { secretMasker, type Logger } from '@segno/core'
import type { RunEvent } from '@segno/schema'
import { CommandError } from './command-error.ts'
import { commonScreen, type Screen, type StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { createHost } from './host.ts'
import { listenForInterrupts, stoppingText } from './interrupt.ts'
import { readLabels } from './labels.ts'
import { loadConfig, type LoadedConfig } from './load-config.ts'
import { loadFile } from './load-file.ts'
import { tellDiagnostics } from './print-diagnostics.ts'
import { readerGone } from './reader-gone.ts'
import { plainLog } from './screen/plain.ts'
import { runLog } from './screen/run-log.ts'
import { takeStreams, type Streams } from './screen/streams.ts'
import { openStore } from './store.ts'
import { readWorkflowFile } from './workflow-file.ts'

/** The options of `segno work`, as commander gives them. */
export interface WorkCommandOptions extends StoreCommandOptions {
  readonly concurrency?: string
  readonly label: readonly string[]
  readonly workflow: readonly string[]
}

/** Works for a store until it is told to stop: takes the runs that are due and that nobody drives. */
export async function workCommand(options: WorkCommandOptions): Promise<ExitCode> {
  const screen = commonScreen(options, process.stderr)
  const { cwd } = screen
  const loaded = await loadConfig(options.config, { cwd, folder: cwd })
  const config = loaded?.config ?? {}
  const labels = readLabels(options.label)
  const concurrency = concurrencyOf(options)
  const workflows = options.workflow.map((given) => workflowName(given, screen, loaded))
  if (workflows.includes(undefined)) return exitCodes.definitionInvalid
  const store = openStore({ given: options.store, config, cwd, starts: true })
  if (store.volatile) {
    const hint = 'name the folder of a store, such as --store .segno, or a database'
    throw new CommandError({ code: 'OPTION_INVALID', message: `${store.shown} is no store that others share`, hint })
  }
  const masker = secretMasker()
  const streams: Streams = takeStreams((text) => streams.stderr(masker.text(text)))
  const logger = loggerOf(screen, streams)
  const host = createHost({ store, config, workspace: cwd, logger, masker })
  const interrupts = listenForInterrupts((code) => process.exit(code))
  const reader = readerGone()
  try {
    host.engine.on('*', teller(screen, streams))
    host.engine.work({
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(labels === undefined ? {} : { labels }),
      ...(workflows.length === 0 ? {} : { workflows: workflows.flatMap((name) => name ?? []) }),
    })
    if (screen.mode !== 'quiet') streams.stderr(`works for ${store.shown}; Ctrl-C stops it\n`)
    const code = await Promise.race([interrupts.first, reader.gone.then(() => exitCodes.waiting)])
    if (code !== exitCodes.waiting) streams.stderr(stoppingText)
    await host.close()
    return code
  } finally {
    interrupts.off()
    reader.off()
    await host.close()
    streams.restore()
    await store.close()
  }
}

function concurrencyOf({ concurrency }: WorkCommandOptions): number | undefined {
  if (concurrency === undefined) return undefined
  const count = Number(concurrency)
  if (concurrency !== '' && Number.isSafeInteger(count) && count >= 1) return count
  const message = `--concurrency ${concurrency}: expected a whole number from 1`
  throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'for example: --concurrency 20' })
}

/** The name of a workflow, given as such or as its file; `undefined` where that has mistakes, which are told. */
function workflowName(given: string, screen: Screen, loaded: LoadedConfig | undefined): string | undefined {
  if (!/[/\\]|\.ya?ml$/.test(given)) return given
  const { cwd, color } = screen
  const { file, workflow, diagnostics } = loadFile(readWorkflowFile(given, cwd), cwd, loaded)
  if (workflow === undefined) tellDiagnostics(diagnostics, file, color)
  return workflow?.definition.name
}

/** How many runs are remembered as taken: of one that rests for long, it is told again that it was. */
const takenMax = 10_000

/** Tells of each run as it is taken and as it ends; with `--ui ndjson`, of each event. */
function teller({ mode }: Screen, streams: Streams): (event: RunEvent) => void {
  if (mode === 'ndjson') return (event) => streams.stdout(`${JSON.stringify(event)}\n`)
  if (mode === 'quiet' || mode === 'json') return () => undefined
  const taken = new Set<string>()
  return (event) => {
    const { runId } = event
    const line = (text: string): void => streams.stdout(`${runId}  ${text}\n`)
    if (!taken.has(runId)) {
      taken.add(runId)
      const [oldest] = taken
      if (taken.size > takenMax && oldest !== undefined) taken.delete(oldest)
      line(event.type === 'run.created' ? 'started' : 'taken')
    }
    switch (event.type) {
      case 'run.completed':
        taken.delete(runId)
        return line('completed')
      case 'run.failed':
        taken.delete(runId)
        return line(`failed  ${event.failure.code}: ${event.failure.message}`)
      case 'run.cancelled':
        taken.delete(runId)
        return line('cancelled')
      case 'run.blocked':
        return line(`blocked  ${event.because.code}: ${event.because.message}`)
      case 'step.blocked':
        return line(`blocked  ${event.path}`)
      default:
        return undefined
    }
  }
}

function loggerOf({ look, verbose }: Screen, streams: Streams): Logger {
  const lines = plainLog(look, { lists: new Map(), head: () => '' })
  return runLog((at, line) => streams.stderr(`${lines.line(at, line)}\n`), { verbose, silent: true })
}
