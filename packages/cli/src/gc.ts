import { createEngine, type RetainOptions } from '@segno/core'
import { parseDuration } from '@segno/schema'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
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
    const dryRun = options.dryRun === true
    await using engine = createEngine({ storage: store.storage })
    const gone = await engine.retain({ ...rule, dryRun })
    if (screen.json) {
      const runs = gone.map(({ runId, workflow, status }) => ({ runId, workflow, status }))
      process.stdout.write(`${JSON.stringify({ v: 1, deleted: !dryRun, runs }, null, 2)}\n`)
      return exitCodes.ok
    }
    for (const { runId, workflow, status, updatedAt } of gone)
      process.stdout.write(`${runId}  ${workflow}  ${status}  ${ago(now - updatedAt)}\n`)
    const count = gone.length === 1 ? '1 run' : `${gone.length} runs`
    process.stderr.write(`${count} ${dryRun ? 'would be deleted from' : 'deleted from'} ${store.shown}\n`)
    return exitCodes.ok
  })
}

function ruleOf({ keep, olderThan }: GcOptions): RetainOptions {
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
  return { keep: count, endedForMs: olderThanMs }
}
