import { join } from 'node:path'
import { fileStorage } from '@segno/adapters/file'
import { postgresStorage } from '@segno/adapters/postgres'
import { sqliteStorage } from '@segno/adapters/sqlite'
import { memoryStorage } from '@segno/core'
import type { ClosableStorage } from '../subjects/segno.ts'
import type { TaskPlace } from '../task.ts'

/** How a store is opened in a place, with a clock of the host's where one is given; PostgreSQL goes by its own. */
export type OpenStore = (place: TaskPlace, now?: () => number) => ClosableStorage

const stores: Readonly<Record<string, OpenStore>> = {
  memory: (_place, now) => memoryStorage(clock(now)),
  file: ({ folder }, now) => fileStorage({ dir: join(folder, 'store'), ...clock(now) }),
  sqlite: ({ folder }, now) => sqliteStorage({ file: join(folder, 'segno.db'), ...clock(now) }),
  postgres: ({ postgresUrl }) => postgresStorage({ connectionString: postgresUrl, connectionsMax: 16 }),
}

/** Opens the store of that name. */
export function storeNamed(name: string | undefined): OpenStore {
  const open = stores[name ?? '']
  if (open === undefined) throw new Error(`no store ${name}: expected one of ${Object.keys(stores).join(', ')}`)
  return open
}

function clock(now: (() => number) | undefined): { readonly now?: () => number } {
  return now === undefined ? {} : { now }
}
