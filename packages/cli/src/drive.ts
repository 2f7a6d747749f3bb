import { secretMasker, type Logger, type RunHandle } from '@segno/core'
import type { RunDocument } from '@segno/schema'
import type { Screen } from './common-options.ts'
import type { SegnoConfig } from './config.ts'
import { driveParents } from './drive-parents.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { Family, relativesOf } from './family.ts'
import { follow } from './follow.ts'
import { createHost, type Host } from './host.ts'
import { listenForInterrupts, stoppingText } from './interrupt.ts'
import { keep } from './keeper.ts'
import type { KnownRun, Lookup } from './known-run.ts'
import { nextCommands } from './next-commands.ts'
import { outcomeOf, type Outcome } from './outcome.ts'
import { newProgress, type Progress } from './progress/progress.ts'
import { readerGone } from './reader-gone.ts'
import { runDocument } from './run-document.ts'
import { epilogue } from './screen/epilogue.ts'
import { plainLog } from './screen/plain.ts'
import { runLog, textIn } from './screen/run-log.ts'
import { takeStreams, type Streams } from './screen/streams.ts'
import { excerptOf } from './step-output.ts'

/** What is done to some runs. */
export interface DriveOptions {
  readonly lookup: Lookup
  /** Tells a run what it is to do, before it is taken up. */
  readonly act: (run: RunHandle) => Promise<void>
  /** The exit code for where the command leaves a run. */
  readonly codeOf: (outcome: Outcome) => ExitCode
  /** Whether the runs that they have started are taken up with them. */
  readonly withStarted: boolean
  /** Of runs that others drive: they are part of the result. */
  readonly also?: readonly RunDocument[]
}

/** Drives runs side by side to where each ends or rests, and tells of each as it gets there. */
export async function drive(runs: readonly KnownRun[], options: DriveOptions): Promise<ExitCode> {
  const fleet = new Fleet(runs, options)
  const interrupts = listenForInterrupts((code) => process.exit(code))
  const reader = readerGone()
  const stop = Promise.race([interrupts.first, reader.gone.then(() => exitCodes.waiting)])
  void stop.then((code) => fleet.stop(code))
  try {
    const settled = await Promise.all(runs.map((run) => fleet.drive(run, stop)))
    await fleet.print(settled)
    return settled.map(({ outcome }) => options.codeOf(outcome)).find((code) => code !== exitCodes.ok) ?? exitCodes.ok
  } finally {
    interrupts.off()
    reader.off()
    await fleet.close()
  }
}

interface Settled {
  readonly run: RunHandle
  readonly progress: Progress
  readonly outcome: Outcome
}

/** The hosts that drive some runs: one for each configuration. */
class Fleet {
  readonly #options: DriveOptions
  readonly #screen: Screen
  readonly #hosts = new Map<SegnoConfig, Host>()
  readonly #streams: Streams
  readonly #masker = secretMasker()
  readonly #complaints = new Map<string, string>()
  readonly #driven: Set<string>

  constructor(runs: readonly KnownRun[], options: DriveOptions) {
    this.#options = options
    this.#driven = new Set(runs.map(({ row }) => row.runId))
    this.#screen = options.lookup.screen
    this.#streams = takeStreams((text) => this.#streams.stderr(this.#masker.text(text)))
  }

  async drive(known: KnownRun, stop: Promise<ExitCode>): Promise<Settled> {
    const { act, lookup } = this.#options
    const host = this.#hostOf(known)
    const { engine } = host
    const run = engine.run(known.row.runId)
    const progress = newProgress(known.workflow.definition)
    await act(run)
    const { storage } = lookup.store
    const family = new Family(storage, progress)
    const why = (runId: string): string | undefined => this.#complaints.get(runId)
    const keeper = await keep({ engine, storage, runId: run.id, why, withStarted: this.#options.withStarted })
    try {
      const followed = follow(run, { progress, family }, (event) => {
        if (this.#screen.mode === 'ndjson' && event.seq > known.row.head)
          this.#streams.stdout(`${JSON.stringify(event)}\n`)
      })
      const first = await Promise.race([followed, keeper.failed, stop])
      const outcome: Outcome =
        typeof first === 'number'
          ? { ending: first === exitCodes.waiting ? 'let go' : 'interrupted', code: first }
          : await outcomeOf(run, first)
      // What comes until then is recorded, and told by the next one who looks.
      if (typeof first === 'number') await host.close()
      const parent = await this.#tell(known, { run, progress, family, outcome })
      // Those that are driven side by side go on by themselves.
      if (typeof first !== 'number' && parent !== undefined && !this.#driven.has(parent)) {
        this.#driven.add(parent)
        await driveParents(parent, {
          ...{ engine, screen: this.#screen, store: lookup.store, same: lookup.same, why, stop },
          ...(!this.#isSilent && { write: (text: string) => this.#streams.stderr(text) }),
        })
      }
      return { run, progress, outcome }
    } finally {
      keeper.stop()
    }
  }

  /** The result, where it is one document. */
  async print(settled: readonly Settled[]): Promise<void> {
    if (!this.#screen.json) return
    const ours = settled.map(async ({ run, progress, outcome: { output } }) =>
      runDocument(progress, { status: await run.status(), ...(output && { output }) }),
    )
    const runs = [...(await Promise.all(ours)), ...(this.#options.also ?? [])]
    this.#streams.stdout(`${JSON.stringify({ v: 1, runs }, null, 2)}\n`)
  }

  async stop(code: ExitCode): Promise<void> {
    if (code !== exitCodes.waiting) this.#streams.stderr(stoppingText)
    await this.close()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#hosts.values()].map((host) => host.close()))
    this.#streams.restore()
  }

  #hostOf({ config, workspace }: KnownRun): Host {
    const known = this.#hosts.get(config)
    if (known !== undefined) return known
    const { store } = this.#options.lookup
    const host = createHost({ store, config, workspace, logger: this.#logger(), masker: this.#masker })
    this.#hosts.set(config, host)
    return host
  }

  #logger(): Logger {
    const { look, verbose } = this.#screen
    const lines = plainLog(look, { lists: new Map(), head: () => '' })
    const { log } = runLog((at, line) => this.#streams.stderr(`${lines.line(at, line)}\n`), { verbose, silent: true })
    return {
      log: (level, message, details) => {
        if (level === 'warn') this.#complaints.set(textIn(details, 'runId'), `${message}: ${textIn(details, 'error')}`)
        log(level, message, details)
      },
    }
  }

  async #tell(
    { workflow }: KnownRun,
    { run, progress, family, outcome: { ending } }: Settled & { readonly family: Family },
  ): Promise<string | undefined> {
    const { mode, look, color, cwd } = this.#screen
    const { store, same } = this.#options.lookup
    const { volatile } = store
    const { parent, ...relatives } = await relativesOf(run.id, { progress, family, store })
    if (this.#isSilent && !(mode === 'quiet' && ending === 'failed')) return parent
    const lines = epilogue(progress, {
      ...look,
      ...{ ending, color, now: Date.now(), volatile },
      ...(workflow.source && { source: workflow.source }),
      open: relatives.open,
      next: nextCommands(progress, { ending, volatile, same, ...relatives }),
      excerpt: excerptOf(store.evidence, run.id, cwd),
    })
    this.#streams.stderr(`${lines.join('\n')}\n`)
    return parent
  }

  get #isSilent(): boolean {
    const { mode } = this.#screen
    return mode === 'json' || mode === 'ndjson' || mode === 'quiet'
  }
}
