import { createEngine, isTerminal, type RunHandle, type RunRow } from '@segno/core'
import type { RunDocument } from '@segno/schema'
import { closedRun } from './closed-run.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { drive } from './drive.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { enterCommonWorkspace, knownRun, readProgress, withStore, type KnownRun, type Lookup } from './known-run.ts'
import type { Outcome } from './outcome.ts'
import { driverOf, ownerText } from './owner.ts'
import { runDocument } from './run-document.ts'
import { shellWords } from './shell-words.ts'

/** The options of `segno pause`, as commander gives them. */
export interface PauseOptions extends StoreCommandOptions {
  readonly wait?: boolean
}

/** The options of `segno cancel`, as commander gives them. */
export interface CancelOptions extends PauseOptions {
  readonly reason?: string
  readonly force?: boolean
}

/** Makes runs start nothing new until they are resumed. */
export function pauseCommand(given: readonly string[], options: PauseOptions): Promise<ExitCode> {
  const act = (run: RunHandle): Promise<void> => run.pause({ actor: 'segno pause' })
  return operate(given, options, { what: 'pause', wanted: 'paused', withStarted: false, act })
}

/** Makes runs end without going on: what runs is stopped, `finally` still runs. */
export function cancelCommand(given: readonly string[], options: CancelOptions): Promise<ExitCode> {
  const { reason, force } = options
  const more = { ...(reason !== undefined && { reason }), ...(force === true && { force }) }
  const act = (run: RunHandle): Promise<void> => run.cancel({ actor: 'segno cancel', ...more })
  return operate(given, options, { what: 'cancel', wanted: 'cancelled', withStarted: true, act })
}

interface Operation {
  readonly what: 'pause' | 'cancel' | 'retry' | 'skip' | 'override' | 'raise'
  /** How the runs stand once it is done. */
  readonly wanted: 'paused' | 'cancelled'
  /** Whether the runs that they have started have to be driven for it. */
  readonly withStarted: boolean
  readonly act: (run: RunHandle) => Promise<void>
}

function operate(given: readonly string[], options: PauseOptions, operation: Operation): Promise<ExitCode> {
  return withStore(options, process.stderr, async (lookup) => {
    const rows: RunRow[] = []
    for (const one of new Set(given)) rows.push(await findRun(lookup.store, one))
    const open = rows.filter((row) => isOpen(row, operation, lookup))
    const runs = await Promise.all(open.map((row) => knownRun(row, lookup, options)))
    const wait = options.wait === true
    return handOver(runs, lookup, { ...operation, wait })
  })
}

// What is as it is wanted needs nothing more; what has ended otherwise takes nothing more.
function isOpen(row: RunRow, { wanted }: Operation, { same, screen }: Lookup): boolean {
  if (row.status !== wanted) {
    if (isTerminal(row.status)) throw closedRun(row, same, screen.cwd)
    return true
  }
  process.stderr.write(`${row.runId} is ${wanted} already\n`)
  return false
}

/** Sends a command to runs: whoever drives one does it; where nobody does, this process drives it until it rests. */
export async function handOver(
  runs: readonly KnownRun[],
  lookup: Lookup,
  {
    what,
    wanted,
    withStarted,
    act,
    wait,
  }: Omit<Operation, 'wanted'> & Partial<Pick<Operation, 'wanted'>> & { wait: boolean },
): Promise<ExitCode> {
  const told = wait ? [] : runs.filter(({ row }) => driverOf(row) !== undefined)
  const ours = runs.filter((run) => !told.includes(run))
  for (const run of told) await tell(run, lookup, { what, act })
  const here = enterCommonWorkspace(ours, lookup.screen.cwd)
  const also = lookup.screen.json ? await Promise.all(told.map((run) => documentOf(run, lookup))) : []
  const codeOf = ({ ending, code }: Outcome): ExitCode => (ending === wanted ? exitCodes.ok : code)
  const code = await drive(here, { lookup, act, codeOf, withStarted, also })
  return code === exitCodes.ok && here.length < ours.length ? exitCodes.waiting : code
}

async function tell(
  { row }: KnownRun,
  { store, screen, same }: Lookup,
  { what, act }: Pick<Operation, 'what' | 'act'>,
): Promise<void> {
  const driver = driverOf(row)
  // An engine that drives nothing: it only carries the message.
  await using engine = createEngine({ storage: store.storage })
  await act(engine.run(row.runId))
  if (screen.json || screen.mode === 'quiet' || driver === undefined) return
  const show = shellWords(['segno', 'show', row.runId, ...same])
  process.stderr.write(`${row.runId}: ${ownerText(driver)} is told to ${what} it; ${show} tells what came of it\n`)
}

async function documentOf({ row, workflow }: KnownRun, { store }: Lookup): Promise<RunDocument> {
  return runDocument(await readProgress(row, workflow, store.storage), { status: row.status })
}
