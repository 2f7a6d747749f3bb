import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { AppendRequest, Storage } from '@segno/core'
import { postgresStorage, type PostgresStorageOptions, type ProcessIdentity } from '@segno/adapters/postgres'
import type { PostgresClient, PostgresPool } from '@segno/adapters/postgres'
import { expect, test } from 'vitest'
import { freshSchema, storeAtRest } from './virtual-clock.ts'
import { describeWithServer } from './with-server.ts'

const ttlMs = 30_000
const hasProc = existsSync('/proc/self/stat')

type Process = NonNullable<PostgresStorageOptions['process']>

const system = { host: 'host', boot: 'boot', namespace: 'pid:[1]' }
const first: ProcessIdentity = { ...system, pid: 1, startTime: '1' }
const second: ProcessIdentity = { ...system, pid: 2, startTime: '1' }
const lives = (): boolean => false
const isFirst = ({ pid }: ProcessIdentity): boolean => pid === 1

function create(storage: Storage): ReturnType<Storage['createRun']> {
  const run = { runId: 'run', incarnation: 'i', workflow: 'w', plan: 'p', labels: {} }
  const batch = { events: [event(1)], status: 'running', wakeAt: null } as const
  return storage.createRun(run, batch, { inputHash: 'i', claim: { owner: 'first', ttlMs } })
}

function event(seq: number) {
  return { seq, v: 1, at: 0, runId: 'run', type: 'step.completed', path: `s-${seq}` } as const
}

const take = (storage: Storage): ReturnType<Storage['acquire']> => storage.acquire({ owner: 'second', ttlMs, limit: 5 })

