import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@segno/core'
import { crashMatrix, fixtureSubject, parseFixture, type MatrixStore } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { sqliteStorage, type SqliteStorage } from '../../src/sqlite/index.ts'

const folder = new URL('../../../schema/conformance/', import.meta.url)

// One of each kind: all of them are played in memory and on files, and each process here is a thread that has to start.
const files = [
  'ask/form.yaml',
  'blob/large-values.yaml',
  'effect/once.yaml',
  'forEach/completes.yaml',
  'sleep/completes.yaml',
]

// Every process has a connection of its own, as processes do; those of the dead are left open until the end.
function databaseOf(clock: Clock): MatrixStore {
  const dir = mkdtemp(join(tmpdir(), 'segno-matrix-'))
  const opened: SqliteStorage[] = []
  return {
    async open() {
      const storage = sqliteStorage({ file: join(await dir, 'runs.db'), now: () => clock.now() })
      opened.push(storage)
      return storage
    },
    async close() {
      for (const storage of opened) await storage.close()
      await rm(await dir, { recursive: true, force: true })
    },
  }
}

describe('in SQLite, a run with a crash after any event ends as the run without', () => {
  test.for(files)('%s', { timeout: 60_000 }, async (file) => {
    const fixture = parseFixture(parse(readFileSync(new URL(file, folder), 'utf8')))

    const { workflow, ...given } = fixtureSubject(fixture)
    const { reference, crashes } = await crashMatrix(workflow, { ...given, store: databaseOf })

    expect(reference.status).toBe(fixture.expect.status)
    expect(crashes.length).toBeGreaterThan(0)
  })
})
