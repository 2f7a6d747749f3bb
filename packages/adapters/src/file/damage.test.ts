import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEvent } from '@segno/schema/plan'
import { StorageFault } from '@segno/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { filesIn, frozenDisk } from './frozen-disk.ts'
import { fileStorage, type FileStorage } from './index.ts'
import { checked } from './record.ts'

const runId = 'run'
const incarnation = 'first'
const [ttlMs, later] = [1_000, 2_000]

let dir = ''
let files = new Map<string, Uint8Array>()
/** Where each batch ends in the journal, by the events there are up to then. */
const heads = new Set<number>()
const written: RunEvent[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'segno-damage-'))
  let now = 0
  const storage = fileStorage({ dir, now: () => now })
  await storage.createRun({ runId, incarnation, workflow: 'w', plan: 'p', labels: {} }, first(), {
    inputHash: 'i',
    claim: { owner: 'a', ttlMs },
  })
  for (const size of [1, 3, 2]) await write(storage, 1, size)
  now = later
  await storage.acquire({ owner: 'b', ttlMs, limit: 1 })
  for (const size of [2, 1, 4, 1]) await write(storage, 2, size)
  await storage.close()
  files = filesIn(dir)
})
afterAll(() => rm(dir, { recursive: true, force: true }))

function event(seq: number): RunEvent {
  return { seq, v: 1, at: 0, runId, type: 'step.completed', path: `step-${seq}`, output: 'x'.repeat(50) }
}

function next(size: number): RunEvent[] {
  const events = Array.from({ length: size }, () => {
    written.push(event(written.length + 1))
    return event(written.length)
  })
  heads.add(written.length)
  return events
}

function first() {
  return { events: next(1), status: 'running', wakeAt: null } as const
}

async function write(storage: FileStorage, token: number, size: number): Promise<void> {
  const expectedSeq = written.length
  const batch = { events: next(size), status: 'running', wakeAt: null } as const
  const answer = await storage.append({ runId, incarnation, token, expectedSeq, batchId: `${expectedSeq}`, ...batch })
  expect(answer.outcome).toBe('ok')
}

function segment(number: number): string {
  return join(dir, `runs/run/journal/00000${number}.jsonl`)
}

function bytesOf(number: number): Uint8Array {
  return files.get(segment(number)) ?? new Uint8Array()
}

/** What a process reads that finds these files instead: its events, or the code of the fault. */
async function readWith(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<RunEvent[] | string> {
  const all = new Map(files)
  for (const [path, bytes] of changes) {
    if (bytes === undefined) all.delete(path)
    else all.set(path, bytes)
  }
  const storage = fileStorage({ dir, now: () => later, disk: frozenDisk(all) })
  try {
    const run = await storage.load(runId)
    const events = run === undefined ? [] : await gathered(run.tail)
    expect(events.length).toBe(run?.row.head ?? 0)
    expect(await gathered(storage.read(runId, 1))).toEqual(events)
    return events
  } catch (error) {
    if (!(error instanceof StorageFault)) throw error
    expect(error.ambiguous).toBe(false)
    return error.code
  }
}

async function gathered(pages: AsyncIterable<readonly RunEvent[]>): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const page of pages) all.push(...page)
  return all
}

/** Either the damage is told, or what is read is what was written, up to a batch not before `least`. */
function expectJudged(read: RunEvent[] | string, least: number): void {
  if (typeof read === 'string') {
    expect(read).toBe('JOURNAL_DAMAGED')
    return
  }
  expect(read).toEqual(written.slice(0, read.length))
  expect(heads.has(read.length)).toBe(true)
  expect(read.length).toBeGreaterThanOrEqual(least)
}

const acknowledgedFirst = 7

