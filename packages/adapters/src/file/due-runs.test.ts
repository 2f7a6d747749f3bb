import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LeaseName } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { changesIn } from './changes.ts'
import type { Disk, DiskFile } from './disk.ts'
import { fileStorage, type FileStorage } from './index.ts'
import { nodeDisk } from './node-disk.ts'

const ttlMs = 30_000
const hourMs = 3_600_000

let root = ''
let dir = ''
let stores = 0
let now = 0
let opened: FileStorage[] = []
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'segno-due-'))
})
beforeEach(() => {
  dir = join(root, `store-${(stores += 1)}`)
  now = Date.UTC(2026, 0, 1)
  opened = []
})
afterEach(() => Promise.all(opened.map((storage) => storage.close())))
afterAll(() => rm(root, { recursive: true, force: true }))

function open(disk: Disk = nodeDisk()): FileStorage {
  const storage = fileStorage({ dir, disk, now: () => now })
  opened.push(storage)
  return storage
}

type Asked = (work: keyof Disk | keyof DiskFile, path: string) => Promise<void>

/** This machine's disk, which says first what it is asked for that looks at a name or writes. */
function toldDisk(asked: Asked): Disk {
  const whole = nodeDisk()
  const file = (path: string, inner: DiskFile | undefined): DiskFile | undefined =>
    inner && {
      ...inner,
      async write(bytes) {
        await asked('write', path)
        await inner.write(bytes)
      },
      async commit(bytes) {
        await asked('commit', path)
        await inner.commit(bytes)
      },
    }
  return {
    ...whole,
    async has(path) {
      await asked('has', path)
      return whole.has(path)
    },
    async list(path) {
      await asked('list', path)
      return whole.list(path)
    },
    async look(path) {
      await asked('look', path)
      return whole.look(path)
    },
    async read(path, ...where) {
      await asked('read', path)
      return whole.read(path, ...where)
    },
    create: async (path, use) => file(path, await whole.create(path, use)),
    open: async (path) => file(path, await whole.open(path)),
  }
}

function event(runId: string, seq: number): RunEvent {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: 'a', output: 'x' }
}

/** Makes a run that a storage holds, or that nobody does. */
async function create(storage: FileStorage, runId: string, isClaimed = true): Promise<LeaseName> {
  const run = { runId, incarnation: `inc-${now}`, workflow: 'w', plan: 'p', labels: {} }
  const batch = { events: [event(runId, 1)], status: 'running', wakeAt: null } as const
  const claim = isClaimed ? { claim: { owner: 'a', ttlMs } } : {}
  const created = await storage.createRun(run, batch, { inputHash: 'i', ...claim })
  expect(created.outcome).toBe('created')
  return { runId, incarnation: run.incarnation, token: 1 }
}

async function park(storage: FileStorage, lease: LeaseName, wakeAt: number | null): Promise<void> {
  const batch = { events: [event(lease.runId, 2)], status: 'waiting', wakeAt, park: { inboxHead: 0 } } as const
  const { outcome } = await storage.append({ ...lease, expectedSeq: 1, batchId: 'park', ...batch })
  expect(outcome).toBe('ok')
}

async function sleeper(storage: FileStorage, runId: string, wakeAt: number | null): Promise<void> {
  await park(storage, await create(storage, runId), wakeAt)
}

async function due(storage: FileStorage): Promise<string[]> {
  const { runs } = await storage.acquire({ owner: 'poll', ttlMs, limit: 10 })
  return runs.map(({ row }) => row.runId)
}

const message = { id: 'm1', name: 'go', payload: null }

