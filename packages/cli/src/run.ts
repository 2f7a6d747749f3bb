import { appendFileSync } from 'node:fs'
import { nodeFiles } from '@segno/adapters/files'
import { createEngine, SegnoError, type Engine, type Logger, type RunHandle } from '@segno/core'
import { parseDuration, type InputProblem, type Json } from '@segno/schema'
import { CommandError, type Complaint } from './command-error.ts'
import { commonScreen, type CommonOptions, type Screen } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { follow } from './follow.ts'
import { inputComplaints } from './inputs.ts'
import { listenForInterrupts } from './interrupt.ts'
import { newProgress, type Progress } from './progress/progress.ts'
import { printDiagnostics } from './print-diagnostics.ts'
import { runDocument } from './run-document.ts'
import { ciSummary } from './screen/ci.ts'
import { epilogue, type Ending } from './screen/epilogue.ts'
import { createReporter, type Reporter } from './screen/reporter.ts'
import { resultText } from './screen/result-text.ts'
import { takeStreams, type Streams } from './screen/streams.ts'
import { openSession, type Session } from './session.ts'
import { shellWords } from './shell-words.ts'
import { version } from './version.ts'

/** The options of `segno run`, as commander gives them. */
export interface RunOptions extends CommonOptions {
  readonly input: readonly string[]
  readonly inputFile?: string
  readonly label: readonly string[]
  readonly id?: string
  readonly timeout?: string
}

/** Starts a run, shows it, and ends with the code that says how it ended. */
export async function runCommand(given: string, options: RunOptions, argv: readonly string[]): Promise<ExitCode> {
  const screen = commonScreen(options, process.stderr)
  const start = startOptions(options)
  const { file, diagnostics, session } = await openSession(given, {
    cwd: screen.cwd,
    config: options.config,
    inputs: options.input,
    inputFile: options.inputFile,
  })
  const isSilent = session !== undefined && (screen.mode === 'quiet' || screen.mode === 'json')
  if (!isSilent)
    printDiagnostics(diagnostics, file, { color: screen.color, write: (text) => process.stderr.write(text) })
  if (session === undefined) return exitCodes.definitionInvalid
  return new Attachment(session, { screen, start, argv }).run()
}

interface StartSettings {
  readonly labels: Readonly<Record<string, string>>
  readonly idempotencyKey?: string
  readonly timeoutMs?: number
}

// A longer timer fires at once.
const timeoutMsMax = 2 ** 31 - 1

function startOptions({ label, id, timeout }: RunOptions): StartSettings {
  const labels = label.map((pair): [string, string] => {
    const at = pair.indexOf('=')
    if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)]
    throw new CommandError({
      code: 'LABEL_SYNTAX',
      message: `--label ${pair}: expected key=value`,
      hint: 'for example: --label team=billing',
    })
  })
  const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout)
  if (timeout !== undefined && (timeoutMs === undefined || timeoutMs === 0 || timeoutMs > timeoutMsMax)) {
    const message = `--timeout ${timeout}: expected a duration from 1ms to 24d`
    throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'for example: --timeout 30m' })
  }
  return {
    labels: Object.fromEntries(labels),
    ...(id !== undefined && { idempotencyKey: id }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  }
}

interface AttachmentOptions {
  readonly screen: Screen
  readonly start: StartSettings
  /** The words after `segno`, for what can be typed again. */
  readonly argv: readonly string[]
}

interface Outcome {
  readonly ending: Ending
  readonly code: ExitCode
  readonly output?: Readonly<Record<string, Json>>
}

/** This process and the run that it started, until they part. */
class Attachment {
  readonly #session: Session
  readonly #options: AttachmentOptions
  readonly #progress: Progress
  readonly #streams: Streams
  readonly #reporter: Reporter
  readonly #engine: Engine
  #timedOut = false
  #early: string[] | undefined = []

