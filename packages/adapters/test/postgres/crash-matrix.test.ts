import { readFileSync, readdirSync } from 'node:fs'
import type { Clock, Storage } from '@segno/core'
import { crashMatrix, fixtureSubject, parseFixture, type MatrixStore } from '@segno/core/testing'
import { postgresStorage } from '@segno/adapters/postgres'
import type { Pool } from 'pg'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { describeWithServer } from './with-server.ts'
import { storeAtRest } from './virtual-clock.ts'

const folder = new URL('../../../schema/conformance/', import.meta.url)

// A fair part of them: on files it is all.
const everyNth = 40
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replaceAll('\\', '/'))
  .toSorted()
  .filter((file) => file !== 'effect/no-progress.yaml')
  .filter((_, index) => index % everyNth === 0)

describeWithServer('on PostgreSQL, a run with a crash after any event ends as the run without', (world) => {
  const schema = 'matrix'
  beforeAll(async () => {
    await storeAtRest(world.pool, schema)
  })

  test.for(files)('%s', { timeout: 60_000 }, async (file) => {
    const fixture = parseFixture(parse(readFileSync(new URL(file, folder), 'utf8')))
    const { workflow, ...given } = fixtureSubject(fixture)
    const store = (clock: Clock) => tablesOf(world.pool, schema, clock)
    const { reference, crashes } = await crashMatrix(workflow, { ...given, store })
    expect(reference.status).toBe(fixture.expect.status)
    expect(crashes.length).toBeGreaterThan(0)
  })
})

// Every process has a handle of its own, as processes do. The clock of the store is that of the matrix.
function tablesOf(pool: Pool, schema: string, clock: Clock): MatrixStore {
  let told = 0
  let telling: Promise<unknown> = pool.query(`DELETE FROM ${schema}.runs`)
  const tell = async (): Promise<void> => {
    if (told !== clock.now()) {
      told = clock.now()
      const instant = told
      telling = telling.then(() => pool.query(`UPDATE ${schema}.test_clock SET ms = $1`, [instant]))
    }
    await telling
  }
  return {
    open: async () => onTime(postgresStorage({ pool, schema }), tell),
    close: async () => undefined,
  }
}

function onTime(storage: Storage, tell: () => Promise<void>): Storage {
  const told = <Arguments extends unknown[], Answer>(call: (...given: Arguments) => Promise<Answer>) => {
    return async (...given: Arguments): Promise<Answer> => {
      await tell()
      return call(...given)
    }
  }
  return {
    ...storage,
    createRun: told(storage.createRun),
    row: told(storage.row),
    load: told(storage.load),
    append: told(storage.append),
    deliver: told(storage.deliver),
    acquire: told(storage.acquire),
    renew: told(storage.renew),
    release: told(storage.release),
    delete: told(storage.delete),
  }
}
