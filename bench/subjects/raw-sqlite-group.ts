import { join } from 'node:path'
import type { Subject } from '../subject.ts'
import { sqliteLog, sqliteSettings, type SqliteLog } from './sqlite-log.ts'
import { openLog, type StepLog } from './step-log.ts'

/** One commit for all that is recorded within a turn of the event loop, which waits for it. */
export const subject: Subject = {
  name: 'raw sqlite, grouped',
  packages: [],
  durability: 'power loss',
  settings: `${sqliteSettings}; a commit for each turn of the event loop, on it`,
  open: async ({ folder, longSteps }) => openLog(groupedLog(sqliteLog(join(folder, 'raw.db'))), longSteps),
}

function groupedLog(log: SqliteLog): StepLog {
  let turn: Promise<void> | undefined
  const inTurn = (write: () => void): Promise<void> => {
    if (turn === undefined) {
      log.begin()
      turn = new Promise((resolve) => {
        setImmediate(() => {
          turn = undefined
          log.commit()
          resolve()
        })
      })
    }
    write()
    return turn
  }
  return {
    create: (run) => inTurn(() => log.create(run)),
    record: (run, step, output) => inTurn(() => log.record(run, step, output)),
    end: async () => undefined,
    resume: async (run) => log.count(run),
    async close() {
      await turn
      log.close()
    },
  }
}
