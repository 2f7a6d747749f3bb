import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEngine } from 'segno'
import { HttpProblem, problemOf } from './http-problem.ts'
import { ledger } from './ledger.ts'
import { respond, route, type Exchange } from './routes.ts'

/** The service while it runs. */
export interface Service extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string
  /** How many requests are being answered, streams among them. */
  readonly open: number
}

const connectionsMax = 256
const requestMsMax = 30_000
const stopGraceMs = 5000

/** Starts the service on the loopback interface; port 0 takes one that is free. */
export async function startService({ port }: { port: number }): Promise<Service> {
  const engine = createEngine({ handlers: { bookExpense: ledger() } })
  const stopping = new AbortController()
  const answers = new Set<Promise<void>>()
  const server = createServer((request, response) => {
    const answer = answered({ engine, request, response, stopping: stopping.signal })
    answers.add(answer)
    void answer.then(() => answers.delete(answer))
  })
  server.maxConnections = connectionsMax
  server.requestTimeout = requestMsMax
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      return answers.size
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      stopping.abort()
      const late = setTimeout(() => server.closeAllConnections(), stopGraceMs)
      await Promise.all(answers)
      clearTimeout(late)
      // What is left are connections that clients keep for their next request.
      server.closeAllConnections()
      await closed
      await engine.close()
    },
  }
}

// Never rejects; resolves when the answer is with the client, or the client has gone.
async function answered(exchange: Exchange): Promise<void> {
  const { request, response } = exchange
  const closed = new Promise((resolve) => response.once('close', resolve))
  try {
    assertOwnHost(request)
    await route(exchange)
  } catch (error) {
    // A client that left in the middle of its request waits for no answer.
    if (!response.destroyed) refuse(response, error)
  }
  await closed
}

// A page whose name was made to point here (DNS rebinding) still sends its own name.
function assertOwnHost({ headers: { host = '' } }: IncomingMessage): void {
  const [name = ''] = host.split(':')
  if (name === '127.0.0.1' || name === 'localhost') return
  throw new HttpProblem(421, 'HOST_REFUSED', `This service does not answer for ${JSON.stringify(host)}`)
}

function refuse(response: ServerResponse, error: unknown): void {
  const { status, ...problem } = problemOf(error)
  if (status === 500) console.error(error)
  // Half an answer cannot become another one.
  if (response.headersSent) response.destroy()
  else respond(response, status, { error: problem })
}
