/**
 * State that was written whole at each step, and read from the wrong copy.
 *
 * | test | what was wrong |
 * |---|---|
 * | the cost of an item … | the whole state was written again at each step: 1,600 items took a hundred times as long as 100 |
 * | what a host reads of a run … | recovery took the first copy in the order of the alphabet, and not the newest |
 */
import { appendFileSync, copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileStorage } from '@segno/adapters/file'
import { createEngine, type RunHandle, type Storage } from '@segno/core'
import type { Workflow } from '@segno/schema'
import { describe, expect, onTestFinished, test } from 'vitest'
import { filesBelow, played, workflow } from './world.ts'

const timeout = 60_000

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'segno-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What a run of a loop has cost, for each of its items. */
interface Cost {
  readonly appends: number
  /** All that the storage was given to write: events, values and snapshots. */
  readonly bytesGiven: number
  /** What stands in the journal. */
  readonly bytesKept: number
}

async function costOfItem(loop: Workflow, count: number): Promise<Cost> {
  const dir = freshFolder()
  const files = fileStorage({ dir })
  let [appends, bytesGiven] = [0, 0]
  const storage: Storage = {
    ...files,
    createRun(run, batch, options) {
      bytesGiven += JSON.stringify([run, batch]).length
      return files.createRun(run, batch, options)
    },
    append(request) {
      appends += 1
      bytesGiven += JSON.stringify(request).length
      return files.append(request)
    },
  }
  await using engine = createEngine({ storage, handlers: { nothing: () => undefined } })
  const run = await engine.start(loop, { items: Array.from({ length: count }, () => 0) })
  expect((await run.result()).status).toBe('completed')
  await files.close()
  const journal = [...filesBelow(dir)].filter(([name]) => name.endsWith('.jsonl')).map(([, text]) => text.length)
  const bytesKept = journal.reduce((sum, length) => sum + length, 0)
  return { appends: appends / count, bytesGiven: bytesGiven / count, bytesKept: bytesKept / count }
}

function loopOf(step: string): Workflow {
  return workflow(`
input: { items: { type: array } }
steps:
  - { id: each, forEach: { in: input.items }, do: [{ id: nothing, ${step} }] }`)
}

// Numbers of more digits make the journal longer by less than a hundredth. Snapshots are rarer the longer they are: all
// of them together are at most as long as the events. Where the state is written at each step, 32 times the items cost
// 32 times as much an item.
describe('the cost of an item', { timeout }, () => {
  test('is the same in a loop of 100, of 1,600 and of 3,200 items', async () => {
    const loop = loopOf('set: {}')
    const few = await costOfItem(loop, 100)
    for (const count of [1600, 3200]) {
      const { appends, bytesGiven, bytesKept } = await costOfItem(loop, count)
      expect(appends).toBeLessThanOrEqual(0.01)
      expect(bytesKept).toBeLessThan(few.bytesKept * 1.05)
      expect(bytesGiven).toBeLessThan(few.bytesGiven * 2)
    }
  })

  test('is one append where it calls a handler, whatever was before it', async () => {
    const loop = loopOf('uses: nothing')
    const few = await costOfItem(loop, 50)
    const many = await costOfItem(loop, 800)

    expect([few.appends, many.appends]).toEqual([1, 1])
    expect(many.bytesKept).toBeLessThan(few.bytesKept * 1.05)
    expect(many.bytesGiven).toBeLessThan(few.bytesGiven * 2)
  })
})

// Enough events in each round for a snapshot when the run waits again.
const rounds = (count: number): Workflow =>
  workflow(`
output: { heard: { type: array, value: "\${{ steps.rounds.output.heard }}" } }
steps:
  - id: rounds
    repeat: { max: ${count + 1}, until: iteration == ${count - 1}, initial: { heard: [] } }
    do:
      - { id: next, waitFor: { signal: next }, timeout: 1d }
      - { id: more, forEach: { in: [${'0, '.repeat(40)}] }, do: [{ id: nothing, set: {} }] }
    output: { heard: "\${{ previous.heard + [steps.next.output] }}" }`)

describe('what a host reads of a run', { timeout }, () => {
  const begin = async (dir: string, count: number): Promise<string> => {
    const storage = fileStorage({ dir })
    await using engine = createEngine({ storage })
    const { id } = await engine.start(rounds(count))
    await engine.close()
    await storage.close()
    return id
  }
  /** A new host takes the run over, sends it a signal, and lets go of it when that has been heard. */
  const hear = async (dir: string, runId: string, data: number): Promise<unknown> => {
    const storage = fileStorage({ dir })
    await using engine = createEngine({ storage })
    const run = engine.run(runId)
    await run.signal('next', data)
    await engine.recover({ runIds: [runId] })
    await heard(run, data)
    const row = await run.row()
    const result = row.status === 'completed' ? (await played(run)).result : row.status
    await engine.close()
    await storage.close()
    return result
  }
  const heard = async (run: RunHandle, data: number): Promise<void> => {
    let seen = false
    for await (const event of run.events()) {
      seen ||= event.type === 'step.completed' && event.output === data
      if (seen && (event.type === 'iteration.completed' || event.type === 'run.completed')) return
    }
  }

  test('is the newest of all that twelve hosts have written', async () => {
    const dir = freshFolder()
    const id = await begin(dir, 12)
    let result: unknown
    for (let round = 1; round <= 12; round++) result = await hear(dir, id, round)

    const segments = readdirSync(join(dir, 'runs', id, 'journal')).filter((name) => name.endsWith('.jsonl'))
    expect(segments.length).toBeGreaterThan(9)
    expect(result).toEqual({ status: 'completed', output: { heard: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] } })
  })

  test.for<readonly [string, (folder: string, older: string) => void]>([
    [
      'an older snapshot that was put back',
      (folder, older) => copyFileSync(older, join(folder, 'snapshot/latest.json')),
    ],
    [
      'older copies whose names come first',
      (folder, older) => {
        for (const name of ['000000.json', 'a.json', 'latest.json.bak'])
          copyFileSync(older, join(folder, 'snapshot', name))
      },
    ],
    ['a snapshot that is damaged', (folder) => writeFileSync(join(folder, 'snapshot/latest.json'), '{"seq":1')],
    ['a snapshot that is empty', (folder) => writeFileSync(join(folder, 'snapshot/latest.json'), '')],
    ['no snapshot', (folder) => rmSync(join(folder, 'snapshot'), { recursive: true })],
    [
      'other files for people',
      (folder) => {
        for (const name of ['run.json', 'state.json']) writeFileSync(join(folder, name), '{"status":"failed"}')
      },
    ],
    [
      'half a record at the end',
      (folder) => {
        const journal = join(folder, 'journal')
        const newest =
          readdirSync(journal)
            .filter((name) => name.endsWith('.jsonl'))
            .toSorted()
            .at(-1) ?? ''
        appendFileSync(join(journal, newest), '{"seq":99999,"v":1,"at":0,"type":"run.fai')
      },
    ],
  ])('is its journal, with %s', async ([, damage]) => {
    const dir = freshFolder()
    const id = await begin(dir, 4)
    const folder = join(dir, 'runs', id)
    const older = join(dir, 'older.json')
    await hear(dir, id, 1)
    copyFileSync(join(folder, 'snapshot/latest.json'), older)
    await hear(dir, id, 2)
    await hear(dir, id, 3)

    damage(folder, older)

    expect(await hear(dir, id, 4)).toEqual({ status: 'completed', output: { heard: [1, 2, 3, 4] } })
  })
})
