import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
// oxlint-disable-next-line no-restricted-imports -- the server of the tests is no part of the package
import { startServer } from '../packages/adapters/test/postgres/server.ts'
import type { TaskPlace } from './task.ts'

/** Gives each measurement an empty folder and an empty database, for as long as it takes. */
export interface Places extends AsyncDisposable {
  /** What the database server says of itself. */
  readonly postgresVersion: string
  /** The folder in which all places are made, for a look at its disk. */
  readonly folder: string
  /** Without a database where it is not needed: to make one takes as long as many a measurement. */
  use<Value>(needs: { readonly database: boolean }, work: (place: TaskPlace) => Promise<Value>): Promise<Value>
}

/** What the server is started with: what it acknowledges survives a loss of power. */
export const postgresSettings = { fsync: 'on', synchronous_commit: 'on' }

/** Makes room for a session: a folder, and a PostgreSQL server that syncs each commit. */
export async function openPlaces(): Promise<Places> {
  const server = await startServer({ settings: postgresSettings })
  const admin = new Client({ connectionString: server.url() })
  await admin.connect()
  const { rows } = await admin.query<{ server_version: string }>('SHOW server_version')
  const root = await mkdtemp(join(tmpdir(), 'segno-bench-'))
  const clear = (): void => rmSync(root, { recursive: true, force: true })
  process.once('exit', clear)
  let places = 0
  return {
    postgresVersion: rows[0]?.server_version ?? 'unknown',
    folder: root,
    async use({ database }, work) {
      const name = `place_${places++}`
      const folder = join(root, name)
      await mkdir(folder)
      if (database) await admin.query(`CREATE DATABASE ${name}`)
      try {
        return await work({ folder, postgresUrl: server.url(name) })
      } finally {
        await rm(folder, { recursive: true })
        await rm(`${folder}.before`, { force: true })
        await rm(`${folder}.after`, { force: true })
        if (database) await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      }
    },
    async [Symbol.asyncDispose]() {
      await admin.end()
      await server.stop()
      process.off('exit', clear)
      clear()
    },
  }
}
