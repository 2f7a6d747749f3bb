import { isTerminal, StorageFault, type RunFilter, type RunRow, type RunStatus, type Storage } from '@segno/core'
import { parseDuration } from '@segno/schema'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { readProgress, withStore, type Lookup } from './known-run.ts'
import { readLabels } from './labels.ts'
import { givenLabels } from './run-origin.ts'
import { runsTable, type ListedRun } from './screen/runs-table.ts'
import { shellWords } from './shell-words.ts'
import { shownStatus, shownStatuses, type ShownStatus } from './shown-status.ts'

/** The options of `segno runs`, as commander gives them. */
export interface RunsOptions extends StoreCommandOptions {
  readonly status: readonly string[]
  readonly workflow?: string
  readonly since?: string
  readonly label: readonly string[]
  readonly limit: string
  readonly cursor?: string
}

/** Lists runs, newest first. The list is the result, so it goes to stdout. */
export function runsCommand(options: RunsOptions): Promise<ExitCode> {
  const wanted = wantedOf(options)
  return withStore(options, process.stdout, async (lookup) => {
    const { store, screen } = lookup
    const { rows, cursor } = await rowsOf(lookup, wanted, options.cursor)
    const runs = await Promise.all(rows.map((row) => listed(row, lookup)))
    if (screen.json) {
      const document = { v: 1, runs: runs.map(documentOf), ...(cursor !== undefined && { cursor }) }
      process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    } else if (runs.length > 0) {
      const lines = runsTable(runs, { ...screen.look, now: Date.now(), same: lookup.same })
      process.stdout.write(`${lines.join('\n')}\n`)
      if (cursor !== undefined) process.stderr.write(`more: add ${shellWords(['--cursor', cursor])}\n`)
    } else process.stderr.write(`no runs in ${store.shown}\n`)
    return exitCodes.ok
  })
}

interface Wanted {
  readonly filter: RunFilter
  /** Empty for all. */
  readonly statuses: ReadonlySet<ShownStatus>
  readonly createdFrom: number
  readonly limit: number
}

const limitMax = 1000

function wantedOf({ status, workflow, since, label, limit }: RunsOptions): Wanted {
  const statuses = new Set(status.flatMap((list) => list.split(',')).map(statusOf))
  const sinceMs = since === undefined ? undefined : parseDuration(since)
  if (since !== undefined && sinceMs === undefined) throw invalid(`--since ${since}: expected a duration`, '--since 2d')
  const count = Number(limit)
  if (!Number.isSafeInteger(count) || count < 1 || count > limitMax) {
    throw invalid(`--limit ${limit}: expected a whole number from 1 to ${limitMax}`, '--limit 50')
  }
  const labels = readLabels(label)
  return {
    filter: {
      // Who has crashed is seen in the row: the store keeps the status that the journal gives.
      ...(statuses.size > 0 && !statuses.has('crashed') && { status: [...statuses] as RunStatus[] }),
      ...(workflow !== undefined && { workflow }),
      ...(labels !== undefined && { labels }),
    },
    ...{ statuses, limit: count, createdFrom: sinceMs === undefined ? 0 : Date.now() - sinceMs },
  }
}

function statusOf(text: string): ShownStatus {
  const found = shownStatuses.find((status) => status === text)
  if (found !== undefined) return found
  throw invalid(`--status ${text}: there is no such status`, shownStatuses.join(', '))
}

function invalid(message: string, example: string): CommandError {
  return new CommandError({ code: 'OPTION_INVALID', message, hint: `for example: ${example}` })
}

interface Rows {
  readonly rows: readonly RunRow[]
  readonly cursor?: string
}

// Every row of a page is taken or passed over, so that the cursor after it begins where this list ends.
async function rowsOf(
  { store: { storage } }: Lookup,
  { filter, statuses, createdFrom, limit }: Wanted,
  from: string | undefined,
): Promise<Rows> {
  const rows: RunRow[] = []
  let cursor = from
  do {
    const page = await storage.list(filter, { limit: limit - rows.length, ...(cursor !== undefined && { cursor }) })
    for (const row of page.runs) {
      if (row.createdAt < createdFrom) return { rows }
      if (statuses.size === 0 || statuses.has(shownStatus(row))) rows.push(row)
    }
    cursor = page.cursor
  } while (cursor !== undefined && rows.length < limit)
  return { rows, ...(cursor !== undefined && { cursor }) }
}

// Longer journals are not read for a number in a list.
const foldedMax = 2000

async function listed(row: RunRow, { store: { storage } }: Lookup): Promise<ListedRun> {
  const { runId, workflow, createdAt } = row
  const steps = await stepsOf(row, storage)
  return {
    ...{ runId, workflow, status: shownStatus(row), createdAt, labels: givenLabels(row) },
    ...(isTerminal(row.status) && { endedAt: row.updatedAt }),
    ...(row.holder?.isLost === true && { lostAt: row.holder.expiresAt }),
    ...(steps && { steps }),
  }
}

async function stepsOf(row: RunRow, storage: Storage): Promise<ListedRun['steps']> {
  if (row.head > foldedMax) return undefined
  try {
    const definition = await storage.getPlan(row.plan)
    if (definition === undefined) return undefined
    const { counts } = await readProgress(row, { definition }, storage)
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
    return { done: counts.completed + counts.skipped, total }
  } catch (error) {
    // One run that is damaged hides no other: `segno show` tells what is wrong with it.
    if (error instanceof StorageFault) return undefined
    throw error
  }
}

function documentOf({ status, runId, workflow, createdAt, endedAt, labels, steps }: ListedRun): object {
  const durationMs = endedAt === undefined ? undefined : endedAt - createdAt
  return { runId, workflow, status, startedAt: createdAt, endedAt, durationMs, labels, steps }
}
