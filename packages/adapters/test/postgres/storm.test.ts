import { postgresStorage } from '@segno/adapters/postgres'
import { seededRandom } from '@segno/core/testing'
import type { Engine, Storage } from '@segno/core'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { expect, test } from 'vitest'
import { cuttingProxy, type Cut } from './proxy.ts'
import { freshSchema } from './virtual-clock.ts'
import { describeWithServer, type ServerForTests } from './with-server.ts'
import { definition, newWitness, watchedEngine, wrongWith, type Witness } from './workload.ts'

const isWrite = (text: string): boolean =>
  /\bWITH moved AS|\b(append|append_many|create_run|deliver)\(|^COMMIT$/.test(text)

function poolAt(port: number): pg.Pool {
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 5 })
  pool.on('error', () => undefined)
  return pool
}

// By a connection of its own: those of a pool may have been ended by the restart before, and not know it yet.
async function endConnections(port: number): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  await client.connect()
  await client.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = $1',
    ['client backend'],
  )
  await client.end()
}

describeWithServer('engines on a PostgreSQL that fails them', (world) => {
  test('connections that are cut after a write was sent lose no event, and no step succeeds twice', async () => {
    const random = seededRandom(20_261_121)
    // A cut of what many runs have sent together is one for each of them.
    const decide = (): Cut => (random.chance(0.4) ? (random.chance(0.5) ? 'done' : 'unsent') : 'none')
    const proxy = await cuttingProxy({ serverPort: world.server.port, isWrite, decide })
    const witness = newWitness()

    const { truth, runIds } = await storm(world, { witness, port: proxy.port, count: 40 })

    await proxy.close()
    expect(await wrongWith(truth, witness, runIds)).toEqual([])
    expect(proxy.cuts.unsent + proxy.cuts.done).toBeGreaterThanOrEqual(60)
    expect(Math.min(proxy.cuts.unsent, proxy.cuts.done)).toBeGreaterThanOrEqual(20)
  }, 120_000)

  test('a server that is stopped without a checkpoint, and whose connections are ended, loses no event', async () => {
    const witness = newWitness()
    const disasters = async (): Promise<number> => {
      for (let round = 1; round <= rounds; round += 1) {
        await untilAcked(witness, round * 150)
        await endConnections(world.server.port)
        await untilAcked(witness, round * 150 + 75)
        await world.server.restart()
      }
      return witness.acked.size
    }

    const [{ truth, runIds }, ackedBefore] = await Promise.all([
      storm(world, { witness, port: world.server.port, count: 60 }),
      disasters(),
    ])

    expect(await wrongWith(truth, witness, runIds)).toEqual([])
    expect(witness.acked.size).toBeGreaterThan(ackedBefore)
  }, 120_000)

  test('a COMMIT whose answer is lost has done all of a transaction or nothing, and the fault says that it is in doubt', async () => {
    const random = seededRandom(7)
    const decide = (): Cut => (random.chance(0.5) ? 'done' : 'unsent')
    const proxy = await cuttingProxy({ serverPort: world.server.port, isWrite: (text) => text === 'COMMIT', decide })
    const schema = freshSchema()
    const truth = postgresStorage({ pool: world.pool, schema })
    await truth.getPlan('none')
    await world.pool.query('CREATE TABLE paid (id text PRIMARY KEY)')
    const pool = poolAt(proxy.port)
    const storage = postgresStorage({ pool, schema })
    for (let n = 0; n < 40; n += 1) {
      const lease = { runId: `run-${n}`, incarnation: 'i', token: 1 }
      const first = { events: [event(lease.runId, 1)], status: 'running', wakeAt: null } as const
      const run = { ...lease, workflow: 'w', plan: 'p', labels: {} }
      await truth.createRun(run, first, { inputHash: 'i', claim: { owner: 'o', ttlMs: 30_000 } })
      const transaction = await storage.begin?.(lease, { timeoutMs: 5_000 })
      await transaction?.sql.query('INSERT INTO paid VALUES ($1)', [lease.runId])
      const batch = {
        ...lease,
        expectedSeq: 1,
        batchId: 'b',
        events: [event(lease.runId, 2)],
        status: 'running',
        wakeAt: null,
      } as const
      await expect(transaction?.append(batch)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', ambiguous: true })
    }
    await pool.end()
    await proxy.close()
    const paid = new Set((await world.pool.query('SELECT id FROM paid')).rows.map(({ id }) => String(id)))
    const { runs } = await truth.list({}, { limit: 100 })
    expect(
      runs
        .filter(({ head }) => head === 2)
        .map(({ runId }) => runId)
        .toSorted(),
    ).toEqual([...paid].toSorted())
    expect(proxy.cuts.done).toBe(paid.size)
    expect(Math.min(proxy.cuts.done, proxy.cuts.unsent)).toBeGreaterThanOrEqual(10)
  })
})

const rounds = 3

interface Storm {
  readonly witness: Witness
  /** Where the engines find the server. */
  readonly port: number
  readonly count: number
}

/** Plays runs on two engines, each with connections of its own, until all have ended. */
async function storm(
  { pool: calm }: ServerForTests,
  { witness, port, count }: Storm,
): Promise<{ truth: Storage; runIds: string[] }> {
  const schema = freshSchema()
  const truth = postgresStorage({ pool: calm, schema })
  await truth.getPlan('none')
  const pool = poolAt(port)
  const connectionString = `postgres://postgres@127.0.0.1:${port}/postgres`
  // One with a pool of its host, and one with its own.
  const storages = [postgresStorage({ pool, schema }), postgresStorage({ connectionString, connectionsMax: 5, schema })]
  const engines = storages.map((storage, n) => watchedEngine(storage, witness, `engine-${n}`))
  const works = engines.map((engine) => engine.work())
  const runIds = Array.from({ length: count }, (_, n) => `run-${n}`)
  await Promise.all(
    runIds.map(async (runId, n) => {
      const run = await surely(() => pick(engines, n).start(definition, { n }, { id: runId }))
      // Through the other engine, which does not drive it.
      await surely(() =>
        pick(engines, n + 1)
          .run(runId)
          .signal('go', null, { id: 'go' }),
      )
      await surely(() => run.result())
    }),
  )
  for (const work of works) await work.stop()
  for (const engine of engines) await engine.close()
  for (const storage of storages) await storage.close()
  await pool.end()
  return { truth, runIds }
}

async function untilAcked({ acked }: Witness, count: number): Promise<void> {
  while (acked.size < count) await setTimeout(5)
}

function event(runId: string, seq: number) {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: `s-${seq}` } as const
}

function pick(engines: readonly Engine[], n: number): Engine {
  const engine = engines[n % engines.length]
  if (engine === undefined) throw new Error('there is an engine')
  return engine
}

// As a host does whose call was in doubt: the same call again, which has an id.
async function surely<Value>(call: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      if (attempt === 500) throw error
      await setTimeout(10)
    }
  }
}
