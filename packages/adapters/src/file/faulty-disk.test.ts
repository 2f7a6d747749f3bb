import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '@segno/schema/plan'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Disk, DiskFile } from './disk.ts'
import { fileStorage, type FileStorage } from './index.ts'
import { nodeDisk } from './node-disk.ts'

const ttlMs = 30_000
const run = { runId: 'run', incarnation: 'first', workflow: 'w', plan: 'p', labels: {} }

let root = ''
let dir = ''
let stores = 0
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'segno-faulty-'))
})
beforeEach(() => {
  dir = join(root, `store-${(stores += 1)}`)
})
afterAll(() => rm(root, { recursive: true, force: true }))

type Work = keyof DiskFile | keyof Disk

/** This machine's disk, which fails as `fails` says: by what is asked of it and for which path. */
function faultyDisk(fails: (work: Work, path: string) => string | undefined): Disk {
  const whole = nodeDisk()
  const judge = (work: Work, path: string): void => {
    const code = fails(work, path)
    if (code !== undefined) throw Object.assign(new Error(`${code}: injected`), { code })
  }
  const file = (path: string, inner: DiskFile | undefined): DiskFile | undefined => {
    if (inner === undefined) return undefined
    const write = async (bytes: Uint8Array): Promise<void> => {
      // Half of it is written all the same.
      if (fails('write', path) !== undefined) await inner.write(bytes.subarray(0, bytes.length / 2))
      judge('write', path)
      await inner.write(bytes)
    }
    const sync = async (): Promise<void> => {
      judge('sync', path)
      await inner.sync()
    }
    const commit = async (bytes: Uint8Array): Promise<void> => {
      await write(bytes)
      await sync()
    }
    return { write, sync, commit, close: () => inner.close() }
  }
  return {
    ...whole,
    async create(path) {
      judge('create', path)
      return file(path, await whole.create(path))
    },
    async open(path) {
      judge('open', path)
      return file(path, await whole.open(path))
    },
    async remove(path) {
      judge('remove', path)
      return whole.remove(path)
    },
    async rename(from, to) {
      judge('rename', to)
      return whole.rename(from, to)
    },
    async syncFolder(folder) {
      judge('syncFolder', folder)
      await whole.syncFolder(folder)
    },
  }
}

function event(seq: number, output = 'x'): RunEvent {
  return { seq, v: 1, at: 0, runId: 'run', type: 'step.completed', path: 'a', output }
}

function create(storage: FileStorage, options: { readonly idempotencyKey?: string } = {}, incarnation = 'first') {
  const batch = { events: [event(1)], status: 'running', wakeAt: null } as const
  const claim = { owner: 'a', ttlMs }
  return storage.createRun({ ...run, incarnation }, batch, { inputHash: 'i', claim, ...options })
}

function append(storage: FileStorage, seq: number, token = 1, batchId = `batch-${seq}`) {
  const batch = { events: [event(seq)], status: 'running', wakeAt: null } as const
  return storage.append({ ...run, token, expectedSeq: seq - 1, batchId, ...batch })
}

async function seqs(storage: FileStorage): Promise<number[]> {
  const all: number[] = []
  for await (const page of storage.read('run', 1)) for (const { seq } of page) all.push(seq)
  return all
}

const unavailable = { code: 'STORAGE_UNAVAILABLE' }

describe('a write that fails', () => {
  test.for([
    ['write', 'ENOSPC', false],
    ['write', 'EDQUOT', false],
    ['write', 'EROFS', false],
    ['write', 'EIO', true],
    ['sync', 'EIO', true],
    // Some disks find no room only when they are to keep what was written.
    ['sync', 'ENOSPC', true],
  ] as const)(
    'at %s with %s ends the lease, and the next one goes on behind the last batch',
    async ([work, code, ambiguous]) => {
      let broken = false
      const disk = faultyDisk((what, path) => (broken && what === work && path.endsWith('.jsonl') ? code : undefined))
      // The segment of a new run is opened under another name.
      const staged = faultyDisk((what, path) =>
        broken && what === work && path.includes('journal') ? code : undefined,
      )
      const storage = fileStorage({ dir, disk: work === 'write' ? staged : disk })
      await create(storage)
      await append(storage, 2)
      broken = true
      await expect(append(storage, 3)).rejects.toMatchObject({ ...unavailable, ambiguous })
      broken = false
      expect((await append(storage, 3)).outcome).toBe('fenced')
      expect(await seqs(storage)).toEqual([1, 2])
      const { runs } = await storage.acquire({ owner: 'b', ttlMs, limit: 1 })
      expect(runs.map(({ lease, expired }) => [lease.token, expired])).toEqual([[2, true]])
      expect((await append(storage, 3, 2, 'other')).outcome).toBe('ok')
      const reopened = fileStorage({ dir })
      expect(await seqs(reopened)).toEqual([1, 2, 3])
      await Promise.all([storage.close(), reopened.close()])
    },
  )

  test('to a sync is not trusted by another process either, whatever the file holds', async () => {
    let broken = false
    const storage = fileStorage({ dir, disk: faultyDisk((work) => (broken && work === 'sync' ? 'EIO' : undefined)) })
    await create(storage)
    broken = true
    await expect(append(storage, 2)).rejects.toMatchObject(unavailable)
    const other = fileStorage({ dir })
    expect(await readFile(join(dir, 'runs/run/journal/000001.jsonl'), 'utf8')).toContain('"batch-2"')
    expect(await seqs(other)).toEqual([1])
    expect((await other.acquire({ owner: 'b', ttlMs, limit: 1 })).runs[0]?.expired).toBe(true)
    expect((await append(other, 2, 2, 'other')).outcome).toBe('ok')
    expect(await seqs(other)).toEqual([1, 2])
    await Promise.all([storage.close(), other.close()])
  })
})

