import type { SqliteStorage } from '../../src/sqlite/index.ts'
import { dueQuery } from '../../src/sqlite/leases.ts'
import { describe, expect, test } from 'vitest'
import { databases, inDatabase } from './fixtures.ts'
import { claim } from './runs.ts'

const { path, open } = databases()

describe('looking for work in SQLite', { timeout: 60_000 }, () => {
  test.for([
    ['all', {}],
    ['labels', { labels: { team: 'a', zone: 'b' } }],
    ['workflows', { workflows: ['a', 'b'] }],
    ['exceptions', { except: { runIds: ['a'], plans: ['p'] } }],
  ] as const)('goes by the index on when runs are due: %s', async ([, wanted]) => {
    const file = path()
    await claim(open(file), 'run')
    const { sql, values } = dueQuery(wanted)
    const plan = inDatabase(file, (database) =>
      database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(0, ...values)
        .map(({ detail }) => String(detail)),
    )
    expect(plan[0]).toMatch(/^SEARCH segno_runs USING INDEX segno_runs_by_due \(due_at<\?\)/)
    expect(plan.filter((line) => line.startsWith('SCAN segno_runs') || line.includes('TEMP B-TREE'))).toEqual([])
  })

  test('finds the one that is due among 100,000 that sleep', async () => {
    const file = path()
    const storage: SqliteStorage = open(file)
    await claim(storage, 'run')
    const columns =
      'incarnation, workflow, plan, input_hash, about, crc, created_at, updated_at, status, head, inbox_head, snapshot_seq, token, batches'
    inDatabase(file, (database) =>
      database.exec(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
         INSERT INTO segno_runs (run_id, wake_at, due_at, ${columns})
         SELECT 'sleeps-' || i, 9e15, 9e15, ${columns} FROM segno_runs, n`,
      ),
    )
    const nothing = await storage.acquire({ owner: 'other', ttlMs: 60_000, limit: 10 })
    expect(nothing.runs).toEqual([])
    await storage.release({ runId: 'run', incarnation: 'run-1', token: 1 })
    const { runs } = await storage.acquire({ owner: 'other', ttlMs: 60_000, limit: 10 })
    expect(runs.map(({ lease }) => lease.runId)).toEqual(['run'])
  })
})
