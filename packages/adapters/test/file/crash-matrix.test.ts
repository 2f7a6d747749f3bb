import { readFileSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@segno/core'
import { crashMatrix, fixtureSubject, parseFixture, type MatrixStore } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Disk, DiskFile } from '../../src/file/disk.ts'
import { fileStorage, type FileStorage } from '../../src/file/index.ts'
import { nodeDisk } from '../../src/file/node-disk.ts'

const folder = new URL('../../../schema/conformance/', import.meta.url)

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replaceAll('\\', '/'))
  .toSorted()
  // Its eight crashes are what it is about: one more, and it blocks before the operator is there.
  .filter((file) => file !== 'effect/no-progress.yaml')
  // In memory, all of them are played each time; here all of them are in `test:deep`.
  .filter((_, index) => process.env['SEGNO_DEEP'] !== undefined || index % 3 === 0)

// Real files, unsynced: a process that dies takes nothing with it that it has written. What a loss of power takes is
// enumerated elsewhere.
const disk = unsynced(nodeDisk())

function unsynced(whole: Disk): Disk {
  const opened = async (opening: Promise<DiskFile | undefined>): Promise<DiskFile | undefined> => {
    const file = await opening
    const write = (bytes: Uint8Array): Promise<void> => (file === undefined ? Promise.resolve() : file.write(bytes))
    return file && { write, sync: async () => undefined, commit: write, close: () => file.close() }
  }
  return {
    ...whole,
    create: (path) => opened(whole.create(path)),
    open: (path) => opened(whole.open(path)),
    syncFolder: async () => undefined,
  }
}

// Every process has a handle of its own, as processes do; those of the dead are left open until the end.
function filesOf(clock: Clock): MatrixStore {
  const dir = mkdtemp(join(tmpdir(), 'segno-matrix-'))
  const opened: FileStorage[] = []
  return {
    async open() {
      const storage = fileStorage({ dir: await dir, now: () => clock.now(), disk })
      opened.push(storage)
      return storage
    },
    async close() {
      for (const storage of opened) await storage.close()
      await rm(await dir, { recursive: true, force: true })
    },
  }
}

describe('on files, a run with a crash after any event ends as the run without', () => {
  test.for(files)('%s', { timeout: 60_000 }, async (file) => {
    const fixture = parseFixture(parse(readFileSync(new URL(file, folder), 'utf8')))

    const { workflow, ...given } = fixtureSubject(fixture)
    const { reference, crashes } = await crashMatrix(workflow, { ...given, store: filesOf })

    expect(reference.status).toBe(fixture.expect.status)
    expect(crashes.length).toBeGreaterThan(0)
  })
})
