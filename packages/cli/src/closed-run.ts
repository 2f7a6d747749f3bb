import type { RunRow } from '@segno/core'
import { CommandError } from './command-error.ts'
import { originOf } from './run-origin.ts'
import { shellWords } from './shell-words.ts'
import { shownPath } from './workflow-file.ts'

/**
 * What refuses a command to a run that has ended. What it did stays as it is:
 * whoever wants to go on from there starts a new run.
 */
export function closedRun(row: RunRow, same: readonly string[], cwd: string): CommandError {
  const { runId, status } = row
  const { path } = originOf(row)
  const message = `${runId} has ${status === 'cancelled' ? 'been cancelled' : status}: an ended run is closed for good`
  const file = path === undefined ? '<file>' : shownPath(path, cwd)
  const lines = [
    ['what became of it:', ['show', runId, ...same]],
    ['a new run:', ['run', file, ...same]],
  ] as const
  const hint = lines.map(([what, words]) => `${what.padEnd(18)}  segno ${shellWords(words)}`).join('\n')
  return new CommandError({ code: 'RUN_CLOSED', message, hint })
}