describe('a look for due runs', () => {
  test('looks at no run that only this storage has changed', async () => {
    const seen: string[] = []
    const storage = open(
      toldDisk(async (_, path) => {
        seen.push(path.slice(dir.length + 1))
      }),
    )
    for (let index = 0; index < 20; index++) await sleeper(storage, `sleeper-${index}`, now + hourMs)
    expect(await due(storage)).toEqual([])
    seen.length = 0
    expect(await due(storage)).toEqual([])
    expect(seen).toEqual(['changes', 'deletions'])

    await sleeper(storage, 'soon', now + 1000)
    await storage.deliver('sleeper-7', message)
    now += 1000
    seen.length = 0
    expect(await due(storage)).toEqual(['sleeper-7', 'soon'])
    const runs = seen.filter((path) => path.startsWith('runs/')).map((path) => path.split('/')[1] ?? '')
    expect([...new Set(runs)].toSorted()).toEqual(['sleeper-7', 'soon'])
  })

  test.for<[string, (other: FileStorage) => Promise<() => Promise<void>>]>([
    ['makes', async (other) => async () => void (await create(other, 'run', false))],
    [
      'parks',
      async (other) => {
        const lease = await create(other, 'run')
        return () => park(other, lease, now)
      },
    ],
    [
      'gives back',
      async (other) => {
        const lease = await create(other, 'run')
        return () => other.release(lease)
      },
    ],
    [
      'sends a message',
      async (other) => {
        await sleeper(other, 'run', null)
        return async () => void (await other.deliver('run', message))
      },
    ],
    [
      'gives up',
      async () => {
        let isBroken = false
        const disk = toldDisk(async (work) => {
          if (work === 'commit' && isBroken) throw Object.assign(new Error('EIO'), { code: 'EIO' })
        })
        const failing = open(disk)
        const lease = await create(failing, 'run')
        isBroken = true
        return () => expect(park(failing, lease, null)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
      },
    ],
    [
      'takes, and lets its lease run out',
      async (other) => {
        await sleeper(other, 'run', null)
        return async () => {
          await other.deliver('run', message)
          await other.acquire({ owner: 'other', ttlMs: 1, limit: 1 })
          now += 1
        }
      },
    ],
    [
      'makes anew, after it was deleted,',
      async (other) => {
        await sleeper(other, 'run', now + hourMs)
        return async () => {
          expect(await other.delete('run')).toBe(true)
          now += 1
          await create(other, 'run', false)
        }
      },
    ],
  ])('finds a run at once that another storage %s', async ([, prepare]) => {
    const [storage, other] = [open(), open()]
    const change = await prepare(other)
    expect(await due(storage)).toEqual([])
    await change()
    expect(await due(storage)).toEqual(['run'])
  })

  test('finds one within a minute whose change could not be told', async () => {
    const hushed = toldDisk(async (work, path) => {
      if (work === 'write' && path.endsWith('/changes')) throw Object.assign(new Error('EIO'), { code: 'EIO' })
    })
    const [storage, other] = [open(), open(hushed)]
    await sleeper(storage, 'run', null)
    expect(await due(storage)).toEqual([])
    expect((await other.deliver('run', message)).outcome).toBe('accepted')
    now += 59_999
    expect(await due(storage)).toEqual([])
    now += 1
    expect(await due(storage)).toEqual(['run'])
  })

  test('looks at a few runs each time, and at all within a minute', async () => {
    const seen: string[] = []
    const storage = open(
      toldDisk(async (_, path) => {
        seen.push(path.slice(dir.length + 1))
      }),
    )
    const names = Array.from({ length: 120 }, (_, index) => `sleeper-${index}`)
    for (const name of names) await sleeper(storage, name, now + hourMs)
    expect(await due(storage)).toEqual([])
    const all = new Set<string>()
    for (let second = 0; second < 60; second++) {
      now += 1000
      seen.length = 0
      expect(await due(storage)).toEqual([])
      const runs = new Set(seen.filter((path) => path.startsWith('runs/')).map((path) => path.split('/')[1] ?? ''))
      expect(runs.size).toBeLessThanOrEqual(2)
      for (const run of runs) all.add(run)
    }
    expect([...all].toSorted()).toEqual(names.toSorted())
  })

  test('finds one whose message came while it was being parked, and was told of before that was written', async () => {
    const other = open()
    let meanwhile = async (): Promise<void> => undefined
    const storage = open(
      toldDisk(async (work) => {
        if (work === 'commit') await meanwhile()
      }),
    )
    const lease = await create(storage, 'run')
    meanwhile = async () => {
      meanwhile = async () => undefined
      await other.deliver('run', message)
      expect(await due(storage)).toEqual([])
    }
    await park(storage, lease, null)
    expect(await due(storage)).toEqual(['run'])
  })
})

describe('changes that others have told of', () => {
  test('are counted without those of this storage, and are not known while it tells of one', async () => {
    await nodeDisk().makeFolder(dir)
    let isBroken = false
    const disk = toldDisk(async (work) => {
      if (work === 'write' && isBroken) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    })
    const path = join(dir, 'changes')
    const [one, other] = [changesIn(disk, path), changesIn(nodeDisk(), path)]
    expect(await one.others()).toBe(0)
    const telling = [one.tell(), one.tell(), one.tell()]
    expect(await one.others()).toBeUndefined()
    await Promise.all(telling)
    expect(await one.others()).toBe(0)
    // The first of them, and one for those who came while it was being told.
    expect(await other.others()).toBe(2)
    isBroken = true
    await one.tell()
    await other.tell()
    expect(await one.others()).toBe(1)
  })
})
