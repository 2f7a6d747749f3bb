import { open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Subject } from '../subject.ts'
import { openLog, type StepLog } from './step-log.ts'

/** All runs in one file: what is recorded while a sync goes on is written and synced together, with the next. */
export const subject: Subject = {
  name: 'raw file, shared',
  packages: [],
  durability: 'power loss',
  settings: 'one file for all runs; write and fdatasync for all that waits, not on the event loop',
  async open({ folder, longSteps }) {
    const path = join(folder, 'journal.jsonl')
    return openLog(sharedLog(path, await open(path, 'a')), longSteps)
  },
}

interface Waiting {
  readonly line: string
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

function sharedLog(path: string, handle: FileHandle): StepLog {
  let waiting: Waiting[] = []
  let writing: Promise<void> | undefined
  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        await handle.write(group.map(({ line }) => line).join(''))
        await handle.datasync()
        for (const { done } of group) done()
      } catch (error) {
        for (const { failed } of group) failed(error)
      }
    }
    writing = undefined
  }
  const append = (run: string, text: string): Promise<void> =>
    new Promise((done, failed) => {
      waiting.push({ line: `${run} ${text}\n`, done, failed })
      // Whatever else this turn of the event loop records belongs to the same group.
      writing ??= Promise.resolve().then(writeAll)
    })
  return {
    create: (run) => append(run, '{"created":true}'),
    record: (run, _step, output) => append(run, output),
    end: async () => undefined,
    async resume(run) {
      const lines = (await readFile(path, 'utf8')).split('\n')
      return lines.filter((line) => line.startsWith(`${run} `)).length - 1
    },
    async close() {
      await writing
      await handle.close()
    },
  }
}
