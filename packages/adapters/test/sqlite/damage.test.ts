import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { databases, inDatabase } from './fixtures.ts'
import { batch, claim, event, eventsOf, newRun } from './runs.ts'

const { path, open } = databases()

/** A database with a run of 200 events that is closed. */
async function kept(): Promise<string> {
  const file = path()
  const storage = open(file)
  await claim(storage, 'run')
  const events = Array.from({ length: 199 }, (_, n) => event('run', n + 2, 'x'.repeat(200)))
  await storage.append({ ...batch('run', 1), events })
  await storage.putPlan('plan', { segno: 1, name: 'plan', steps: [] })
  await storage.deliver('run', { id: 'm', name: 'm', payload: 1 })
  await storage.close()
  return file
}

describe('a SQLite storage that finds damage', () => {
  const damaged = { code: 'JOURNAL_DAMAGED', ambiguous: false }

  test('refuses a file that is no database, and leaves it as it is', async () => {
    const file = path()
    writeFileSync(file, 'a letter to a friend\n'.repeat(100))
    const storage = open(file)
    await expect(storage.row('run')).rejects.toMatchObject(damaged)
    const first = { events: [event('run', 1)], status: 'running', wakeAt: null } as const
    await expect(storage.createRun(newRun('run'), first, { inputHash: 'i' })).rejects.toMatchObject(damaged)
    expect(readFileSync(file, 'utf8')).toBe('a letter to a friend\n'.repeat(100))
  })

  test('refuses to read a database that was cut off', async () => {
    const file = await kept()
    truncateSync(file, 16 * 1024)
    const storage = open(file)
    const reading = eventsOf(storage, 'run')
    await expect(reading).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
  })

  test.for([
    ['an event that was changed', "UPDATE segno_events SET json = replace(json, 'x', 'y') WHERE seq = 7"],
    ['an event that is missing', 'DELETE FROM segno_events WHERE seq = 7'],
    ['an event that is no JSON', "UPDATE segno_events SET json = '{', crc = 0 WHERE seq = 7"],
  ] as const)('refuses %s, and tells which', async ([, sql]) => {
    const file = await kept()
    inDatabase(file, (database) => database.exec(sql))
    const storage = open(file)
    const reading = eventsOf(storage, 'run')
    await expect(reading).rejects.toMatchObject(damaged)
    await expect(reading).rejects.toThrow(/event 7 of the run/)
  })

  test('refuses a row, a message and a plan that were changed, and other runs go on', async () => {
    const file = await kept()
    inDatabase(file, (database) => {
      database.exec("UPDATE segno_runs SET workflow = 'other'")
      database.exec("UPDATE segno_messages SET json = '{}'")
      database.exec("UPDATE segno_plans SET json = '{}'")
    })
    const storage = open(file)
    await expect(storage.row('run')).rejects.toMatchObject(damaged)
    await expect(storage.load('run')).rejects.toMatchObject(damaged)
    await expect(storage.inbox('run', 0)).rejects.toMatchObject(damaged)
    await expect(storage.getPlan('plan')).rejects.toMatchObject(damaged)
    await claim(storage, 'next')
    expect((await storage.row('next'))?.head).toBe(1)
  })

  test.for([
    ['status', "'completed'"],
    ['head', 'head - 1'],
    ['wake_at', '7'],
    ['updated_at', '7'],
    ['created_at', '7'],
    ['inbox_head', '7'],
    ['snapshot_seq', '7'],
    ['token', 'token + 1'],
    ['owner', "'other'"],
    ['expires_at', '7'],
    ['due_at', '7'],
    ['batches', "'[]'"],
  ] as const)('refuses a row whose %s is another', async ([column, value]) => {
    const file = await kept()
    inDatabase(file, (database) => database.exec(`UPDATE segno_runs SET ${column} = ${value}`))
    const storage = open(file)
    await expect(storage.row('run')).rejects.toMatchObject(damaged)
    await expect(storage.append(batch('run', 200))).rejects.toMatchObject(damaged)
  })

  test('takes up other runs and keeps their leases beside one whose row was changed, which can be deleted', async () => {
    const file = path()
    const storage = open(file)
    for (const runId of ['bad', 'good']) await claim(storage, runId)
    const leases = ['bad', 'good'].map((runId) => ({ runId, incarnation: `${runId}-1`, token: 1 }))
    inDatabase(file, (database) => database.exec("UPDATE segno_runs SET inbox_head = 7 WHERE run_id = 'bad'"))
    const { renewed } = await storage.renew({ leases, ttlMs: 60_000 })
    expect(renewed.map(({ runId }) => runId)).toEqual(['good'])
    for (const lease of leases) await storage.release(lease)
    inDatabase(file, (database) =>
      database.exec("UPDATE segno_runs SET due_at = 1, expires_at = NULL WHERE run_id = 'bad'"),
    )
    const { runs } = await storage.acquire({ owner: 'other', ttlMs: 60_000, limit: 1 })
    expect(runs.map(({ lease }) => lease.runId)).toEqual(['good'])
    expect(await storage.delete('bad')).toBe(true)
    expect(await storage.row('bad')).toBeUndefined()
  })

  test('takes a row from before rows had a checksum of what changes, and gives it one', async () => {
    const file = path()
    const before = open(file)
    await claim(before, 'run')
    await before.close()
    inDatabase(file, (database) =>
      database.exec('ALTER TABLE segno_runs DROP COLUMN state_crc; UPDATE segno_schema SET version = 1'),
    )
    const storage = open(file)
    expect((await storage.row('run'))?.head).toBe(1)
    await storage.append(batch('run', 1))
    inDatabase(file, (database) => database.exec('UPDATE segno_runs SET head = 1'))
    await expect(storage.row('run')).rejects.toMatchObject(damaged)
  })

  test('goes on without a snapshot that was changed', async () => {
    const file = path()
    const before = open(file)
    await claim(before, 'run')
    await before.append({ ...batch('run', 1), snapshot: { seq: 2, format: 1, state: { a: 1 } } })
    inDatabase(file, (database) => database.exec('UPDATE segno_snapshots SET json = \'{"a":2}\''))
    const loaded = await open(file).load('run')
    expect(loaded?.snapshot).toBeUndefined()
    const events = []
    for await (const page of loaded?.tail ?? []) events.push(...page)
    expect(events.map(({ seq }) => seq)).toEqual([1, 2])
  })

  test('gives a run with its plan where that is asked for, and without it where the plan was changed', async () => {
    const file = path()
    const storage = open(file)
    const definition = { segno: 1, name: 'plan', steps: [] } as const
    await claim(storage, 'run')
    const { plan } = newRun('run')
    expect(await storage.load('run', { withPlan: true })).not.toHaveProperty('definition')
    await storage.putPlan(plan, definition)
    expect(await storage.load('run')).not.toHaveProperty('definition')
    expect((await storage.load('run', { withPlan: true }))?.definition).toEqual(definition)
    inDatabase(file, (database) => database.exec("UPDATE segno_plans SET json = '{}'"))
    expect(await storage.load('run', { withPlan: true })).not.toHaveProperty('definition')
    await expect(storage.getPlan(plan)).rejects.toMatchObject(damaged)
  })

  test('refuses tables of a newer version', async () => {
    const file = await kept()
    inDatabase(file, (database) => database.exec('UPDATE segno_schema SET version = 99'))
    await expect(open(file).row('run')).rejects.toMatchObject({ code: 'JOURNAL_FORMAT', ambiguous: false })
  })

  test('lives beside tables and a version of the application’s own', async () => {
    const file = path()
    inDatabase(file, (database) => database.exec('CREATE TABLE orders (id); PRAGMA user_version = 42'))
    const storage = open(file)
    await claim(storage, 'run')
    expect(inDatabase(file, (database) => database.prepare('PRAGMA user_version').get())).toEqual({ user_version: 42 })
  })
})
