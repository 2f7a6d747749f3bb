import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { nodeFiles } from '@segno/adapters/files'
import { createEngine, fileStorage } from 'segno'
import type { Engine, FileStorage, RunEvent } from 'segno'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf } from '../play.ts'
import { handlers } from './handlers.ts'

const workflow = loadNamed('map-reduce', handlers())

let root: string
let storage: FileStorage
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'map-reduce-'))
  storage = fileStorage({ dir: join(root, 'store') })
})
afterEach(async () => {
  await storage.close()
  await rm(root, { recursive: true })
})

function newEngine(): Engine {
  return createEngine({ storage, handlers: handlers(root), files: nodeFiles({ root }) })
}

/** The word of a number, in letters. */
function word(number: number): string {
  return String(number).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))
}

/** Texts of 150 words out of 3,000, and `the` in each of them. */
async function writeTexts(count: number): Promise<void> {
  await mkdir(join(root, 'texts'))
  for (let file = 0; file < count; file++) {
    const words = Array.from({ length: 150 }, (_, index) => word((file * 61 + index * 7) % 3000))
    await writeFile(join(root, 'texts', `${String(file).padStart(4, '0')}.txt`), `The ${words.join(' ')}.\n`)
  }
}

async function journal(engine: Engine, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const event of engine.run(runId).events()) events.push(event)
  return events
}

/** What is in use once all garbage is gone, in MB. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed / 1_000_000
}

test('a thousand files are counted within 40 MB, and what a batch gives stands beside the journal', async () => {
  await writeTexts(1000)
  await using engine = newEngine()
  const before = heapUsed()
  let most = before
  engine.on('iteration.completed', ({ path, index }) => {
    if (path === 'batches' && index % 5 === 4) most = Math.max(most, heapUsed())
  })
  const run = await engine.start(workflow, { folder: 'texts' })
  expect(await run.output()).toMatchObject({
    words: 151_000,
    unread: [],
    top: [expect.stringMatching(/^the 1000$/), ...Array.from({ length: 4 }, () => expect.any(String))],
  })
  const events = await journal(engine, run.id)
  const combined = eventsOf(events, 'step.completed').filter(({ path }) => path.endsWith('/combine'))
  expect(combined).toHaveLength(20)
  expect(combined.every(({ output, outputBlob }) => output === undefined && (outputBlob?.size ?? 0) > 16_384)).toBe(
    true,
  )
  expect(Math.max(...events.map((event) => JSON.stringify(event).length))).toBeLessThan(20_000)
  expect(most - before).toBeLessThan(40)
})

test('files that cannot be read are told of, and stop no other', async () => {
  await writeTexts(60)
  await writeFile(join(root, 'texts/0007.txt'), 'PNG\0\0')
  await writeFile(join(root, 'texts/0055.txt'), '\0')
  await using engine = newEngine()
  const run = await engine.start(workflow, { folder: 'texts' })
  expect(await run.output()).toMatchObject({
    words: 58 * 151,
    unread: ['texts/0007.txt is no text', 'texts/0055.txt is no text'],
  })
})

test('a run that is interrupted goes on with the files that are left', async () => {
  await writeTexts(100)
  const first = newEngine()
  const seventh = new Promise<void>((resolve) => {
    first.on('iteration.completed', ({ path, index }) => path === 'batches' && index === 6 && resolve())
  })
  const { id } = await first.start(workflow, { folder: 'texts', batchSize: 10, together: 2 })
  await seventh
  await first.close()
  await using second = newEngine()
  await second.recover()
  expect(await second.run(id).output()).toMatchObject({ words: 100 * 151 })
  const attempts = eventsOf(await journal(second, id), 'attempt.started').filter(({ path }) => path.endsWith('/count'))
  expect(new Set(attempts.map(({ path }) => path)).size).toBe(100)
  // Twice at most those that were under way when the first engine was closed.
  expect(attempts.length).toBeLessThanOrEqual(102)
  expect(new Set(attempts.map(({ token }) => token)).size).toBe(2)
})

test('a folder that is not there is refused before anything runs', async () => {
  await using engine = newEngine()
  await expect(engine.start(workflow, { folder: 'texts' })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  expect(await readdir(root)).toEqual(['store'])
})
