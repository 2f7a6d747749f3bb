import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createEngine, isTerminal, type RunRow } from '@segno/core'
import type { Definition, Json } from '@segno/schema'
import { closedRun } from './closed-run.ts'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { readProgress, withStore, type Lookup } from './known-run.ts'
import { driverOf, ownerText } from './owner.ts'
import type { Progress } from './progress/progress.ts'
import type { DeclaredStep } from './progress/step-index.ts'
import { shellWords } from './shell-words.ts'
import { signalNames } from './signal-names.ts'

/** The options of `segno signal`, as commander gives them. */
export interface SignalOptions extends StoreCommandOptions {
  readonly data?: string
  readonly dataFile?: string
  readonly id?: string
}

/** Sends a signal to a run. Whoever drives the run takes it in; where nobody does, it is kept until somebody does. */
export function signalCommand(given: string, name: string, options: SignalOptions): Promise<ExitCode> {
  const data = readData(options, process.cwd())
  return withStore(options, process.stderr, async (lookup) => {
    const { store, screen, same } = lookup
    const row = await findRun(store, given)
    if (isTerminal(row.status)) throw closedRun(row, same, screen.cwd)
    const { id } = options
    const definition = await store.storage.getPlan(row.plan)
    const doubts =
      definition === undefined ? [] : doubtsOf(name, await readProgress(row, { definition }, store.storage), definition)
    // An engine that drives nothing: it only carries the message.
    await using engine = createEngine({ storage: store.storage })
    const sent = { sender: 'segno signal', ...(id !== undefined && { id }) }
    const outcome = await engine.run(row.runId).signal(name, data, sent)
    if (screen.json) {
      const document = { v: 1, runId: row.runId, signal: name, ...(id !== undefined && { id }), outcome }
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    } else if (screen.mode !== 'quiet') {
      for (const line of linesOf({ row, name, outcome, doubts }, lookup)) process.stderr.write(`${line}\n`)
    }
    return exitCodes.ok
  })
}

interface Sent {
  readonly row: RunRow
  readonly name: string
  readonly outcome: 'accepted' | 'duplicate'
  readonly doubts: readonly string[]
}

function linesOf({ row, name, outcome, doubts }: Sent, { same }: Lookup): readonly string[] {
  const { runId, status } = row
  if (outcome === 'duplicate') return [`${runId} has a signal of this id already: nothing was sent`]
  const driver = driverOf(row)
  if (driver !== undefined) {
    const show = shellWords(['segno', 'show', runId, ...same])
    return [...doubts, `${runId}: ${ownerText(driver)} is sent the signal ${name}; ${show} tells what came of it`]
  }
  // A process that waits with the run holds no lease meanwhile: from here nobody can tell whether there is one.
  const [what, when] =
    status === 'paused'
      ? ['the run is paused', 'go on']
      : ['a process that waits with the run takes it in', 'if none does']
  const resume = shellWords(['segno', 'resume', runId, ...same])
  return [...doubts, `${runId}: the signal ${name} is kept; ${what}`, `  ${when}  ${resume}`]
}

// A signal that nobody waits for is kept all the same: more often than not it is a slip of the pen.
function doubtsOf(name: string, { live }: Progress, definition: Definition): readonly string[] {
  const names = signalNames(definition)
  if (names === undefined) return []
  if (names.has(name)) {
    if ([...live].some(({ signals = [] }) => signals.includes(name))) return []
    return [...live].flatMap(({ path, status, state, declared }) =>
      status === 'waiting' && state !== undefined && takesElsewhere(declared, name)
        ? [`warning: ${path} is in ${state.name}, which does not take ${name}: there, it is ignored`]
        : [],
    )
  }
  const what = names.size === 0 ? 'waits for no signal' : `waits for ${[...names].join(', ')}, never for ${name}`
  return [`warning: ${definition.name} ${what}`]
}

// A machine drops what only another state of it names.
function takesElsewhere({ exits = new Map() }: Partial<DeclaredStep> = {}, name: string): boolean {
  return [...exits.values()].some(({ signals }) => signals.includes(name))
}

function readData({ data, dataFile }: SignalOptions, cwd: string): Json {
  if (data !== undefined && dataFile !== undefined) {
    const message = '--data and --data-file are given, and a signal has one piece of data'
    throw new CommandError({ code: 'USAGE', message, hint: 'leave one of them out' })
  }
  if (dataFile !== undefined) return parsed(textOf(dataFile, cwd), `--data-file ${dataFile}`)
  return data === undefined ? null : parsed(data, '--data')
}

function textOf(file: string, cwd: string): string {
  try {
    return readFileSync(file === '-' ? 0 : resolve(cwd, file), 'utf8')
  } catch (cause) {
    const message = `--data-file ${file}: ${reasonOf(cause)}`
    const hint = 'the path is relative to the working folder; - reads standard input'
    const code = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE'
    throw new CommandError({ code, message, hint }, { cause })
  }
}

function parsed(text: string, flag: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    const hint = `for example: --data '{"by": "Ada"}', and a text in quotes of its own: --data '"yes"'`
    throw new CommandError(
      { code: 'DATA_INVALID', message: `${flag}: expected JSON: ${reasonOf(cause)}`, hint },
      { cause },
    )
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
