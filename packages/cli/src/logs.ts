import { isTerminal, type RunRow } from '@segno/core'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import type { OutputStream } from './evidence-files.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { listenForInterrupts } from './interrupt.ts'
import { readProgress, withStore, type Lookup } from './known-run.ts'
import { logPrinter, type LogSource } from './log-printer.ts'
import type { Progress } from './progress/progress.ts'
import { isProcess } from './progress/step-index.ts'
import { readerGone } from './reader-gone.ts'
import { knownWorkflow } from './run-origin.ts'
import { stepPath } from './step-record.ts'

/** The options of `segno logs`, as commander gives them. */
export interface LogsOptions extends StoreCommandOptions {
  readonly attempt?: string
  readonly tail?: string
  readonly stream?: OutputStream
  readonly follow?: boolean
}

/** Prints what the processes of a run have printed. */
export function logsCommand(given: string, step: string | undefined, options: LogsOptions): Promise<ExitCode> {
  const attempt = wholeNumber('--attempt', options.attempt, 1)
  const tail = wholeNumber('--tail', options.tail, 0)
  return withStore(options, process.stdout, async (lookup) => {
    const row = await findRun(lookup.store, given)
    const workflow = await knownWorkflow(row, lookup.store.storage, lookup.screen.cwd)
    const progress = await readProgress(row, workflow, lookup.store.storage)
    const path = step === undefined ? undefined : stepPath(progress, step)
    const wanted: Wanted = { path, attempt, stream: options.stream }
    const printer = logPrinter({
      write: (bytes) => process.stdout.write(bytes),
      isTerminal: process.stdout.isTTY === true,
      tail,
    })
    if (options.follow === true) return followLogs({ row, workflow, wanted }, printer, lookup)
    const sources = sourcesOf(progress, wanted, lookup)
    printer.print(sources)
    printer.end()
    if (!printer.hasPrinted) process.stderr.write(`nothing was printed by ${named(row, wanted)}\n`)
    return exitCodes.ok
  })
}

function named({ runId }: RunRow, { path }: Wanted): string {
  return path === undefined ? `the processes of ${runId}` : `${path} of ${runId}`
}

function wholeNumber(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (text !== '' && Number.isSafeInteger(number) && number >= least) return number
  const message = `${option} ${text}: expected a whole number from ${least}`
  throw new CommandError({ code: 'OPTION_INVALID', message, hint: `for example: ${option} 2` })
}

interface Wanted {
  readonly path: string | undefined
  readonly attempt: number | undefined
  readonly stream: OutputStream | undefined
}

const streams: readonly OutputStream[] = ['stdout', 'stderr']

/** Every file that may hold what is asked for, in the order in which the attempts began. */
function sourcesOf(progress: Progress, { path, attempt, stream }: Wanted, { store }: Lookup): LogSource[] {
  const sources: LogSource[] = []
  for (const step of progress.steps.values()) {
    if (step.declared === undefined || !isProcess(step.declared.kind)) continue
    if (path !== undefined && step.path !== path) continue
    const occurrence = step.occurrence ?? step.path
    for (let number = 1; number <= step.attempt; number++) {
      if (attempt !== undefined && attempt !== number) continue
      const folder = store.evidence.folder(progress.runId, occurrence, number)
      for (const one of streams) {
        if (stream !== undefined && stream !== one) continue
        sources.push({ title: `${occurrence} attempt ${number} ${one}`, folder, stream: one })
      }
    }
  }
  return sources
}

const lookMs = 200

interface Followed {
  readonly row: RunRow
  readonly workflow: Parameters<typeof readProgress>[1]
  readonly wanted: Wanted
}

// The files are looked at as `tail -f` does, and the journal for attempts that began since.
async function followLogs(
  { row, workflow, wanted }: Followed,
  printer: ReturnType<typeof logPrinter>,
  lookup: Lookup,
): Promise<ExitCode> {
  const interrupts = listenForInterrupts((code) => process.exit(code))
  const reader = readerGone()
  let stop: ExitCode | undefined
  void interrupts.first.then((code) => (stop = code))
  void reader.gone.then(() => (stop = exitCodes.ok))
  const { storage } = lookup.store
  try {
    let progress: Progress | undefined
    while (stop === undefined) {
      // Asked before the files are read: what a run has printed when it ends is all there is.
      const now = await storage.row(row.runId)
      if (progress?.seq !== now?.head) progress = await readProgress(row, workflow, storage)
      if (progress !== undefined) printer.print(sourcesOf(progress, wanted, lookup))
      if (now === undefined || isTerminal(now.status)) break
      await Promise.race([new Promise((resolve) => setTimeout(resolve, lookMs)), interrupts.first, reader.gone])
    }
    printer.end()
    return stop ?? exitCodes.ok
  } finally {
    interrupts.off()
    reader.off()
  }
}
