import pg from 'pg'
import { afterAll, beforeAll, describe } from 'vitest'
import { startServer, whyNoServer, type PostgresServer, type ServerOptions } from './server.ts'

/** A server for the tests of a file, and a pool of connections to it. */
export interface ServerForTests {
  readonly server: PostgresServer
  readonly pool: pg.Pool
}

/** A group of tests on a real server, which is there from the first to the last of them; where there is none, it says so. */
export function describeWithServer(
  name: string,
  define: (world: ServerForTests) => void,
  options: ServerOptions = {},
): void {
  const reason = whyNoServer()
  if (reason !== undefined) {
    describe.skip(`${name} (not run: ${reason})`, () => define(absent))
    process.stderr.write(`not run: ${name}: no PostgreSQL server can be started here: ${reason}\n`)
    return
  }
  describe(name, () => {
    let world: ServerForTests | undefined
    const there = (): ServerForTests => world ?? absent
    beforeAll(async () => {
      const server = await startServer(options)
      const pool = new pg.Pool({ connectionString: server.url(), max: 10 })
      pool.on('error', () => undefined)
      world = { server, pool }
    }, 60_000)
    afterAll(async () => {
      await world?.pool.end()
      await world?.server.stop()
    }, 60_000)
    define({
      get server() {
        return there().server
      },
      get pool() {
        return there().pool
      },
    })
  })
}

const absent: ServerForTests = {
  get server(): PostgresServer {
    throw new Error('the server is there while tests run, not before')
  },
  get pool(): pg.Pool {
    throw new Error('the server is there while tests run, not before')
  },
}
