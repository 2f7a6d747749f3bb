import { describe, expect, test } from 'vitest'
import { databases, inDatabase } from './fixtures.ts'
import { batch, claim, event } from './runs.ts'

const { path, open } = databases()

describe('a batch that a SQLite storage is sent again', () => {
  const many = { ...batch('run', 1), events: Array.from({ length: 2_500 }, (_, n) => event('run', n + 2)) }

  test('is known by its events in the journal, also where they fill several pages', async () => {
    const storage = open(path())
    await claim(storage, 'run')
    expect((await storage.append(many)).outcome).toBe('ok')
    expect((await storage.append(many)).outcome).toBe('duplicate')
  })

  test('is refused where one event of many is another one of the same length', async () => {
    const storage = open(path())
    await claim(storage, 'run')
    await storage.append(many)
    const other = { ...many, events: many.events.with(-1, event('run', 2_501, 'y')) }
    await expect(storage.append(other)).rejects.toMatchObject({ code: 'BATCH_REUSED' })
  })

  test('is refused where it consumed as many other messages', async () => {
    const storage = open(path())
    await claim(storage, 'run')
    for (const id of ['a', 'b']) await storage.deliver('run', { id, name: 'm', payload: 1 })
    expect((await storage.append({ ...batch('run', 1), consume: ['a'] })).outcome).toBe('ok')
    const other = { ...batch('run', 1), consume: ['b'] }
    await expect(storage.append(other)).rejects.toMatchObject({ code: 'BATCH_REUSED' })
  })

  test('is not taken for another one where its event is damaged since', async () => {
    const file = path()
    const storage = open(file)
    await claim(storage, 'run')
    await storage.append(batch('run', 1))
    inDatabase(file, (database) =>
      database.exec("UPDATE segno_events SET json = replace(json, 'x', 'y') WHERE seq = 2"),
    )
    await expect(storage.append(batch('run', 1))).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
  })
})
