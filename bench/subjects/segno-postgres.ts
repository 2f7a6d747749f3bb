import { postgresStorage } from '@segno/adapters/postgres'
import type { Subject } from '../subject.ts'
import { openSegno, segnoPackages } from './segno.ts'

const connectionsMax = 16

/** Segno on PostgreSQL. */
export const subject: Subject = {
  name: 'segno + postgres',
  packages: [...segnoPackages, 'pg'],
  durability: 'power loss',
  settings: `synchronous_commit=on, at most ${connectionsMax} connections`,
  async open({ postgresUrl, longSteps }) {
    const storage = postgresStorage({ connectionString: postgresUrl, connectionsMax })
    // The tables are made with the first call.
    await storage.getPlan('none')
    return openSegno(storage, longSteps)
  },
}