  constructor(session: Session, options: AttachmentOptions) {
    const { workflow, file, config } = session
    const { screen } = options
    this.#session = session
    this.#options = options
    this.#progress = newProgress(workflow.definition)
    this.#engine = createEngine({
      ...(config.handlers && { handlers: config.handlers }),
      ...(config.storage && { storage: config.storage }),
      files: config.files ?? nodeFiles({ root: screen.cwd }),
      logger: this.#logger(),
    })
    this.#streams = takeStreams((text) => this.#stray(text))
    this.#reporter = createReporter(screen.mode, {
      ...{ look: screen.look, streams: this.#streams, progress: this.#progress },
      source: { file: file.shown, text: file.text, sourceMap: workflow.sourceMap },
      head: (progress) => this.#head(progress),
    })
  }

  async run(): Promise<ExitCode> {
    const interrupts = listenForInterrupts((code) => process.exit(code))
    try {
      const run = await this.#start()
      const first = await Promise.race([this.#attend(run), interrupts.first])
      const outcome = typeof first === 'number' ? await this.#interrupt(first) : first
      this.#reporter.stop()
      await this.#conclude(run, outcome)
      return outcome.code
    } finally {
      this.#releaseEarly()
      this.#reporter.stop()
      interrupts.off()
      this.#streams.restore()
      await this.#engine.close()
    }
  }

  async #start(): Promise<RunHandle> {
    const { labels, idempotencyKey } = this.#options.start
    try {
      return await this.#engine.start(this.#session.workflow, this.#session.input, {
        ...(Object.keys(labels).length > 0 && { labels }),
        ...(idempotencyKey !== undefined && { idempotencyKey }),
      })
    } catch (cause) {
      if (SegnoError.is(cause, 'INPUT_INVALID')) throw new CommandError(this.#complaints(cause), { cause })
      if (!SegnoError.is(cause, 'RUN_EXISTS')) throw cause
      const hint = 'give the same input, or another --id'
      const complaint = { code: 'RUN_EXISTS', message: cause.message, hint } as const
      throw new CommandError(complaint, { exitCode: exitCodes.conflict, cause })
    }
  }

  // The inputs were read before by the same rules; what is left is what was looked for and is not there.
  #complaints({ details }: SegnoError): readonly Complaint[] {
    return inputComplaints(this.#session.workflow.definition, details as readonly InputProblem[])
  }

  async #attend(run: RunHandle): Promise<Outcome> {
    const { timeoutMs } = this.#options.start
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#timeOut(run), timeoutMs)
    try {
      const followed = await follow(run, this.#progress, (event) => {
        this.#reporter.event(event)
        this.#releaseEarly()
      })
      return followed === 'ended' ? await this.#ended(run) : { ending: followed, code: exitCodes.waiting }
    } finally {
      clearTimeout(timer)
    }
  }

  async #ended(run: RunHandle): Promise<Outcome> {
    const result = await run.result()
    switch (result.status) {
      case 'completed':
        return { ending: 'completed', code: exitCodes.ok, output: result.output }
      case 'failed':
        return { ending: 'failed', code: exitCodes.runFailed }
      case 'cancelled':
        return this.#timedOut
          ? { ending: 'timed out', code: exitCodes.timedOut }
          : { ending: 'cancelled', code: exitCodes.cancelled }
      default:
        return result satisfies never
    }
  }

  #timeOut(run: RunHandle): void {
    this.#timedOut = true
    // A run that has ended meanwhile takes no cancel, and needs none.
    run.cancel({ reason: 'the time limit of --timeout passed', actor: 'segno run' }).catch((error: unknown) => {
      if (!SegnoError.is(error, 'RUN_CLOSED')) this.#reporter.text(`${String(error)}\n`)
    })
  }

  async #interrupt(code: ExitCode): Promise<Outcome> {
    if (!this.#isSilent) this.#stray('stopping: what runs has 5 s to end; again to stop at once\n')
    await this.#engine.close()
    return { ending: 'interrupted', code }
  }

  async #conclude(run: RunHandle, { ending, output }: Outcome): Promise<void> {
    const { screen, argv } = this.#options
    const { file, workflow, config } = this.#session
    if (!this.#isSilent || (screen.mode === 'quiet' && ending !== 'completed')) {
      const lines = epilogue(this.#progress, {
        ...screen.look,
        ...{ ending, color: screen.color, now: Date.now() },
        source: { file: file.shown, text: file.text, sourceMap: workflow.sourceMap },
        volatile: config.storage === undefined || config.storage.capabilities.durability === 'none',
        next: [['run it again', shellWords(['segno', ...argv])]],
      })
      this.#streams.stderr(`${lines.join('\n')}\n`)
    }
    const summary = process.env['GITHUB_STEP_SUMMARY']
    if (screen.mode === 'ci' && summary) appendFileSync(summary, ciSummary(this.#progress, file.shown))
    if (screen.json) {
      const status = await run.status()
      const document = runDocument(this.#progress, { status, ...(output && { output }) })
      this.#streams.stdout(`${JSON.stringify(document, null, 2)}\n`)
    } else if (output !== undefined && screen.mode !== 'ndjson') this.#streams.stdout(resultText(output))
  }

  // A handler may write before the first event has been read; the run is named first.
  #stray(text: string): void {
    if (this.#early === undefined) this.#reporter.text(text)
    else this.#early.push(text)
  }

  #releaseEarly(): void {
    const early = this.#early
    this.#early = undefined
    for (const text of early ?? []) this.#reporter.text(text)
  }

  get #isSilent(): boolean {
    const { mode } = this.#options.screen
    return mode === 'json' || mode === 'quiet' || mode === 'ndjson'
  }

  #head({ runId, counts }: Progress): string {
    const { screen } = this.#options
    const { file, config } = this.#session
    const steps = counts.pending === 1 ? '1 step' : `${counts.pending} steps`
    const durability = config.storage?.capabilities.durability ?? 'none'
    const kept = durability === 'none' ? 'kept in memory' : `durable (${durability})`
    return [`segno ${version}`, file.shown, runId, steps, kept].join(` ${screen.look.glyphs.dot} `)
  }

  #logger(): Logger {
    const { verbose } = this.#options.screen
    return {
      log: (level, message, details) => {
        if (!verbose && (level === 'debug' || (level === 'info' && this.#isSilent))) return
        const rest = verbose && details !== undefined ? `${message}  ${JSON.stringify(details)}` : message
        const word = level === 'info' ? 'log' : level
        this.#reporter.log(Date.now(), {
          path: pathIn(details),
          word,
          rest,
          style: level === 'info' ? 'dim' : 'yellow',
        })
      },
    }
  }
}

function pathIn(details: Json | undefined): string {
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return ''
  const { path } = details as { readonly path?: Json }
  return typeof path === 'string' ? path : ''
}
