import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Subject } from '../subject.ts'
import { openLog, type StepLog } from './step-log.ts'

/** What a durable run costs without an engine: a file made durably in a folder of its own, then one synced line a step. */
export const subject: Subject = {
  name: 'raw file',
  packages: [],
  durability: 'power loss',
  settings: 'a file for each run, folders synced; write and fdatasync for each step, not on the event loop',
  open: async ({ folder, longSteps }) => openLog(fileLog(folder), longSteps),
}

const file = 'journal.jsonl'

function fileLog(folder: string): StepLog {
  const files = new Map<string, FileHandle>()
  const append = async (run: string, line: string): Promise<void> => {
    const handle = files.get(run)
    if (handle === undefined) throw new Error(`no run ${run}`)
    await handle.write(`${line}\n`)
    await handle.datasync()
  }
  return {
    async create(run) {
      await mkdir(join(folder, run))
      files.set(run, await open(join(folder, run, file), 'ax'))
      await append(run, '{"created":true}')
      await syncFolder(join(folder, run))
      await syncFolder(folder)
    },
    record: (run, _step, output) => append(run, output),
    async end(run) {
      await files.get(run)?.close()
      files.delete(run)
    },
    async resume(run) {
      const text = await readFile(join(folder, run, file), 'utf8')
      files.set(run, await open(join(folder, run, file), 'a'))
      return text.split('\n').length - 2
    },
    close: async () => undefined,
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
