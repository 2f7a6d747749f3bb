import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFiles } from '@segno/adapters/files'
import { virtualClock, type VirtualClock } from '@segno/core/testing'
import { createEngine, fileStorage, nodeShell } from 'segno'
import type { Engine, FileStorage, Json, NodeShellOptions } from 'segno'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'

const dayMs = 24 * 3_600_000
const workflow = loadNamed('nightly-backup')

let root: string
let workspace: string
let storage: FileStorage
let clock: VirtualClock
beforeEach(async () => {
  // A Thursday, half past one in the night.
  clock = virtualClock({ startAt: Date.UTC(2026, 0, 1, 1, 30) })
  root = await mkdtemp(join(tmpdir(), 'nightly-'))
  workspace = join(root, 'workspace')
  storage = fileStorage({ dir: join(root, 'store'), now: clock.now })
  await mkdir(join(workspace, 'documents', 'letters'), { recursive: true })
  await writeFile(join(workspace, 'documents', 'letters', 'first.txt'), 'Dear Ada,\n')
})
afterEach(async () => {
  await storage.close()
  await rm(root, { recursive: true })
})

/** Real files and processes; only the date is virtual. */
function newEngine(allow: NodeShellOptions['allow'] = () => true): Engine {
  const shell = nodeShell({ workspace, evidence: storage.evidence, allow })
  return createEngine({ clock, storage, shell, files: nodeFiles({ root: workspace }), limits: { leaseMs: dayMs } })
}

async function backedUp(engine: Engine, input: Record<string, Json> = {}): Promise<Readonly<Record<string, Json>>> {
  const run = await engine.start(workflow, { source: 'documents', target: 'backups', ...input })
  return run.output()
}

async function archives(): Promise<string[]> {
  return (await readdir(join(workspace, 'backups'))).toSorted()
}

function inArchive(day: string, file: string): string {
  return String(execFileSync('tar', ['-xzOf', `backups/${day}.tar.gz`, file], { cwd: workspace }))
}

test('a backup holds what was there that night, and leaves nothing beside it', async () => {
  await using engine = newEngine()
  const output = await backedUp(engine)
  expect(output).toEqual({ archive: 'backups/2026-01-01.tar.gz', entries: 3, deleted: [] })
  expect(await archives()).toEqual(['2026-01-01.tar.gz'])
  await appendFile(join(workspace, 'documents/letters/first.txt'), 'yours\n')
  expect(inArchive('2026-01-01', 'documents/letters/first.txt')).toBe('Dear Ada,\n')
})

test('night after night, the newest archives stay, and the newest of each of the last weeks', async () => {
  await using engine = newEngine()
  const deleted: Json[] = []
  for (let night = 1; night <= 8; night++) {
    await appendFile(join(workspace, 'documents/diary.txt'), `night ${night}\n`)
    const output = await backedUp(engine, { nights: 3, weeks: 2 })
    deleted.push(output['deleted'] ?? null)
    await clock.advanceBy(dayMs)
  }
  // The 4th is a Sunday.
  expect(await archives()).toEqual(['04', '06', '07', '08'].map((day) => `2026-01-${day}.tar.gz`))
  expect(inArchive('2026-01-04', 'documents/diary.txt')).toMatch(/night 4\n$/)
  const gone = (day: number): string[] => [`backups/2026-01-0${day}.tar.gz`]
  expect(deleted).toEqual([[], [], [], gone(1), gone(2), gone(3), [], gone(5)])
})

test('of archives from before, those of the weeks stay, and no other file is touched', async () => {
  await mkdir(join(workspace, 'backups'))
  const days = Array.from({ length: 31 }, (_, index) => `2025-12-${String(index + 1).padStart(2, '0')}.tar.gz`)
  const others = ['holidays.tar.gz', 'notes.txt']
  for (const name of [...days, ...others]) await writeFile(join(workspace, 'backups', name), 'kept')
  await using engine = newEngine()
  await backedUp(engine, { nights: 2 })
  expect(await archives()).toEqual([
    ...['2025-12-14', '2025-12-21', '2025-12-28', '2025-12-31', '2026-01-01'].map((day) => `${day}.tar.gz`),
    ...others,
  ])
})

describe('a folder that changes while it is read', () => {
  /** An engine under which the folder changes `times` times, each time before the archive is compared with it. */
  function engineWithChanges(times: number): Engine {
    let left = times
    const engine = newEngine(async ({ path }) => {
      if (path.endsWith('/compare') && left-- > 0)
        await appendFile(join(workspace, 'documents/letters/first.txt'), 'and\n')
      return true
    })
    engine.on('attempt.failed', ({ retryAt }) => void clock.advanceTo(retryAt))
    return engine
  }

  test('is read again', async () => {
    await using engine = engineWithChanges(2)
    await backedUp(engine)
    expect(inArchive('2026-01-01', 'documents/letters/first.txt')).toBe('Dear Ada,\nand\nand\n')
  })

  test('again and again fails the backup, which then deletes nothing', async () => {
    await mkdir(join(workspace, 'backups'))
    await writeFile(join(workspace, 'backups/2025-01-01.tar.gz'), 'old')
    await using engine = engineWithChanges(Number.POSITIVE_INFINITY)
    const run = await engine.start(workflow, { source: 'documents', target: 'backups', nights: 1, weeks: 0 })
    expect(await run.result()).toMatchObject({ status: 'failed', failure: { code: 'EXIT_CODE' } })
    expect(await archives()).toEqual(['2025-01-01.tar.gz'])
  })
})

test('what the schedule gives is a whole input', async () => {
  const [schedule] = workflow.definition.on?.schedule ?? []
  expect([schedule?.cron, schedule?.timezone]).toEqual(['30 2 * * *', 'Europe/Berlin'])
  await using engine = newEngine()
  const run = await engine.start(workflow, schedule?.input)
  expect((await run.result()).status).toBe('completed')
})

test('a run without its source does not start', async () => {
  await using engine = newEngine()
  const started = engine.start(workflow, { source: 'elsewhere', target: 'backups' })
  await expect(started).rejects.toMatchObject({ code: 'INPUT_INVALID' })
})
