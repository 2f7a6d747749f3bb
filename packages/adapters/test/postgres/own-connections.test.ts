import { postgresStorage, type PostgresStorage } from '@segno/adapters/postgres'
import type { AppendRequest, Storage } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { freshSchema } from './virtual-clock.ts'
import { describeWithServer } from './with-server.ts'

function event(seq: number, path: string): RunEvent {
  return { seq, v: 1, at: 0, runId: 'run', type: 'step.completed', path }
}

function batch(seq: number, more: Partial<AppendRequest> = {}): AppendRequest {
  const named = { runId: 'run', incarnation: 'i', token: 1, batchId: `b-${seq}` }
  return { ...named, expectedSeq: seq - 1, events: [event(seq, 's')], status: 'running', wakeAt: null, ...more }
}

function create(storage: Storage, runId = 'run'): ReturnType<Storage['createRun']> {
  const run = { runId, incarnation: 'i', workflow: 'w', plan: 'p', labels: {} }
  const first = { events: [{ ...event(1, 's'), runId }], status: 'running', wakeAt: null } as const
  return storage.createRun(run, first, { inputHash: 'i', claim: { owner: 'o', ttlMs: 30_000 } })
}

async function read(storage: Storage): Promise<readonly RunEvent[]> {
  const all: RunEvent[] = []
  for await (const page of storage.read('run', 1)) all.push(...page)
  return all
}

describeWithServer('a PostgreSQL storage with connections of its own', (world) => {
  async function withStorage(
    work: (storage: PostgresStorage) => Promise<void>,
    options: { readonly connectionsMax?: number } = {},
  ): Promise<void> {
    const storage = postgresStorage({ connectionString: world.server.url(), schema: freshSchema(), ...options })
    try {
      await work(storage)
    } finally {
      await storage.close()
    }
  }

  test('keeps what each append brings as it is, also by a statement that its connection knows', () =>
    withStorage(async (storage) => {
      await create(storage)
      const paths = ['a', '', `"quoted" 'text' \\ $1`, 'ü 漢 😀', 'x'.repeat(100_000), '\u0000', '\ud800']
      for (const [index, path] of paths.entries()) {
        const appended = batch(index + 2, { events: [event(index + 2, path)], wakeAt: index % 2 === 0 ? null : 1.5 })
        expect((await storage.append(appended)).outcome).toBe('ok')
        expect((await storage.append(appended)).outcome).toBe('duplicate')
      }
      expect((await read(storage)).slice(1)).toEqual(paths.map((path, index) => event(index + 2, path)))
      expect(await storage.row('run')).toMatchObject({ head: paths.length + 1, wakeAt: null, status: 'running' })
    }))

  test('tells what the server refuses, and goes on on the same connection', () =>
    withStorage(
      async (storage) => {
        await create(storage)
        for (const seq of [2, 3]) expect((await storage.append(batch(seq))).outcome).toBe('ok')
        const refused = storage.append(batch(4, { token: 1.5 }))
        await expect(refused).rejects.toMatchObject({ code: 'VALUE_UNSUPPORTED', ambiguous: false })
        expect((await storage.append(batch(4, { token: 2 }))).outcome).toBe('fenced')
        expect((await storage.append(batch(4))).outcome).toBe('ok')
      },
      { connectionsMax: 1 },
    ))

  test('tells a connection again what it was made to forget', () =>
    withStorage(
      async (storage) => {
        await create(storage)
        for (const seq of [2, 3]) expect((await storage.append(batch(seq))).outcome).toBe('ok')
        const transaction = await storage.begin?.({ runId: 'run', incarnation: 'i', token: 1 }, { timeoutMs: 5_000 })
        await transaction?.sql.query('DEALLOCATE ALL')
        await transaction?.rollback()
        for (const seq of [4, 5]) expect((await storage.append(batch(seq))).outcome).toBe('ok')
      },
      { connectionsMax: 1 },
    ))

  test('answers all who ask at a time by the one connection that it may have', () =>
    withStorage(
      async (storage) => {
        await create(storage)
        for (let seq = 2; seq < 12; seq += 1) {
          const asked = ['row', 'load'] as const
          const [{ outcome }] = await Promise.all([
            storage.append(batch(seq)),
            create(storage, `run-${seq}`),
            ...asked.map((name) => storage[name]('run')),
            storage.getPlan('none'),
          ])
          expect(outcome).toBe('ok')
        }
      },
      { connectionsMax: 1 },
    ))
})
