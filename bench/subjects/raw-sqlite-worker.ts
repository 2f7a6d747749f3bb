import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Subject } from '../subject.ts'
import { sqliteSettings } from './sqlite-log.ts'
import type { SqliteAnswer, SqliteRequest } from './sqlite-thread.ts'
import { openLog, type StepLog } from './step-log.ts'

/** One commit for each step in a thread: the event loop goes on, and each step takes two messages. */
export const subject: Subject = {
  name: 'raw sqlite, in a thread',
  packages: [],
  durability: 'power loss',
  settings: `${sqliteSettings}; a commit for each step, in a thread`,
  async open({ folder, longSteps }) {
    const log = threadLog(join(folder, 'raw.db'))
    await log.resume('none')
    return openLog(log, longSteps)
  },
}

type Call = SqliteRequest extends infer Request ? (Request extends SqliteRequest ? Omit<Request, 'id'> : never) : never

function threadLog(file: string): StepLog {
  const worker = new Worker(new URL('sqlite-thread.ts', import.meta.url), { workerData: file })
  const calls = new Map<number, (value: number) => void>()
  let ids = 0
  worker.on('message', ({ id, value }: SqliteAnswer) => {
    calls.get(id)?.(value)
    calls.delete(id)
  })
  worker.on('error', (error) => {
    throw error
  })
  const call = (request: Call): Promise<number> =>
    new Promise((resolve) => {
      const id = ids++
      calls.set(id, resolve)
      worker.postMessage({ ...request, id })
    })
  return {
    create: async (run) => void (await call({ kind: 'create', run })),
    record: async (run, step, output) => void (await call({ kind: 'record', run, step, output })),
    end: async () => undefined,
    resume: (run) => call({ kind: 'count', run }),
    async close() {
      await call({ kind: 'close' })
      await worker.terminate()
    },
  }
}
