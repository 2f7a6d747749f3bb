import type { RunFilter, RunRow, RunStatus, Storage } from '@segno/core'
import { parseDuration } from '@segno/schema'
import { CommandError } from './command-error.ts'
import { readLabels } from './labels.ts'
import { shownStatus, shownStatuses, type ShownStatus } from './shown-status.ts'

/** Which runs are listed, as commander gives it. */
export interface ListOptions {
  readonly status: readonly string[]
  readonly workflow?: string
  readonly since?: string
  readonly label: readonly string[]
  readonly limit: string
}

/** Which runs are asked for. `parent` is the id of the run that started them. */
export interface Wanted {
  readonly filter: RunFilter
  /** Empty for all. */
  readonly statuses: ReadonlySet<ShownStatus>
  readonly createdFrom: number
  readonly parent?: string | undefined
  readonly limit: number
}

const limitMax = 1000

/** What the options ask for. Those that nobody can mean end the command. */
export function wantedOf({ status, workflow, since, label, limit }: ListOptions): Wanted {
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

/** A page of runs. */
export interface Rows {
  readonly rows: readonly RunRow[]
  readonly cursor?: string
}

/** The runs that are asked for, newest first, as many as fit. */
export async function matchingRows(
  storage: Storage,
  { filter, statuses, createdFrom, parent, limit }: Wanted,
  from: string | undefined,
): Promise<Rows> {
  const rows: RunRow[] = []
  // Every row of a page is taken or passed over, so that the cursor after it begins where this list ends.
  let cursor = from
  do {
    const page = await storage.list(filter, { limit: limit - rows.length, ...(cursor !== undefined && { cursor }) })
    for (const row of page.runs) {
      if (row.createdAt < createdFrom) return { rows }
      if (parent !== undefined && row.parent?.runId !== parent) continue
      if (statuses.size === 0 || statuses.has(shownStatus(row))) rows.push(row)
    }
    cursor = page.cursor
  } while (cursor !== undefined && rows.length < limit)
  return { rows, ...(cursor !== undefined && { cursor }) }
}
