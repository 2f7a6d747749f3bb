import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '@segno/schema/plan'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fileStorage, type Disk, type FileStorage } from './index.ts'
import { nodeDisk } from './node-disk.ts'

const ttlMs = 30_000
const run = { runId: 'Run', incarnation: 'first', workflow: 'w', plan: 'p', labels: {} }

let root = ''
let dir = ''
let stores = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'segno-host-'))
})
beforeEach(() => {
  dir = join(root, `store-${(stores += 1)}`)
})
afterAll(() => rm(root, { recursive: true, force: true }))

function event(seq: number): RunEvent {
  return { seq, v: 1, at: 0, runId: 'Run', type: 'step.completed', path: 'a', output: 'x'.repeat(100) }
}

async function create(storage: FileStorage): Promise<void> {
  const batch = { events: [event(1)], status: 'running', wakeAt: null } as const
  await storage.createRun(run, batch, { inputHash: 'i', claim: { owner: 'a', ttlMs } })
}

describe('a lease whose process is known to be dead', () => {
  test('is lost, and is taken over at once', async () => {
    const storage = fileStorage({ dir, process: { identity: { pid: 1, host: 'x' }, isDead: () => false } })
    await create(storage)
    const other = fileStorage({ dir, process: { identity: { pid: 2, host: 'x' }, isDead: ({ pid }) => pid === 1 } })
    expect((await storage.row('Run'))?.holder?.isLost).toBe(false)
    expect((await other.row('Run'))?.holder).toMatchObject({ owner: 'a', isLost: true })
    const { runs } = await other.acquire({ owner: 'b', ttlMs, limit: 1 })
    expect(runs.map(({ expired, row }) => [expired, row.holder?.owner])).toEqual([[true, 'b']])
    await Promise.all([storage.close(), other.close()])
  })

  test('of a process that lives, also of this one, is held', async () => {
    const [storage, other] = [fileStorage({ dir }), fileStorage({ dir })]
    await create(storage)
    expect((await other.acquire({ owner: 'b', ttlMs, limit: 1 })).runs).toEqual([])
    await Promise.all([storage.close(), other.close()])
  })
})

test('a message from another process is hinted at', async () => {
  const [storage, other] = [fileStorage({ dir }), fileStorage({ dir })]
  await create(storage)
  const hinted = new Promise<string>((resolve) => {
    const stop = storage.subscribe((runId, news) => {
      stop()
      resolve(`${runId} ${news}`)
    })
  })
  // The watch begins after the call: what is sent before is found by polling.
  let isOver = false
  void hinted.then(() => (isOver = true))
  for (let n = 0; !isOver; n += 1) await other.deliver('Run', { id: `${n}`, name: 'note', payload: n })
  expect(await hinted).toBe('Run inbox')
  await Promise.all([storage.close(), other.close()])
})

test('a snapshot saves reading the journal before it, also to a process that has just begun', async () => {
  const size = 2_000
  const storage = fileStorage({ dir })
  await create(storage)
  const events = Array.from({ length: size }, (_, index) => event(index + 2))
  const batch = { status: 'running', wakeAt: null, token: 1 } as const
  const snapshot = { seq: size + 1, format: 1, state: { n: size } }
  await storage.append({ ...run, ...batch, expectedSeq: 1, batchId: 'long', events, snapshot })
  await storage.append({ ...run, ...batch, expectedSeq: size + 1, batchId: 'short', events: [event(size + 2)] })
  let bytes = 0
  const other = fileStorage({ dir, disk: counting((count) => (bytes += count)) })
  const loaded = await other.load('Run')
  expect([loaded?.row.head, loaded?.snapshot]).toEqual([size + 2, snapshot])
  const tail: RunEvent[] = []
  for await (const page of loaded?.tail ?? []) tail.push(...page)
  expect(tail).toEqual([event(size + 2)])
  expect(bytes).toBeLessThan(20_000)
  await Promise.all([storage.close(), other.close()])
})

