import { join } from 'node:path'
import type { Subject } from '../subject.ts'
import { sqliteLog, sqliteSettings } from './sqlite-log.ts'
import { openLog } from './step-log.ts'

/** One commit for each step, which the event loop waits for. */
export const subject: Subject = {
  name: 'raw sqlite',
  packages: [],
  durability: 'power loss',
  settings: `${sqliteSettings}; a commit for each step, on the event loop`,
  async open({ folder, longSteps }) {
    const log = sqliteLog(join(folder, 'raw.db'))
    return openLog(
      {
        create: async (run) => log.create(run),
        record: async (run, step, output) => log.record(run, step, output),
        end: async () => undefined,
        resume: async (run) => log.count(run),
        close: async () => log.close(),
      },
      longSteps,
    )
  },
}
