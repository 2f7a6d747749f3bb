import { isTerminal, StorageFault, type RunRow, type Storage } from '@segno/core'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { readProgress, withStore, type Lookup } from './known-run.ts'
import { matchingRows, wantedOf, type ListOptions } from './run-list.ts'
import { givenLabels } from './run-origin.ts'
import { runsTable, type ListedRun } from './screen/runs-table.ts'
import { shellWords } from './shell-words.ts'
import { shownStatus } from './shown-status.ts'

/** The options of `segno runs`, as commander gives them. */
export interface RunsOptions extends StoreCommandOptions, ListOptions {
  readonly cursor?: string
  readonly parent?: string
}

/** Lists runs, newest first. The list is the result, so it goes to stdout. */
export function runsCommand(options: RunsOptions): Promise<ExitCode> {
  const wanted = wantedOf(options)
  return withStore(options, process.stdout, async (lookup) => {
    const { store, screen } = lookup
    const parent = options.parent === undefined ? undefined : (await findRun(store, options.parent)).runId
    const { rows, cursor } = await matchingRows(store.storage, { ...wanted, parent }, options.cursor)
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

// Longer journals are not read for a number in a list.
const foldedMax = 2000

async function listed(row: RunRow, { store: { storage } }: Lookup): Promise<ListedRun> {
  const { runId, workflow, createdAt } = row
  const steps = await stepsOf(row, storage)
  return {
    ...{ runId, workflow, status: shownStatus(row), createdAt, labels: givenLabels(row) },
    ...(isTerminal(row.status) && { endedAt: row.updatedAt }),
    ...(row.holder?.isLost === true && { lostAt: row.holder.expiresAt }),
    ...(row.parent && { parent: row.parent }),
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

function documentOf({ status, runId, workflow, createdAt, endedAt, labels, steps, parent }: ListedRun): object {
  const durationMs = endedAt === undefined ? undefined : endedAt - createdAt
  return { runId, workflow, status, startedAt: createdAt, endedAt, durationMs, labels, steps, parent }
}