test('a run that is taken up is read once, and again whenever it is asked for', async () => {
  const storage = fileStorage({ dir, process: { identity: { pid: 1, host: 'x' }, isDead: () => false } })
  await create(storage)
  const first = { ...run, token: 1, status: 'running', wakeAt: null } as const
  const snapshot = { seq: 2, format: 1, state: {} }
  await storage.append({ ...first, expectedSeq: 1, batchId: 'a', events: [event(2)], snapshot })
  await storage.append({ ...first, expectedSeq: 2, batchId: 'b', events: [event(3)] })
  let bytes = 0
  const other = fileStorage({
    dir,
    disk: counting((count) => (bytes += count)),
    process: { identity: { pid: 2, host: 'x' }, isDead: ({ pid }) => pid === 1 },
  })
  const { runs } = await other.acquire({ owner: 'b', ttlMs, limit: 1, runIds: ['Run'] })
  expect([runs.length, bytes > 0]).toEqual([1, true])
  bytes = 0
  expect(await tailOf(other)).toEqual([event(3)])
  expect(bytes).toBe(0)
  const batch = { ...run, token: 2, expectedSeq: 3, batchId: 'c', status: 'running', wakeAt: null } as const
  expect((await other.append({ ...batch, events: [event(4)] })).outcome).toBe('ok')
  expect(await tailOf(other)).toEqual([event(3), event(4)])
  await Promise.all([storage.close(), other.close()])
})

async function tailOf(storage: FileStorage): Promise<RunEvent[]> {
  const tail: RunEvent[] = []
  for await (const page of (await storage.load('Run'))?.tail ?? []) tail.push(...page)
  return tail
}

test('a snapshot that cannot be read is as none', async () => {
  const storage = fileStorage({ dir })
  await create(storage)
  const snapshot = { seq: 2, format: 1, state: 1 }
  const batch = { ...run, token: 1, expectedSeq: 1, batchId: 'b', status: 'running', wakeAt: null, snapshot } as const
  await storage.append({ ...batch, events: [event(2)] })
  const path = join(dir, 'runs/+run/snapshot/latest.json')
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replace('"state":1', '"state":2'))
  const loaded = await fileStorage({ dir }).load('Run')
  expect([loaded?.snapshot, loaded?.row.head]).toEqual([undefined, 2])
  await storage.close()
})

test('files are for their owner only, and people find a run when it is parked', async () => {
  const storage = fileStorage({ dir })
  await create(storage)
  await storage.deliver('Run', { id: 'a', name: 'note', payload: 1 })
  const batch = { ...run, token: 1, expectedSeq: 1, batchId: 'b', status: 'waiting', wakeAt: null } as const
  await storage.append({
    ...batch,
    events: [event(2)],
    park: { inboxHead: 1 },
    snapshot: { seq: 2, format: 1, state: {} },
  })
  await storage.close()
  const found = await readdir(dir, { recursive: true, withFileTypes: true })
  for (const entry of found) {
    const { mode } = await stat(join(entry.parentPath, entry.name))
    expect([entry.name, mode & 0o777]).toEqual([entry.name, entry.isDirectory() ? 0o700 : 0o600])
  }
  expect(
    found
      .filter((entry) => entry.parentPath.endsWith('+run'))
      .map((entry) => entry.name)
      .toSorted(),
  ).toEqual(['inbox', 'journal', 'run.json', 'snapshot', 'state.json'])
  const row = JSON.parse(await readFile(join(dir, 'runs/+run/run.json'), 'utf8')) as object
  expect(row).toMatchObject({ runId: 'Run', status: 'waiting', head: 2 })
})

test('the folder of an attempt is below that of its run, whatever its path', () => {
  const { evidence } = fileStorage({ dir })
  expect(evidence.folder('Run', 'outer[3]/inner[0]~2/step', 1)).toBe(
    `${dir}/runs/+run/steps/outer[3]/inner[0]~2/step/attempt-1`,
  )
  expect(evidence.folder('Run', 'con/../..', 2)).toBe(`${dir}/runs/+run/steps/con+/=2e=2e/=2e=2e/attempt-2`)
})

test('reading a store that is not there makes nothing', async () => {
  const storage = fileStorage({ dir })
  expect(await storage.list({}, { limit: 1 })).toEqual({ runs: [] })
  expect((await storage.acquire({ owner: 'a', ttlMs, limit: 1 })).runs).toEqual([])
  expect(await storage.row('Run')).toBeUndefined()
  await expect(stat(dir)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a storage is closed as often as one likes', async () => {
  const storage = fileStorage({ dir })
  await create(storage)
  await storage.close()
  await storage.close()
  const batch = { ...run, token: 1, expectedSeq: 1, batchId: 'b', status: 'running', wakeAt: null } as const
  expect((await storage.append({ ...batch, events: [event(2)] })).outcome).toBe('fenced')
})

function counting(count: (bytes: number) => void): Disk {
  const disk = nodeDisk()
  return {
    ...disk,
    async read(path, from, length) {
      const bytes = await disk.read(path, from, length)
      if (path.includes('/journal/')) count(bytes?.length ?? 0)
      return bytes
    },
  }
}