describeWithServer('a lease on PostgreSQL', (world) => {
  const open = (schema: string, process?: Process): Storage =>
    postgresStorage({ pool: world.pool, schema, ...(process === undefined ? {} : { process }) })

  async function heldByFirst(identity = first) {
    const schema = freshSchema()
    const { advance } = await storeAtRest(world.pool, schema)
    const storage = open(schema, { identity, isDead: lives })
    await create(storage)
    const processes = `"${schema.replaceAll('"', '""')}".processes`
    const known = async (): Promise<unknown[]> =>
      (await world.pool.query(`SELECT identity::json->'pid' AS pid FROM ${processes} ORDER BY id`)).rows.map(
        ({ pid }) => pid as unknown,
      )
    return { schema, advance, storage, processes, known }
  }

  test('of a process that has ended is lost, and is taken over at once; the process is forgotten', async () => {
    const { schema, storage, known } = await heldByFirst()
    const other = open(schema, { identity: second, isDead: isFirst })
    expect((await storage.row('run'))?.holder?.isLost).toBe(false)
    expect((await other.row('run'))?.holder).toMatchObject({ owner: 'first', isLost: true })
    const { runs } = await take(other)
    expect(runs.map(({ expired, lease, row }) => [expired, lease.token, row.holder?.owner])).toEqual([
      [true, 2, 'second'],
    ])
    expect(await known()).toEqual([2])
    const batch = { expectedSeq: 1, batchId: 'b', events: [event(2)], status: 'running', wakeAt: null } as const
    expect((await storage.append({ runId: 'run', incarnation: 'i', token: 1, ...batch })).outcome).toBe('fenced')
  })

  test('is taken over by the first look of a process that has just begun, and its first append is one statement', async () => {
    const { schema } = await heldByFirst()
    const texts: string[] = []
    const pool: PostgresPool = {
      async connect() {
        const client = await world.pool.connect()
        const query: PostgresClient['query'] = (config) => {
          texts.push(config.text)
          return client.query(config)
        }
        return {
          query,
          on: (event, listener) => client.on(event, listener),
          removeListener: (event, listener) => client.removeListener(event, listener),
          release: (destroy) => client.release(destroy),
        }
      },
    }
    const other = postgresStorage({ pool, schema, process: { identity: second, isDead: isFirst } })
    await other.getPlan('none')
    texts.length = 0
    const { runs } = await take(other)
    expect(runs.map(({ expired, lease }) => [expired, lease.token])).toEqual([[true, 2]])
    expect(texts).toHaveLength(1)
    const batch = { expectedSeq: 1, batchId: 'b', events: [event(2)], status: 'running', wakeAt: null } as const
    const append = { runId: 'run', incarnation: 'i', token: 2, ...batch }
    expect((await other.append(append)).outcome).toBe('ok')
    expect(texts).toHaveLength(2)
  })

  test('leaves the last batches of three leases behind, each known to whoever sends it again', async () => {
    const { schema, storage } = await heldByFirst()
    const written = (seq: number, token: number): AppendRequest => ({
      ...({ runId: 'run', incarnation: 'i', token, expectedSeq: seq - 1, batchId: `b-${seq}` } as const),
      ...({ events: [event(seq)], status: 'running', wakeAt: null } as const),
    })
    for (let token = 1; token <= 4; token += 1) {
      expect((await storage.append(written(token + 1, token))).outcome).toBe('ok')
      await storage.release({ runId: 'run', incarnation: 'i', token })
      await take(open(schema, { identity: second, isDead: lives }))
    }
    const again = [2, 3, 4, 5].map(async (seq) => (await storage.append(written(seq, 5))).outcome)
    expect(await Promise.all(again)).toEqual(['conflict', 'duplicate', 'duplicate', 'duplicate'])
  })

  test('that was taken over is lost as well once its next process has ended', async () => {
    const { schema } = await heldByFirst()
    await take(open(schema, { identity: second, isDead: isFirst }))
    const third = open(schema, { identity: { ...second, pid: 3 }, isDead: ({ pid }) => pid === 2 })
    expect((await take(third)).runs.map(({ lease }) => lease.token)).toEqual([3])
  })

  test('of a process of another system is not asked about, also where it has the same name, and runs out', async () => {
    const { schema, advance } = await heldByFirst()
    const elsewhere = open(schema, { identity: { ...second, boot: 'another' }, isDead: () => false })
    expect((await elsewhere.row('run'))?.holder?.isLost).toBe(false)
    const asked: ProcessIdentity[] = []
    const asking = open(schema, {
      identity: { ...second, boot: 'another', pid: 3 },
      isDead: (other) => asked.push(other) > 0,
    })
    expect((await take(asking)).runs).toEqual([])
    expect(asked).toEqual([])
    await advance(ttlMs)
    expect((await take(elsewhere)).runs).toHaveLength(1)
  })

  test('of a process that does not say when it or its system began runs out', async () => {
    const { startTime, ...timeless } = first
    expect(startTime).toBeDefined()
    const { schema, advance, known } = await heldByFirst(timeless)
    expect(await known()).toEqual([])
    const other = open(schema, { identity: second, isDead: () => true })
    expect((await take(other)).runs).toEqual([])
    await advance(ttlMs)
    expect((await take(other)).runs).toHaveLength(1)
  })

  test.for(['nothing', '{}', '{"pid":"1","host":"host"}', 'null'])(
    'of a process whose identity is %j runs out',
    async (text) => {
      const { schema, advance, processes } = await heldByFirst()
      await world.pool.query(`UPDATE ${processes} SET identity = $1`, [text])
      const other = open(schema, { identity: second, isDead: () => true })
      expect((await other.row('run'))?.holder?.isLost).toBe(false)
      expect((await take(other)).runs).toEqual([])
      await advance(ttlMs)
      expect((await take(other)).runs).toHaveLength(1)
    },
  )

  test('that is given back, or whose run has ended, is nobody’s', async () => {
    const { schema, storage } = await heldByFirst()
    await storage.release({ runId: 'run', incarnation: 'i', token: 1 })
    const taken = await take(storage)
    const end = { seq: 2, v: 1, at: 0, runId: 'run', type: 'run.completed', output: {} } as const
    const batch = { expectedSeq: 1, batchId: 'b', events: [end], status: 'completed', wakeAt: null } as const
    const lease = taken.runs[0]?.lease
    expect((await storage.append({ runId: 'run', incarnation: 'i', token: lease?.token ?? 0, ...batch })).outcome).toBe(
      'ok',
    )
    const other = open(schema, { identity: second, isDead: isFirst })
    expect((await take(other)).runs).toEqual([])
    expect((await other.row('run'))?.holder).toBeUndefined()
  })

  test('a process that nobody has seen for a week, and that holds nothing, is forgotten', async () => {
    const { schema, storage, processes, known } = await heldByFirst()
    await world.pool.query(`UPDATE ${processes} SET seen_at = seen_at - 8 * 86400000::float8`)
    await take(open(schema, { identity: second, isDead: lives }))
    expect(await known()).toEqual([1, 2])
    await storage.release({ runId: 'run', incarnation: 'i', token: 1 })
    await take(open(schema, { identity: { ...second, pid: 3 }, isDead: lives }))
    expect(await known()).toEqual([2, 3])
  })

  test.runIf(hasProc)('of a process of this host that was killed is taken over at once', async () => {
    const schema = freshSchema()
    await storeAtRest(world.pool, schema)
    const program = `
      import { postgresStorage } from '@segno/adapters/postgres'
      const [url, schema] = process.argv.slice(1)
      const storage = postgresStorage({ connectionString: url, schema })
      const run = { runId: 'run', incarnation: 'i', workflow: 'w', plan: 'p', labels: {} }
      const event = { seq: 1, v: 1, at: 0, runId: 'run', type: 'step.completed', path: 's' }
      const claim = { owner: 'first', ttlMs: ${ttlMs} }
      await storage.createRun(run, { events: [event], status: 'running', wakeAt: null }, { inputHash: 'i', claim })
      process.kill(process.pid, 'SIGKILL')`
    const flags = ['--conditions=@segno/source', '--input-type=module', '--eval', program, world.server.url(), schema]
    const signal = await new Promise((resolve) => {
      const child = execFile(process.execPath, flags, { cwd: new URL('../../', import.meta.url) })
      child.once('close', (_, by) => resolve(by))
    })
    expect(signal).toBe('SIGKILL')
    const { runs } = await take(open(schema))
    expect(runs.map(({ expired, lease }) => [expired, lease.token])).toEqual([[true, 2]])
  })
})
