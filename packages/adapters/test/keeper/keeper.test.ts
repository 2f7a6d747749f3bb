import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Lease, Storage } from '@segno/core'
import { afterAll, describe, test } from 'vitest'
import { fileStorage } from '../../src/file/index.ts'
import { postgresStorage } from '../../src/postgres/index.ts'
import { sqliteStorage } from '../../src/sqlite/index.ts'
import { describeWithServer } from '../postgres/with-server.ts'

const root = mkdtempSync(join(tmpdir(), 'segno-keepers-'))
afterAll(() => rmSync(root, { recursive: true }))

type Closable = Storage & { close(): Promise<void> }

const ttlMs = 2500

async function claimed(storage: Storage): Promise<Lease> {
  const run = { runId: 'run', incarnation: 'one', workflow: 'kept', plan: 'plan', labels: {} }
  const first = { seq: 1, v: 1, at: 0, runId: 'run', type: 'step.completed', path: 'a' } as const
  const batch = { events: [first], status: 'running', wakeAt: null } as const
  const created = await storage.createRun(run, batch, { inputHash: '', claim: { owner: 'host', ttlMs } })
  if (created.outcome !== 'created' || created.lease === undefined) throw new Error('the run was not created')
  return created.lease
}

/** Whether somebody else gets the run within so many milliseconds. */
async function isTakenWithin(ms: number, other: Storage): Promise<boolean> {
  for (const until = performance.now() + ms; performance.now() < until; await wait(100)) {
    if ((await other.acquire({ owner: 'other', ttlMs: 60_000, limit: 1 })).runs.length > 0) return true
  }
  return false
}

/** A lease that nobody renews but the thread, for as long as it is told that the host is alive. */
async function keeps(open: () => Closable, expect: (value: unknown) => { toBe(expected: unknown): void }) {
  const [storage, other] = [open(), open()]
  const lease = await claimed(storage)
  const keeper = storage.keeper?.({ ttlMs, hungAfterMs: ttlMs })
  keeper?.keep([lease])
  const alive = setInterval(() => keeper?.keep([lease]), 100)
  // The host renews too, until the thread has had the time to start.
  for (let times = 0; times < 8; times += 1) {
    await wait(ttlMs / 3)
    await storage.renew({ leases: [lease], ttlMs })
  }
  expect(await isTakenWithin(1.5 * ttlMs, other)).toBe(false)
  // The holder itself sees what the thread has done.
  expect((await storage.renew({ leases: [lease], ttlMs })).renewed.length).toBe(1)
  clearInterval(alive)
  expect(await isTakenWithin(8 * ttlMs, other)).toBe(true)
  await keeper?.close()
  await keeper?.close()
  await storage.close()
  await other.close()
}

describe.concurrent('a thread that keeps leases', { timeout: 60_000 }, () => {
  test('renews those of files while the host is alive', async ({ expect }) => {
    await keeps(() => fileStorage({ dir: join(root, 'files') }), expect)
  })

  test('renews those of SQLite while the host is alive', async ({ expect }) => {
    await keeps(() => sqliteStorage({ file: join(root, 'store.db') }), expect)
  })

  test('does not revive a lease that was given back', async ({ expect }) => {
    const open = (): Closable => fileStorage({ dir: join(root, 'given-back') })
    const [storage, other] = [open(), open()]
    const lease = await claimed(storage)
    const keeper = storage.keeper?.({ ttlMs, hungAfterMs: 60_000 })
    keeper?.keep([lease])
    await wait(ttlMs / 2)
    await storage.release(lease)
    expect(await isTakenWithin(ttlMs, other)).toBe(true)
    await Promise.all([keeper?.close(), storage.close(), other.close()])
  })

  test('is not there for a store that no thread could open', ({ expect }) => {
    expect(fileStorage({ dir: root, now: () => 0 }).keeper).toBe(undefined)
    expect(sqliteStorage({ file: join(root, 'x.db'), now: () => 0 }).keeper).toBe(undefined)
  })
})

describeWithServer('a thread that keeps leases on PostgreSQL', (world) => {
  test('renews them while the host is alive', { timeout: 60_000 }, async ({ expect }) => {
    await keeps(() => postgresStorage({ connectionString: world.server.url(), schema: 'kept' }), expect)
    expect(postgresStorage({ pool: world.pool }).keeper).toBe(undefined)
  })
})
