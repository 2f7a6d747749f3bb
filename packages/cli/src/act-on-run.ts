import { isTerminal, type RunHandle } from '@segno/core'
import { attach } from './attach.ts'
import { closedRun } from './closed-run.ts'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import type { ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { enterWorkspace, knownRun, readProgress, withStore, type KnownRun, type Lookup } from './known-run.ts'
import { handOver } from './operate.ts'
import { driverOf } from './owner.ts'
import type { Progress } from './progress/progress.ts'

/** Options of the commands by which people decide about what a run cannot. */
export interface ActOptions extends StoreCommandOptions {
  readonly reason?: string
  readonly wait?: boolean
}

/** What is done to a run. */
export interface Act {
  readonly what: 'retry' | 'skip' | 'override' | 'raise'
  readonly act: (run: RunHandle) => Promise<void>
}

/**
 * Does something to a run that has not ended: whoever drives it does it, and
 * where nobody does, this process drives it and shows it as `segno run` does.
 */
export function actOnRun(given: string, options: ActOptions, actOf: (progress: Progress) => Act): Promise<ExitCode> {
  return withStore(options, process.stderr, async (lookup) => {
    const row = await findRun(lookup.store, given)
    if (isTerminal(row.status)) throw closedRun(row, lookup.same, lookup.screen.cwd)
    const run = await knownRun(row, lookup, options)
    return carryOut(run, lookup, options, actOf(await readProgress(row, run.workflow, lookup.store.storage)))
  })
}

/** Has it done by whoever drives the run, or here. */
export async function carryOut(
  run: KnownRun,
  lookup: Lookup,
  { wait }: Pick<ActOptions, 'wait'>,
  { what, act }: Act,
): Promise<ExitCode> {
  const { row } = run
  if (driverOf(row) !== undefined) return handOver([run], lookup, { wait: wait === true, what, withStarted: true, act })
  enterWorkspace(run)
  return attach({
    ...lookup,
    ...run,
    told: row.head,
    begin: async (engine) => {
      const handle = engine.run(row.runId)
      await act(handle)
      return handle
    },
  })
}

/** The path that a run knows a step by that waits or is blocked. */
export function openPath({ live, runId }: Progress, step: string): string {
  const open = [...live].filter(({ status }) => status === 'blocked' || status === 'waiting' || status === 'retrying')
  const found = open.find((one) => one.path === step || one.occurrence === step)
  if (found !== undefined) return found.occurrence ?? found.path
  const paths = open.map(({ path, occurrence }) => occurrence ?? path).join(', ')
  const message = `${step} of ${runId} does not wait, and is not blocked`
  const hint = paths === '' ? `segno show ${runId} tells how it stands` : `waiting or blocked: ${paths}`
  throw new CommandError({ code: 'NOTHING_BLOCKED', message, hint })
}
