import { isTerminal, type RunFilter, type RunRow, type Storage } from '@segno/core'
import { CommandError } from './command-error.ts'
import { exitCodes } from './exit-code.ts'
import { shownStatus } from './shown-status.ts'
import type { Store } from './store.ts'
import { ago } from './screen/took.ts'

/** The run that somebody means: by its id, a unique beginning of it, `@last` or `@last-failed`. */
export async function findRun({ storage, shown }: Store, given: string): Promise<RunRow> {
  if (given.startsWith('@')) return aliased(storage, given, shown)
  const exact = runId.test(given) ? await storage.row(given) : undefined
  if (exact !== undefined) return exact
  const all: RunRow[] = []
  for await (const row of everyRun(storage, {})) all.push(row)
  const beginnings = [given, `run_${given}`, `sub_${given}`]
  const found = all.filter((row) => beginnings.some((beginning) => row.runId.startsWith(beginning)))
  const [first] = found
  if (first !== undefined && found.length === 1) return first
  if (first === undefined) throw notFound(`there is no run ${given} in ${shown}`, nearest(given, all))
  const message = `${given} is the beginning of ${found.length} runs`
  throw new CommandError({ code: 'RUN_AMBIGUOUS', message, hint: choices('write more of one of them', found) })
}

/** Every run of a store, newest first. */
export async function* everyRun(storage: Storage, filter: RunFilter): AsyncGenerator<RunRow> {
  let cursor: string | undefined
  do {
    const page = await storage.list(filter, { limit: pageMax, ...(cursor !== undefined && { cursor }) })
    yield* page.runs
    cursor = page.cursor
  } while (cursor !== undefined)
}

const pageMax = 200
const runId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

const aliases: Readonly<Record<string, readonly [filter: RunFilter, none: string]>> = {
  '@last': [{}, 'there are no runs'],
  '@last-failed': [{ status: ['failed'] }, 'no run has failed'],
}

async function aliased(storage: Storage, given: string, shown: string): Promise<RunRow> {
  const alias = aliases[given]
  if (alias === undefined) {
    const hint = `there are ${Object.keys(aliases).join(' and ')}`
    throw new CommandError({ code: 'USAGE', message: `there is no run called ${given}`, hint })
  }
  const [filter, none] = alias
  // Nobody has typed the start of a run that another one started.
  for await (const row of everyRun(storage, filter)) if (row.parent === undefined) return row
  throw notFound(`${none} in ${shown}`, undefined)
}

function notFound(message: string, hint: string | undefined): CommandError {
  return new CommandError({ code: 'RUN_NOT_FOUND', message, hint }, { exitCode: exitCodes.notFound })
}

const nearestMax = 3

/** Those that share the longest beginning with what was written, the newest first. */
function nearest(given: string, all: readonly RunRow[]): string | undefined {
  const wanted = withoutKind(given)
  const scored = all.map((row) => [row, sharedLength(wanted, withoutKind(row.runId))] as const)
  const best = scored.toSorted(([, a], [, b]) => b - a).slice(0, nearestMax)
  return choices(
    'the nearest are',
    best.map(([row]) => row),
  )
}

function withoutKind(runId: string): string {
  return runId.replace(/^(run|sub)_/, '')
}

function sharedLength(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

const choicesMax = 8

function choices(what: string, rows: readonly RunRow[]): string | undefined {
  if (rows.length === 0) return undefined
  const lines = rows.slice(0, choicesMax).map((row) => {
    const when = ago(Date.now() - (isTerminal(row.status) ? row.updatedAt : row.createdAt))
    return `  ${row.runId}  ${row.workflow}  ${shownStatus(row)}  ${when}`
  })
  const more = rows.length > choicesMax ? [`  … and ${rows.length - choicesMax} more`] : []
  return [`${what}:`, ...lines, ...more].join('\n')
}
