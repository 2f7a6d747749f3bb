import { readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { AppendRequest } from '@segno/core'
import { describe, expect, test } from 'vitest'
import type { Change, Reply } from '../../src/sqlite/protocol.ts'
import { databaseService } from '../../src/sqlite/service.ts'
import { databases } from './fixtures.ts'
import { batch, claim, eventsOf } from './runs.ts'

const { path, open } = databases()
const runIds = Array.from({ length: 50 }, (_, n) => `run-${n}`)

/** How many transactions the log beside a database holds: each ends with a frame that names the size of the database. */
function commitsIn(file: string): number {
  const log = readFileSync(`${file}-wal`)
  const pageSize = log.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at + 24 + pageSize <= log.length; at += 24 + pageSize)
    if (log.readUInt32BE(at + 4) > 0) commits += 1
  return commits
}

describe('what is asked of a SQLite storage at once', () => {
  test('is committed in a few transactions', async () => {
    const file = path()
    const storage = open(file)
    for (const runId of runIds) await claim(storage, runId)
    const before = commitsIn(file)
    await Promise.all(runIds.map((runId) => storage.append(batch(runId, 1))))
    const commits = commitsIn(file) - before
    expect(commits).toBeGreaterThan(0)
    expect(commits).toBeLessThanOrEqual(2)
  })

  test('hurts no neighbour where one of it is refused', async () => {
    const storage = open(path())
    for (const runId of runIds) await claim(storage, runId)
    const bad: Partial<AppendRequest>[] = [
      { consume: ['nothing'] },
      { status: 'completed' },
      { blobs: [{ sha256: 'a', size: 1, text: '\ud800' }] },
    ]
    const appends = runIds.map((runId, n) => storage.append({ ...batch(runId, 1), ...(n < 30 ? bad[n % 10] : {}) }))
    const settled = await Promise.allSettled(appends)
    const codes = settled.map((one) => (one.status === 'fulfilled' ? one.value.outcome : String(one.reason.code)))
    const expected = runIds.map((_, n) =>
      n < 30 ? (['BATCH_INVALID', 'BATCH_INVALID', 'VALUE_UNSUPPORTED'][n % 10] ?? 'ok') : 'ok',
    )
    expect(codes).toEqual(expected)
    for (const [n, runId] of runIds.entries()) {
      expect((await eventsOf(storage, runId)).length, runId).toBe(expected[n] === 'ok' ? 2 : 1)
    }
  })
})

describe('a SQLite storage whose database another process writes to', () => {
  test('waits for it with what it writes, and reads meanwhile', async () => {
    const file = path()
    const storage = open(file)
    await claim(storage, 'run')
    using other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const appended = storage.append(batch('run', 1))
    for (let n = 0; n < 20; n += 1) expect((await storage.row('run'))?.head).toBe(1)
    other.exec('COMMIT')
    expect((await appended).outcome).toBe('ok')
  })

  test('says that nothing was written where that takes too long', async () => {
    const file = path()
    const storage = open(file)
    await claim(storage, 'run')
    const call: Change = {
      id: 7,
      now: undefined,
      op: 'release',
      args: { runId: 'run', incarnation: 'run-1', token: 1 },
    }
    using other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const [reply] = await new Promise<readonly Reply[]>((resolve) => {
      const service = databaseService({
        file,
        identity: () => '{}',
        patienceMs: 30,
        isDead: () => false,
        send: resolve,
      })
      service.take([call])
    })
    expect(reply).toMatchObject({ id: 7, fault: { code: 'STORAGE_UNAVAILABLE', ambiguous: false } })
    expect((await storage.row('run'))?.holder?.owner).toBe('me')
  })
})
