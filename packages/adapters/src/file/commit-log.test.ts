import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '@segno/schema/plan'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Disk } from './disk.ts'
import { fileStorage, type FileStorage, type FileStorageOptions } from './index.ts'
import { groupBytes, groupsIn, type LoggedWrite } from './log-group.ts'
import { nodeDisk } from './node-disk.ts'

const ttlMs = 30_000
const log = { after: 0, bytesMax: 64 * 1024 }

let root = ''
let dir = ''
let stores = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'segno-log-'))
})
beforeEach(() => {
  dir = join(root, `store-${(stores += 1)}`)
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** A storage of a process that began when the host did so for the `boot`th time, of which nobody knows that it is dead. */
function opened(
  boot: number,
  options: Partial<FileStorageOptions> & { readonly namespace?: string } = {},
): FileStorage {
  const { namespace = 'one', ...rest } = options
  const identity = { pid: 1, host: 'host', boot: `boot-${boot}`, namespace }
  return fileStorage({ dir, log, process: { identity, isDead: (other) => other.boot !== identity.boot }, ...rest })
}

function event(runId: string, seq: number, output = 'x'.repeat(200)): RunEvent {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: 'a', output }
}

function create(storage: FileStorage, runId: string, incarnation = 'first') {
  const run = { runId, incarnation, workflow: 'w', plan: 'p', labels: {} }
  const batch = { events: [event(runId, 1)], status: 'running', wakeAt: null } as const
  return storage.createRun(run, batch, { inputHash: 'i', claim: { owner: 'a', ttlMs } })
}

async function append(storage: FileStorage, runId: string, seq: number, changes = {}): Promise<string> {
  const name = { runId, incarnation: 'first', token: 1, expectedSeq: seq - 1, batchId: `batch-${seq}` }
  const batch = { events: [event(runId, seq)], status: 'running', wakeAt: null } as const
  return (await storage.append({ ...name, ...batch, ...changes })).outcome
}

async function seqs(storage: FileStorage, runId: string): Promise<number[]> {
  const all: number[] = []
  for await (const page of storage.read(runId, 1)) for (const { seq } of page) all.push(seq)
  return all
}

const logsLeft = async (): Promise<string[]> => readdir(join(dir, 'logs')).catch(() => [])
const journal = (runId: string): string => join(dir, `runs/${runId}/journal/000001.jsonl`)

describe('when the power fails before the journals are synced', () => {
  const names = ['a', 'b', 'c']

  /** Three runs of three events, of which the journals lose what was appended to them. */
  async function lost(): Promise<FileStorage> {
    const storage = opened(1)
    for (const name of names) await create(storage, name)
    const sizes = await Promise.all(names.map(async (name) => (await stat(journal(name))).size))
    for (const seq of [2, 3]) await Promise.all(names.map((name) => append(storage, name, seq)))
    await Promise.all(names.map((name, n) => truncate(journal(name), sizes[n])))
    return storage
  }

  test('the log puts back what was acknowledged, and is removed', async () => {
    await lost()
    const storage = opened(2)
    for (const name of names) expect(await seqs(storage, name)).toEqual([1, 2, 3])
    expect(await logsLeft()).toEqual([])
  })

  test('two processes that come then put back the same, and both go on', async () => {
    await lost()
    const storages = [opened(2), opened(2)]
    const found = await Promise.all(storages.map((storage) => seqs(storage, 'b')))
    expect(found).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
    const taken = await Promise.all(storages.map((storage) => storage.acquire({ owner: 'b', ttlMs, limit: 9 })))
    expect(taken.flatMap(({ runs }) => runs.map(({ row }) => row.runId)).toSorted()).toEqual(names)
  })

  test('a journal that holds half of it, and zeros, is made whole', async () => {
    const storage = opened(1)
    await create(storage, 'a')
    const { size } = await stat(journal('a'))
    await append(storage, 'a', 2)
    const bytes = await readFile(journal('a'))
    const half = size + ((bytes.length - size) >> 1)
    await writeFile(journal('a'), Buffer.concat([bytes.subarray(0, half), Buffer.alloc(bytes.length - half)]))
    expect(await seqs(opened(2), 'a')).toEqual([1, 2])
    expect(await readFile(journal('a'))).toEqual(bytes)
  })

  test('nothing of it comes into a run that has the name now', async () => {
    const storage = opened(1)
    await create(storage, 'a')
    await append(storage, 'a', 2, { events: [], status: 'waiting', release: true })
    const other = opened(1, { log: { after: Number.POSITIVE_INFINITY } })
    expect(await other.delete('a')).toBe(true)
    await create(other, 'a', 'second')
    const before = await readFile(journal('a'))
    expect(await seqs(opened(2), 'a')).toEqual([1])
    expect(await readFile(journal('a'))).toEqual(before)
  })

  test('what was appended behind the end that another lease found stays away', async () => {
    const now = Date.now()
    const holder = opened(1, { now: () => now })
    await create(holder, 'a')
    const { size } = await stat(journal('a'))
    const other = opened(1, { now: () => now + 2 * ttlMs })
    const { runs } = await other.acquire({ owner: 'b', ttlMs, limit: 1 })
    expect(runs[0]?.lease.token).toBe(2)
    expect(await append(holder, 'a', 2)).toBe('fenced')
    expect(await append(other, 'a', 2, { token: 2, batchId: 'other', events: [event('a', 2, 'other')] })).toBe('ok')
    await truncate(journal('a'), size)
    const after = opened(2)
    const events: RunEvent[] = []
    for await (const page of after.read('a', 1)) events.push(...page)
    expect(events).toEqual([event('a', 1), event('a', 2, 'other')])
  })

  test('a log that cannot be read is told, and nothing else of the store, until it is gone', async () => {
    await lost()
    const [name = ''] = await logsLeft()
    const path = join(dir, 'logs', name)
    const bytes = await readFile(path)
    bytes.writeUInt8(bytes.readUInt8(bytes.indexOf(0x0a) + 20) ^ 1, bytes.indexOf(0x0a) + 20)
    await writeFile(path, bytes)
    const storage = opened(2)
    await expect(storage.list({}, { limit: 1 })).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
    await Promise.all((await logsLeft()).map((left) => rm(join(dir, 'logs', left))))
    expect(await seqs(storage, 'a')).toEqual([1])
  })
})

describe('the log', () => {
  test('is kept once runs append beside others, and gone when the storage is closed', async () => {
    const storage = opened(1, { log: { after: 8 } })
    await create(storage, 'alone')
    for (let seq = 2; seq <= 20; seq += 1) await append(storage, 'alone', seq)
    await storage.close()
    await expect(stat(join(dir, 'logs'))).rejects.toMatchObject({ code: 'ENOENT' })
    const names = Array.from({ length: 20 }, (_, n) => `run-${n}`)
    for (const name of names) await create(storage, name)
    for (const seq of [2, 3]) await Promise.all(names.map((name) => append(storage, name, seq)))
    await storage.close()
    await stat(join(dir, 'logs'))
    expect(await logsLeft()).toEqual([])
    const other = opened(1)
    for (const name of names) expect(await seqs(other, name)).toEqual([1, 2, 3])
  })

  test('makes room while runs append, and every journal is whole', async () => {
    let logs = 0
    const whole = nodeDisk()
    const disk: Disk = {
      ...whole,
      async create(path, use) {
        if (path.includes('/logs/')) logs += 1
        return whole.create(path, use)
      },
    }
    const storage = opened(1, { disk, log: { after: 0, bytesMax: 8_000 } })
    const names = Array.from({ length: 20 }, (_, n) => `run-${n}`)
    await Promise.all(names.map((name) => create(storage, name)))
    const outcomes = names.map(async (name) => {
      for (let seq = 2; seq <= 10; seq += 1) expect(await append(storage, name, seq)).toBe('ok')
    })
    await Promise.all(outcomes)
    expect(logs).toBeGreaterThan(5)
    expect((await logsLeft()).length).toBeLessThanOrEqual(3)
    await storage.close()
    expect(await logsLeft()).toEqual([])
    const other = opened(1)
    for (const name of names) expect(await seqs(other, name)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('of a process of which nobody can tell is taken away, and that process goes on without it', async () => {
    const synced: string[] = []
    const whole = nodeDisk()
    const disk: Disk = {
      ...whole,
      async create(path, use) {
        const file = await whole.create(path, use)
        const sync = async (): Promise<void> => {
          synced.push(path)
          await file?.sync()
        }
        return file && { ...file, sync, write: (bytes) => file.write(bytes), commit: (bytes) => file.commit(bytes) }
      },
    }
    const storage = opened(1, { disk })
    await create(storage, 'a')
    expect(await append(storage, 'a', 2)).toBe('ok')
    const other = opened(1, { namespace: 'two' })
    await create(other, 'b')
    await other.close()
    expect(await logsLeft()).toEqual([])
    synced.length = 0
    expect(await append(storage, 'a', 3)).toBe('ok')
    // By itself, as the log that holds it may be gone already.
    expect(synced.filter((path) => path.endsWith('.jsonl')).length).toBe(1)
    expect(await seqs(opened(1), 'a')).toEqual([1, 2, 3])
  })

  test('stays until the host has begun again where a journal could not be synced', async () => {
    const whole = nodeDisk()
    let broken = false
    const disk: Disk = {
      ...whole,
      async open(path) {
        const file = await whole.open(path)
        const sync = async (): Promise<void> => {
          if (broken) throw Object.assign(new Error('EIO: injected'), { code: 'EIO' })
        }
        return file && { ...file, sync }
      },
    }
    const storage = opened(1, { disk })
    await create(storage, 'a')
    const { size } = await stat(journal('a'))
    await append(storage, 'a', 2)
    broken = true
    await storage.close()
    const next = opened(1)
    await create(next, 'b')
    await next.close()
    expect((await logsLeft()).length).toBe(1)
    await truncate(journal('a'), size)
    expect(await seqs(opened(2), 'a')).toEqual([1, 2])
    expect(await logsLeft()).toEqual([])
  })

  test('that fails fails its appends, whose leases are over, and the next ones go on', async () => {
    const whole = nodeDisk()
    let broken = false
    const disk: Disk = {
      ...whole,
      async openAt(path, use) {
        const file = await whole.openAt(path, use)
        return (
          file && {
            ...file,
            async commit(from, bytes) {
              if (broken) throw Object.assign(new Error('EIO: injected'), { code: 'EIO' })
              await file.commit(from, bytes)
            },
          }
        )
      },
    }
    const storage = opened(1, { disk })
    await create(storage, 'a')
    await create(storage, 'b')
    await append(storage, 'a', 2)
    broken = true
    await expect(append(storage, 'a', 3)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', ambiguous: true })
    expect(await append(storage, 'a', 3)).toBe('fenced')
    expect(await append(storage, 'b', 2)).toBe('ok')
    expect([await seqs(storage, 'a'), await seqs(storage, 'b')]).toEqual([
      [1, 2],
      [1, 2],
    ])
    await storage.close()
  })
})

describe('groups', () => {
  const write = (text: string): LoggedWrite => ({
    path: 'runs/a/journal/000001.jsonl',
    segment: { length: 10, crc: 1 },
    offset: 10,
    bytes: Buffer.from(text),
  })
  const groups = [groupBytes(1, [write('one'), write('two')]), groupBytes(2, [write('three')])]
  const whole = Buffer.concat([...groups, Buffer.alloc(50)])
  const texts = (bytes: Uint8Array): string[] =>
    groupsIn(bytes, 0).writes.map((one) => Buffer.from(one.bytes).toString())

  test('are read in their order, up to the zeros behind them', () => {
    expect(groupsIn(whole, 0)).toEqual({ writes: [write('one'), write('two'), write('three')] })
  })

  test('the last of which is torn anywhere are read without it', () => {
    const first = groups[0]?.length ?? 0
    for (let at = first; at < whole.length - 50; at += 1) {
      const torn = Buffer.from(whole)
      torn.fill(0, at, whole.length - 50)
      expect(texts(torn)).toEqual(['one', 'two'])
      expect(groupsIn(torn, 0).damagedAt).toBeUndefined()
      expect(texts(whole.subarray(0, at))).toEqual(['one', 'two'])
    }
  })

  test('one of which is changed with another one behind it are damaged there', () => {
    for (let at = 0; at < (groups[0]?.length ?? 0); at += 1) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 1
      expect(groupsIn(damaged, 0)).toMatchObject({ writes: [], damagedAt: 0 })
    }
  })
})
