import { postgresStorage } from '@segno/adapters/postgres'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import pg from 'pg'
import { expect, test } from 'vitest'

// What a server says that takes a connection and ends it at once, all in one piece.
const taken = message('R', Buffer.alloc(4))
const ready = message('Z', Buffer.from('I'))
const ended = message('E', Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'))

function message(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(type)
  head.writeInt32BE(content.length + 4, 1)
  return Buffer.concat([head, content])
}

async function serverThatEndsAll(): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(Buffer.concat([taken, ready, ended])))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

test.for(['of the host', 'of its own'])(
  'a connection that is ended while it is handed over does not end the host, from a pool %s',
  async (whose) => {
    const server = await serverThatEndsAll()
    const { port } = server.address() as AddressInfo
    const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'nobody', database: 'none' })
    const connectionString = `postgres://nobody@127.0.0.1:${port}/none`
    const storage = postgresStorage(whose === 'of the host' ? { pool } : { connectionString })

    await expect(storage.row('run')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })

    await storage.close()
    await pool.end()
    server.close()
  },
)
