import { join } from 'node:path'
import { LibSQLStore } from '@mastra/libsql'
import type { Subject } from '../subject.ts'
import { openMastra, settingsOfMastra } from './parts/mastra.ts'

/** Mastra with LibSQL in a local file. */
export const subject: Subject = {
  name: 'mastra + libsql',
  packages: ['@mastra/core', '@mastra/libsql'],
  durability: 'process kill',
  settings: `journal_mode=WAL, synchronous=NORMAL, as LibSQLStore sets them; ${settingsOfMastra}; recover: restart()`,
  async open(place) {
    const storage = new LibSQLStore({ id: 'bench', url: `file:${join(place.folder, 'mastra.db')}` })
    const opened = await openMastra(storage, place.longSteps)
    return {
      ...opened,
      async close() {
        await opened.close()
        await storage.close()
      },
    }
  },
}
