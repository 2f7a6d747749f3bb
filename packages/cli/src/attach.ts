import { appendFileSync } from 'node:fs'
import { secretMasker, SegnoError, type Engine, type RunHandle } from '@segno/core'
import type { Screen } from './common-options.ts'
import type { SegnoConfig } from './config.ts'
import { driveParents } from './drive-parents.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { Family, relativesOf } from './family.ts'
import { follow } from './follow.ts'
import { createHost, type Host } from './host.ts'
import { listenForInterrupts, stoppingText } from './interrupt.ts'
import { keep, type Keeper } from './keeper.ts'
import { nextCommands } from './next-commands.ts'
import { outcomeOf, type Outcome } from './outcome.ts'
import { newProgress, type Progress } from './progress/progress.ts'
import { readerGone } from './reader-gone.ts'
import { runDocument } from './run-document.ts'
import type { KnownWorkflow } from './run-origin.ts'
import { ciSummary } from './screen/ci.ts'
import { epilogue } from './screen/epilogue.ts'
import { createReporter, type Reporter } from './screen/reporter.ts'
import { resultText } from './screen/result-text.ts'
import { runLog, textIn } from './screen/run-log.ts'
import { takeStreams, type Streams } from './screen/streams.ts'
import { excerptOf, liveTail } from './step-output.ts'
import type { Store } from './store.ts'
import { version } from './version.ts'

/** What a command needs to stay with a run. */
export interface AttachOptions {
  readonly screen: Screen
  readonly store: Store
  readonly config: SegnoConfig
  /** Where processes and handlers work. */
  readonly workspace: string
  readonly workflow: KnownWorkflow
  /** Starts the run, or tells it what it is to do. */
  readonly begin: (engine: Engine) => Promise<RunHandle>
  /** `seq` of the last event that was there before: it is not told again. */
  readonly told?: number
  readonly timeoutMs?: number
  /** The words after `segno` that started the run. */
  readonly started?: readonly string[]
  /** Options that lead later commands to the same run. */
  readonly same: readonly string[]
}

/** Drives a run, shows it until it ends or rests, and ends with the code that says how it stands then. */
export function attach(options: AttachOptions): Promise<ExitCode> {
  return new Attachment(options).run()
}

/** This process and one run, until they part. */
class Attachment {
  readonly #options: AttachOptions
  readonly #progress: Progress
  readonly #family: Family
  readonly #streams: Streams
  readonly #reporter: Reporter
  readonly #host: Host
  #timedOut = false
  /** Whether the run has been left, and its screen with it. */
  #isOver = false
  #complaint: string | undefined
  #early: string[] | undefined = []

