import { join } from 'node:path'
import { sqliteStorage } from '@segno/adapters/sqlite'
import type { Subject } from '../subject.ts'
import { openSegno, segnoPackages } from './segno.ts'

/** Segno on SQLite, which is used in a thread of its own. */
export const subject: Subject = {
  name: 'segno + sqlite',
  packages: segnoPackages,
  durability: 'power loss',
  settings: 'journal_mode=WAL, synchronous=FULL, in a thread',
  async open({ folder, longSteps }) {
    const storage = sqliteStorage({ file: join(folder, 'segno.db') })
    // The database is made with the first call.
    await storage.getPlan('none')
    return openSegno(storage, longSteps)
  },
}
