import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { AppendRequest, NewRun } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import { afterAll, afterEach } from 'vitest'
import { sqliteStorage, type SqliteStorage } from '../../src/sqlite/index.ts'

/** Databases of one test file, each new, and closed after its test. */
export function databases(): { path(): string; open(file: string): SqliteStorage } {
  const root = mkdtempSync(join(tmpdir(), 'segno-sqlite-'))
  let opened: SqliteStorage[] = []
  let made = 0
  afterEach(async () => {
    for (const storage of opened) await storage.close()
    opened = []
  })
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  return {
    path: () => join(root, `${(made += 1)}.db`),
    open(file) {
      const storage = sqliteStorage({ file })
      opened.push(storage)
      return storage
    },
  }
}

/** Does something with a database, as an administrator does. */
export function inDatabase<Value>(file: string, work: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(file, { timeout: 5_000 })
  try {
    return work(database)
  } finally {
    database.close()
  }
}

/** A run as it is created. */
export function newRun(runId: string): NewRun {
  return { runId, incarnation: `${runId}-1`, workflow: 'w', plan: 'p', labels: {} }
}

/** An event of it. */
export function event(runId: string, seq: number, output = 'x'): RunEvent {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: `step-${seq}`, output }
}

/** The append of one event under the first lease. */
export function batch(runId: string, expectedSeq: number, output = 'x'): AppendRequest {
  return {
    ...{ runId, incarnation: `${runId}-1`, token: 1, expectedSeq, batchId: `b-${expectedSeq}` },
    ...{ events: [event(runId, expectedSeq + 1, output)], status: 'running', wakeAt: null },
  }
}

/** Creates a run whose lease is held. */
export async function claim(storage: SqliteStorage, runId: string): Promise<void> {
  const first = { events: [event(runId, 1)], status: 'running', wakeAt: null } as const
  const claimed = { inputHash: 'i', claim: { owner: 'me', ttlMs: 60_000 } }
  await storage.createRun(newRun(runId), first, claimed)
}

/** All events of a run. */
export async function eventsOf(storage: SqliteStorage, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const page of storage.read(runId, 1)) events.push(...page)
  return events
}