  constructor(options: AttachOptions) {
    const { screen, store, config, workspace, workflow } = options
    this.#options = options
    this.#progress = newProgress(workflow.definition)
    this.#family = new Family(store.storage, this.#progress)
    const { log } = runLog((at, line) => this.#reporter.log(at, line), {
      verbose: screen.verbose,
      silent: this.#isSilent,
    })
    const masker = secretMasker()
    this.#host = createHost({
      ...{ store, config, workspace, masker },
      logger: {
        log: (level, message, details) => {
          if (level === 'warn') this.#complaint = `${message}: ${textIn(details, 'error')}`
          log(level, message, details)
        },
      },
    })
    this.#streams = takeStreams((text) => this.#stray(masker.text(text)))
    this.#reporter = createReporter(screen.mode, {
      ...{ look: screen.look, streams: this.#streams, progress: this.#progress },
      ...{ title: workflow.title, source: workflow.source },
      head: (progress) => this.#head(progress),
      tail: liveTail(store.evidence, () => this.#progress.runId),
    })
  }

  async run(): Promise<ExitCode> {
    const interrupts = listenForInterrupts((code) => process.exit(code))
    const reader = readerGone()
    let keeper: Keeper | undefined
    try {
      const { engine } = this.#host
      const run = await this.#options.begin(engine)
      const { storage } = this.#options.store
      keeper = await keep({ engine, storage, runId: run.id, why: () => this.#complaint, withStarted: true })
      const left = this.#options.store.volatile ? [] : [reader.gone.then(() => exitCodes.waiting)]
      const first = await Promise.race([this.#attend(run), keeper.failed, interrupts.first, ...left])
      keeper.stop()
      const outcome = typeof first === 'number' ? await this.#stop(first) : first
      this.#reporter.stop()
      const parent = await this.#conclude(run, outcome)
      if (parent === undefined || typeof first === 'number') return outcome.code
      return (await this.#goOnWith(parent, Promise.race([interrupts.first, ...left]))) ?? outcome.code
    } finally {
      keeper?.stop()
      this.#releaseEarly()
      this.#reporter.stop()
      interrupts.off()
      reader.off()
      this.#streams.restore()
      await this.#host.close()
    }
  }

  async #attend(run: RunHandle): Promise<Outcome> {
    const { timeoutMs, told = 0, screen } = this.#options
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => this.#timeOut(run), timeoutMs)
    try {
      const followed = await follow(run, { progress: this.#progress, family: this.#family }, (event) => {
        // A log of a run that goes on begins with its head, as that of a new one.
        const isHead = event.type === 'run.created' && screen.mode !== 'ndjson'
        if (event.seq > told || isHead) this.#reporter.event(event)
        this.#releaseEarly()
      })
      const outcome = await outcomeOf(run, followed)
      if (outcome.ending !== 'cancelled' || !this.#timedOut) return outcome
      return { ending: 'timed out', code: exitCodes.timedOut }
    } finally {
      clearTimeout(timer)
    }
  }

  #timeOut(run: RunHandle): void {
    this.#timedOut = true
    // A run that has ended meanwhile takes no cancel, and needs none.
    run.cancel({ reason: 'the time limit of --timeout passed', actor: 'segno run' }).catch((error: unknown) => {
      if (!SegnoError.is(error, 'RUN_CLOSED')) this.#reporter.text(`${String(error)}\n`)
    })
  }

  // Nothing is cancelled or recorded: the run goes on from here with whoever takes it up.
  async #stop(code: ExitCode): Promise<Outcome> {
    const letGo = code === exitCodes.waiting
    if (!letGo && !this.#isSilent) this.#stray(stoppingText)
    await this.#host.close()
    return { ending: letGo ? 'let go' : 'interrupted', code }
  }

  /** The run that waits for this one goes on here, with no more on the screen than its last words. */
  #goOnWith(parent: string, stop: Promise<ExitCode>): Promise<ExitCode | undefined> {
    const { screen, store, same } = this.#options
    this.#isOver = true
    return driveParents(parent, {
      ...{ engine: this.#host.engine, screen, store, same, stop, why: () => this.#complaint },
      ...(!this.#isSilent && { write: (text: string) => this.#streams.stderr(text) }),
    })
  }

  /** Says the last words, and gives the id of the run that waits for this one. */
  async #conclude(run: RunHandle, { ending, output }: Outcome): Promise<string | undefined> {
    const { screen, workflow, store, started, same } = this.#options
    const { parent, ...relatives } = await relativesOf(run.id, {
      ...{ progress: this.#progress, family: this.#family, store },
    })
    if (!this.#isSilent || (screen.mode === 'quiet' && ending !== 'completed')) {
      const { volatile } = store
      const lines = epilogue(this.#progress, {
        ...screen.look,
        ...{ ending, color: screen.color, now: Date.now(), volatile },
        ...(workflow.source && { source: workflow.source }),
        open: relatives.open,
        next: nextCommands(this.#progress, { ending, volatile, same, ...relatives, ...(started && { started }) }),
        excerpt: excerptOf(store.evidence, run.id, screen.cwd),
      })
      this.#streams.stderr(`${lines.join('\n')}\n`)
    }
    const summary = process.env['GITHUB_STEP_SUMMARY']
    if (screen.mode === 'ci' && summary) appendFileSync(summary, ciSummary(this.#progress, workflow.title))
    if (screen.json) {
      const status = await run.status()
      const document = runDocument(this.#progress, { status, ...(output && { output }) })
      this.#streams.stdout(`${JSON.stringify(document, null, 2)}\n`)
    } else if (output !== undefined && screen.mode !== 'ndjson') this.#streams.stdout(resultText(output))
    return parent
  }

  // A handler may write before the first event has been read; the run is named first.
  #stray(text: string): void {
    if (this.#isOver) this.#streams.stderr(text)
    else if (this.#early === undefined) this.#reporter.text(text)
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
    const { screen, workflow, store } = this.#options
    const steps = counts.pending === 1 ? '1 step' : `${counts.pending} steps`
    const kept = store.volatile ? 'kept in memory' : `store ${store.shown}`
    return [`segno ${version}`, workflow.title, runId, steps, kept].join(` ${screen.look.glyphs.dot} `)
  }
}
