import { isTerminal, type RunRow } from '@segno/core'
import { attach } from './attach.ts'
import { closedRun } from './closed-run.ts'
import { CommandError } from './command-error.ts'
import { carryOut, type ActOptions } from './act-on-run.ts'
import type { ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { enterWorkspace, knownRun, readProgress, withStore, type KnownRun, type Lookup } from './known-run.ts'
import type { Progress } from './progress/progress.ts'
import { stepAt } from './progress/rows.ts'

/** The options of `segno retry`, as commander gives them. */
export interface RetryOptions extends ActOptions {
  readonly step?: string
  readonly downstream?: boolean
}

/**
 * Makes what blocks a run try again, and shows the run as `segno run` does. A run
 * that failed or was cancelled begins again as a new one, which reuses what completed.
 */
export function retryCommand(given: string, options: RetryOptions): Promise<ExitCode> {
  return withStore(options, process.stderr, async (lookup) => {
    const row = await findRun(lookup.store, given)
    if (row.status === 'completed') throw closedRun(row, lookup.same, lookup.screen.cwd)
    const run = await knownRun(row, lookup, options)
    if (isTerminal(row.status)) return begunAgain(run, lookup, options)
    const path = blockedPath(row, await readProgress(row, run.workflow, lookup.store.storage), options.step)
    const { reason, downstream } = options
    const by = { actor: 'segno retry', ...(reason !== undefined && { reason }) }
    const retry = { ...by, ...(path !== undefined && { path }), ...(downstream === true && { downstream }) }
    return carryOut(run, lookup, options, { what: 'retry', act: (handle) => handle.retry(retry) })
  })
}

function begunAgain(run: KnownRun, lookup: Lookup, { step }: RetryOptions): Promise<ExitCode> {
  const { runId, status } = run.row
  if (step !== undefined) {
    const message = `${runId} has ${status === 'failed' ? 'failed' : 'been cancelled'}: it begins again as a whole, without --step`
    const hint = 'what completed is not done again'
    throw new CommandError({ code: 'OPTION_INVALID', message, hint })
  }
  enterWorkspace(run)
  return attach({ ...lookup, ...run, begin: (engine) => engine.fork(runId) })
}

/** The path that the run knows a blocked step by; `undefined` for all of them. */
function blockedPath({ runId, status }: RunRow, progress: Progress, step: string | undefined): string | undefined {
  const blocked = [...progress.live].filter((one) => one.status === 'blocked')
  const found = blocked.find((one) => one.path === step || one.occurrence === step)
  if (step === undefined ? blocked.length > 0 || progress.held !== undefined : found !== undefined) {
    return found?.occurrence ?? found?.path
  }
  // One that has failed and was passed over may be done again; the run says whether.
  const failed = step === undefined ? undefined : stepAt(progress, step)
  if (failed?.status === 'failed') return failed.occurrence ?? failed.path
  const message =
    step === undefined ? `${runId} is ${status}, and nothing of it is blocked` : `${step} of ${runId} is not blocked`
  const paths = blocked.map(({ path }) => path).join(', ')
  const hint = blocked.length > 0 ? `blocked: ${paths}` : `segno resume ${runId} goes on with it`
  throw new CommandError({ code: 'NOTHING_BLOCKED', message, hint })
}
