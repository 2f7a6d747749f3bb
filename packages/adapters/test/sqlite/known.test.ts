import { describe, expect, test } from 'vitest'
import { databases, inDatabase } from './fixtures.ts'
import { batch, claim } from './runs.ts'

const { path, open } = databases()

describe('what a SQLite storage knows of a run that it writes to', () => {
  test('is forgotten once somebody else has written to the database', async () => {
    const file = path()
    const [one, other] = [open(file), open(file)]
    await claim(one, 'run')
    expect((await one.append(batch('run', 1))).outcome).toBe('ok')
    expect((await other.append(batch('run', 2))).outcome).toBe('ok')
    expect((await one.append({ ...batch('run', 2), batchId: 'late' })).outcome).toBe('conflict')
    expect((await one.append(batch('run', 3))).outcome).toBe('ok')
  })

  test('is not trusted over a row that somebody has damaged since', async () => {
    const file = path()
    const storage = open(file)
    await claim(storage, 'run')
    expect((await storage.append(batch('run', 1))).outcome).toBe('ok')
    inDatabase(file, (database) => database.exec('UPDATE segno_runs SET head = 1'))
    await expect(storage.append(batch('run', 2))).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
  })

  test('is forgotten with what was undone', async () => {
    const storage = open(path())
    const runIds = ['a', 'b', 'c']
    for (const runId of runIds) await claim(storage, runId)
    const bad = { ...batch('b', 1), consume: ['nothing'] }
    await Promise.allSettled([storage.append(batch('a', 1)), storage.append(bad), storage.append(batch('c', 1))])
    const heads = await Promise.all(runIds.map(async (runId) => (await storage.row(runId))?.head))
    expect(heads).toEqual([2, 1, 2])
    const next = await Promise.all([batch('a', 2), batch('b', 1), batch('c', 2)].map((one) => storage.append(one)))
    expect(next.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
  })

  test('is forgotten with a run that is deleted', async () => {
    const storage = open(path())
    await claim(storage, 'run')
    await storage.append({ ...batch('run', 1), release: true })
    expect(await storage.delete('run')).toBe(true)
    expect((await storage.append(batch('run', 2))).outcome).toBe('gone')
    await claim(storage, 'run')
    expect((await storage.append(batch('run', 1))).outcome).toBe('ok')
  })
})
