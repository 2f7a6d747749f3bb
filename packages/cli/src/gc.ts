import { isTerminal, type RunRow } from '@segno/core'
import { parseDuration } from '@segno/schema'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { everyRun } from './find-run.ts'
import { withStore } from './known-run.ts'
import { ago } from './screen/took.ts'

/** The options of `segno gc`, as commander gives them. */
export interface GcOptions extends StoreCommandOptions {
  readonly keep?: string
  readonly olderThan?: string
  readonly dryRun?: boolean
}

/** Deletes runs that have ended, with all that belongs to them. A run that may go on is never deleted. */
export function gcCommand(options: GcOptions): Promise<ExitCode> {
  const rule = ruleOf(options)
  return withStore(options, process.stdout, async ({ store, screen }) => {
    const now = Date.now()
    const rows: RunRow[] = []
    for await (const row of everyRun(store.storage, {})) rows.push(row)
    const doomed = doomedOf(rows, rule, now)
    const gone: RunRow[] = []
    for (const row of doomed) {
      if (options.dryRun === true || (await store.storage.delete(row.runId))) gone.push(row)
    }
    if (screen.json) {
      const runs = gone.map(({ runId, workflow, status }) => ({ runId, workflow, status }))
      process.stdout.write(`${JSON.stringify({ v: 1, deleted: options.dryRun !== true, runs }, null, 2)}\n`)
      return exitCodes.ok
    }
    for (const { runId, workflow, status, updatedAt } of gone)
      process.stdout.write(`${runId}  ${workflow}  ${status}  ${ago(now - updatedAt)}\n`)
    const count = gone.length === 1 ? '1 run' : `${gone.length} runs`
    process.stderr.write(
      `${count} ${options.dryRun === true ? 'would be deleted from' : 'deleted from'} ${store.shown}\n`,
    )
    return exitCodes.ok
  })
}

// A run that another one started goes with that one: as long as that goes on, it may ask again what became of this.
function doomedOf(rows: readonly RunRow[], { keep, olderThanMs }: Rule, now: number): readonly RunRow[] {
  const byId = new Map(rows.map((row) => [row.runId, row]))
  const doomed = new Set<RunRow>()
  let ended = 0
  const starters = (row: RunRow): number => {
    const parent = byId.get(row.parent?.runId ?? '')
    return parent === undefined ? 0 : 1 + starters(parent)
  }
  // Whoever starts a run is judged before it.
  for (const row of rows.toSorted((one, other) => starters(one) - starters(other))) {
    if (!isTerminal(row.status)) continue
    const parent = byId.get(row.parent?.runId ?? '')
    if (parent === undefined) ended++
    const isKept = parent === undefined ? ended <= keep : !doomed.has(parent)
    if (!isKept && now - row.updatedAt >= olderThanMs) doomed.add(row)
  }
  return [...doomed]
}

interface Rule {
  /** How many of the newest ended runs stay whatever their age is. */
  readonly keep: number
  readonly olderThanMs: number
}

function ruleOf({ keep, olderThan }: GcOptions): Rule {
  if (keep === undefined && olderThan === undefined) {
    const hint = 'for example: segno gc --keep 30 --older-than 14d --dry-run'
    throw new CommandError({ code: 'USAGE', message: 'nothing says which runs to delete', hint })
  }
  const count = keep === undefined ? 0 : Number(keep)
  if (keep === '' || !Number.isSafeInteger(count) || count < 0) {
    const message = `--keep ${keep}: expected a whole number from 0`
    throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'for example: --keep 30' })
  }
  const olderThanMs = olderThan === undefined ? 0 : parseDuration(olderThan)
  if (olderThanMs === undefined) {
    const message = `--older-than ${olderThan}: expected a duration`
    throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'for example: --older-than 14d' })
  }
  return { keep: count, olderThanMs }
}