describe('a creation that fails', () => {
  test.for(['create', 'write', 'sync'] as const)('at %s leaves nothing, and its key free', async (work) => {
    let broken = true
    const storage = fileStorage({
      dir,
      disk: faultyDisk((what, path) => (broken && what === work && path.includes('journal') ? 'ENOSPC' : undefined)),
    })
    await expect(create(storage, { idempotencyKey: 'key' })).rejects.toMatchObject({ ...unavailable, ambiguous: false })
    broken = false
    expect(await storage.row('run')).toBeUndefined()
    expect((await create(storage, { idempotencyKey: 'key' }, 'second')).outcome).toBe('created')
    await storage.close()
  })

  test('after it got its name is told as ambiguous, and gives its lease when it is sent again', async () => {
    let broken = true
    const disk = faultyDisk((work, path) =>
      broken && work === 'syncFolder' && path.endsWith('/runs') ? 'EIO' : undefined,
    )
    const storage = fileStorage({ dir, disk })
    await expect(create(storage)).rejects.toMatchObject({ ...unavailable, ambiguous: true })
    await expect(create(storage)).rejects.toMatchObject(unavailable)
    broken = false
    expect(await create(storage)).toMatchObject({ outcome: 'created', lease: { token: 1 } })
    expect((await append(storage, 2)).outcome).toBe('ok')
    await storage.close()
  })

  test('with its process, between its key and its run, does not keep the key from others', async () => {
    const dead = { pid: 1, host: 'gone' }
    const crashing = fileStorage({
      dir,
      // It does not come to give the key back either.
      disk: faultyDisk((work, path) => {
        const isCrash = work === 'remove' || (work === 'create' && path.includes('journal'))
        return isCrash ? 'EIO' : undefined
      }),
      process: { identity: dead, isDead: () => false },
    })
    await expect(create(crashing, { idempotencyKey: 'key' })).rejects.toMatchObject(unavailable)
    const storage = fileStorage({
      dir,
      process: { identity: { pid: 2, host: 'here' }, isDead: ({ host }) => host === 'gone' },
    })
    expect((await create(storage, { idempotencyKey: 'key' }, 'second')).outcome).toBe('created')
    await storage.close()
  })
})

describe('a store that cannot be used', () => {
  test('because its folder is a file, rejects with a fault', async () => {
    await writeFile(dir, '')
    const storage = fileStorage({ dir })
    await expect(create(storage)).rejects.toMatchObject({ ...unavailable, ambiguous: false })
    await expect(storage.list({}, { limit: 1 })).rejects.toMatchObject(unavailable)
    await expect(storage.row('run')).rejects.toMatchObject(unavailable)
    await storage.close()
  })

  test('because nothing can be written to it, can be read', async () => {
    const writer = fileStorage({ dir })
    await create(writer)
    const refused = faultyDisk((work) => (work === 'create' || work === 'open' ? 'EROFS' : undefined))
    const storage = fileStorage({
      dir,
      disk: refused,
      process: { identity: { pid: 2, host: 'x' }, isDead: () => true },
    })
    expect(await seqs(storage)).toEqual([1])
    await expect(storage.deliver('run', { id: 'a', name: 'n', payload: 1 })).rejects.toMatchObject(unavailable)
    await expect(storage.acquire({ owner: 'b', ttlMs, limit: 1 })).rejects.toMatchObject(unavailable)
    expect((await append(writer, 2)).outcome).toBe('ok')
    await Promise.all([storage.close(), writer.close()])
  })

  test('that has no more files to open, says so and goes on when it has', async () => {
    let broken = false
    const storage = fileStorage({
      dir,
      disk: faultyDisk((work) => (broken && work === 'create' ? 'EMFILE' : undefined)),
    })
    await create(storage)
    broken = true
    await expect(storage.deliver('run', { id: 'a', name: 'n', payload: 1 })).rejects.toMatchObject({ ambiguous: false })
    broken = false
    expect((await storage.deliver('run', { id: 'a', name: 'n', payload: 1 })).outcome).toBe('accepted')
    await storage.close()
  })
})

test('a run whose folder is removed under its holder is gone', async () => {
  const storage = fileStorage({ dir })
  await create(storage)
  await rm(join(dir, 'runs/run'), { recursive: true })
  expect((await append(storage, 2)).outcome).toBe('gone')
  expect(await storage.row('run')).toBeUndefined()
  await storage.close()
})

test('evidence that is written after a deletion does not keep the id from a new run', async () => {
  const storage = fileStorage({ dir })
  await create(storage)
  await storage.append({
    ...{ ...run, token: 1, expectedSeq: 1, batchId: 'r', events: [], status: 'waiting', wakeAt: null },
    release: true,
  })
  expect(await storage.delete('run')).toBe(true)
  await mkdir(storage.evidence.folder('run', 'a', 1), { recursive: true })
  expect(await storage.row('run')).toBeUndefined()
  expect((await create(storage, {}, 'second')).outcome).toBe('created')
  await expect(stat(join(dir, 'runs/run/steps'))).rejects.toMatchObject({ code: 'ENOENT' })
  await storage.close()
})
