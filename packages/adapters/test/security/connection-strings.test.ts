import { createServer, type AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { createEngine, StorageFault } from '@segno/core'
import { describe, expect, test } from 'vitest'
import { postgresStorage } from '../../src/postgres/index.ts'

const password = 'Zq7-hunter-two'

const strings: readonly (readonly [what: string, connectionString: string])[] = [
  ['is no URL', `postgres://segno:${password}@host:port/database`],
  ['has a character that no URL has', `postgres://segno:${password}@ho st/database`],
  ['leads nowhere', `postgres://segno:${password}@127.0.0.1:1/database`],
  ['has an unknown host', `postgres://segno:${password}@no-such-host.invalid/database`],
  [
    'asks for a certificate that is not there',
    `postgres://segno:${password}@127.0.0.1:1/d?sslrootcert=/none&sslmode=verify-full`,
  ],
]

describe('the password of a connection string is told to nobody where it', () => {
  test.for(strings)('%s', async ([, connectionString]) => {
    const storage = postgresStorage({ connectionString })
    const error: unknown = await storage.row('run').catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StorageFault)
    expect(error).toMatchObject({ ambiguous: false })
    const logged: string[] = []
    const log = (_: string, message: string, details?: unknown): number => logged.push(`${message} ${inspect(details)}`)
    const engine = createEngine({ storage, logger: { log } })
    const started = await engine
      .start({ segno: 1, name: 'one', steps: [{ id: 'a', set: {} }] })
      .catch((reason: unknown) => reason)
    await engine.recover().catch((reason: unknown) => logged.push(inspect(reason)))
    await engine.close()
    await storage.close()
    const told = [
      inspect(error, { depth: 10, showHidden: true }),
      inspect(started, { depth: 10 }),
      ...logged,
      inspect(storage),
    ]
    expect(told.filter((text) => text.includes(password))).toEqual([])
  })

  test('is refused by the server', async () => {
    // Says what PostgreSQL says to a wrong password, whatever it is asked.
    const server = createServer((socket) => {
      socket.once('data', () => {
        const fields = ['SFATAL', 'VFATAL', 'C28P01', 'Mpassword authentication failed for user "segno"', ''].join('\0')
        const body = Buffer.from(`${fields}\0`)
        const head = Buffer.alloc(5)
        head.write('E')
        head.writeInt32BE(body.length + 4, 1)
        socket.end(Buffer.concat([head, body]))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const storage = postgresStorage({ connectionString: `postgres://segno:${password}@127.0.0.1:${port}/database` })
    const error: unknown = await storage.row('run').catch((reason: unknown) => reason)
    await storage.close()
    server.close()
    expect(String(error)).toContain('password authentication failed')
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(password)
  })
})