describe('a journal that is not as it was written', { timeout: 30_000 }, () => {
  test('is read whole as long as it is', async () => {
    expect(await readWith(new Map())).toEqual(written)
    expect(bytesOf(1).length + bytesOf(2).length).toBeGreaterThan(3_500)
  })

  test.for([1, 2])('a byte that is another anywhere in segment %d is told, also in the last batch', async (number) => {
    const bytes = bytesOf(number)
    for (let at = 0; at < bytes.length; at += 1) {
      const other = Uint8Array.from(bytes)
      other[at] = (other[at] ?? 0) ^ (at % 2 === 0 ? 0x01 : 0x2a)
      expect(await readWith(new Map([[segment(number), other]])), `byte ${at}`).toBe('JOURNAL_DAMAGED')
    }
  })

  test('a segment that a crash cut off at any length has its whole batches', async () => {
    const bytes = bytesOf(2)
    const headerLength = bytes.indexOf(0x0a) + 1
    for (let length = headerLength; length < bytes.length; length += 1) {
      expectJudged(await readWith(new Map([[segment(2), bytes.subarray(0, length)]])), acknowledgedFirst)
    }
    for (const filler of [0, 0x20]) {
      const zeros = Uint8Array.from([...bytes, ...new Uint8Array(300).fill(filler)])
      expect(await readWith(new Map([[segment(2), zeros]]))).toEqual(written)
    }
  })

  test('a batch whose end reached the disk before its beginning does not exist', async () => {
    const bytes = Uint8Array.from(bytesOf(2))
    const lines = Buffer.from(bytes).toString('latin1').split('\n')
    const lastFour = lines.slice(0, -2).join('\n').length + 1
    const begin = lines.slice(0, -6).join('\n').length + 1
    const torn = bytes.slice(0, lastFour)
    torn.fill(0, begin, begin + 100)
    expect(await readWith(new Map([[segment(2), torn]]))).toEqual(written.slice(0, -5))
  })

  test('a sealed segment that is shorter than its seal is damaged', async () => {
    for (const less of [1, 50, 400]) {
      expect(await readWith(new Map([[segment(1), bytesOf(1).subarray(0, -less)]]))).toBe('JOURNAL_DAMAGED')
    }
  })

  test('what stands behind a seal does not exist', async () => {
    const longer = Buffer.concat([bytesOf(1), Buffer.from('{"seq":8,"x":1}\n')])
    expect(await readWith(new Map([[segment(1), longer]]))).toEqual(written)
  })

  test('a segment that is missing is damage', async () => {
    expect(await readWith(new Map([[segment(1), undefined]]))).toBe('JOURNAL_DAMAGED')
  })

  test('a segment of a newer version is told as such', async () => {
    const header = { segment: 1, format: 2, anything: 'new' }
    const newer = Buffer.from(`${checked(JSON.stringify(header))}something else\n`)
    expect(await readWith(new Map([[segment(1), newer]]))).toBe('JOURNAL_FORMAT')
  })

  test('says in which file, in which line and at which byte', async () => {
    const bytes = Uint8Array.from(bytesOf(1))
    const second = bytes.indexOf(0x0a) + 1
    bytes[second + 5] = 0x21
    const disk = frozenDisk(new Map([...files, [segment(1), bytes]]))
    const storage = fileStorage({ dir, now: () => later, disk })
    await expect(storage.row(runId)).rejects.toThrow(`${segment(1)}:2 (byte ${second}): the checksum`)
  })

  test('leaves other runs alone, and is left out where they are listed and acquired', async () => {
    const copy = new Map(files)
    for (const [path, bytes] of files) copy.set(path.replace('/runs/run/', '/runs/other/'), bytes)
    copy.set(segment(1), bytesOf(1).subarray(0, 100))
    const storage = fileStorage({ dir, now: () => 0, disk: frozenDisk(copy) })
    expect((await storage.list({}, { limit: 9 })).runs).toHaveLength(1)
    expect((await storage.acquire({ owner: 'c', ttlMs, limit: 9 })).runs).toEqual([])
    await expect(storage.row(runId)).rejects.toMatchObject({ code: 'JOURNAL_DAMAGED' })
  })
})
