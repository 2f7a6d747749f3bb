import { connect, createServer, type Socket } from 'node:net'

/** What a proxy does to the connection of a write: nothing, or cuts it so that its sender hears nothing more. */
export type Cut = 'none' | 'unsent' | 'done'

/** What a proxy has done. */
export interface Cuts {
  /** The write never came to the server. */
  unsent: number
  /** The server had done the write, and its answer was kept from its sender. */
  done: number
}

/** A proxy in front of a PostgreSQL server. */
export interface CuttingProxy {
  readonly port: number
  readonly cuts: Readonly<Cuts>
  /** Cuts all connections, whatever they are doing. */
  cutAll(): void
  close(): Promise<void>
}

/** How a proxy cuts. */
export interface ProxyOptions {
  readonly serverPort: number
  /** Whether a statement is a write, by its text; a COMMIT is one too. */
  readonly isWrite: (text: string) => boolean
  /** Asked for each write. */
  readonly decide: () => Cut
}

/**
 * Stands between a storage and its server, reads along what is asked, and cuts connections just after a
 * write was sent and before its answer is heard: at times before the server has it, at times after it has done it.
 */
export async function cuttingProxy(options: ProxyOptions): Promise<CuttingProxy> {
  const cuts: Cuts = { unsent: 0, done: 0 }
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(options.serverPort, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      // Whatever happens to one half of a connection happens to the other.
      socket.on('error', () => undefined)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    pass({ client, upstream, cuts, ...options })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const cutAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cuts,
    cutAll,
    async close() {
      cutAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Passing extends ProxyOptions {
  readonly client: Socket
  readonly upstream: Socket
  readonly cuts: Cuts
}

function pass({ client, upstream, cuts, isWrite, decide }: Passing): void {
  let isWriting = false
  const kept = new Map<string, boolean>()
  let fate: Cut = 'none'
  const asked = messages(true, ({ type, body }, bytes) => {
    if (fate !== 'none') return
    // P: a statement under a name, in the extended protocol; B: the one of a name is to be done; S: do what was asked.
    // Q: a statement to be done at once.
    if (type === 'P') kept.set(textAt(body, 0), isWrite(textAt(body, body.indexOf(0) + 1)))
    if (type === 'B') isWriting = kept.get(textAt(body, body.indexOf(0) + 1)) ?? false
    if (type === 'Q') isWriting = isWrite(textAt(body, 0))
    if (isWriting && (type === 'S' || type === 'Q')) {
      fate = decide()
      isWriting = false
    }
    if (fate !== 'unsent') return void upstream.write(bytes)
    cuts.unsent += 1
    upstream.destroy()
  })
  const answered = messages(false, ({ type }, bytes) => {
    if (fate === 'none') return void client.write(bytes)
    // Z: ready for the next statement; this one is done.
    if (fate !== 'done' || type !== 'Z') return
    cuts.done += 1
    client.destroy()
  })
  client.on('data', asked)
  upstream.on('data', answered)
}

interface WireMessage {
  /** The letter of the message; empty for the first of a connection. */
  readonly type: string
  readonly body: Buffer
}

function textAt(body: Buffer, start: number): string {
  return body.toString('utf8', start, body.indexOf(0, start))
}

// Parts a stream of bytes into messages: a letter and a length that counts itself. The first message of a client has no letter.
function messages(isClient: boolean, take: (message: WireMessage, bytes: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  let letters = isClient ? 0 : 1
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= letters + 4) {
      const length = letters + rest.readUInt32BE(letters)
      if (rest.length < length) return
      const bytes = rest.subarray(0, length)
      rest = rest.subarray(length)
      take({ type: bytes.toString('latin1', 0, letters), body: bytes.subarray(letters + 4) }, bytes)
      letters = 1
    }
  }
}
