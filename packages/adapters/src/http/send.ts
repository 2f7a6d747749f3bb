import { addAbortListener } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { hostOf } from './connections.ts'
import type { Connections } from './connections.ts'
import type { Hop } from './hop.ts'
import { HttpFailure } from './http-failure.ts'

const headerBytesMax = 16 * 1024
const headersMax = 256
const encodings = 'gzip, br, zstd'

/** What requests are made with. */
export interface Sending {
  readonly connections: Connections
  /** Until a connection stands, with its TLS. */
  readonly connectMs: number
  readonly signal: AbortSignal
}

// RFC 9110, section 9.2.2.
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])

/**
 * Makes a request, and gives the answer as soon as its headers are there. Rejects with
 * what went wrong, of whatever kind. Aborting destroys the connection, also while the body
 * comes in.
 */
export async function send(hop: Hop, sending: Sending): Promise<IncomingMessage> {
  for (;;) {
    try {
      return await sendOnce(hop, sending)
    } catch (error) {
      // It was closed while the request was on its way. Each time there is one such connection less.
      if (!(error instanceof ClosedWhileIdle)) throw error
      if (sending.signal.aborted || !idempotent.has(hop.method)) throw error.cause
    }
  }
}

/** The server closed a connection that it had served before: it need not have seen the request. */
class ClosedWhileIdle extends Error {}

function sendOnce(hop: Hop, { connections, connectMs, signal }: Sending): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const request = requestOf(hop, connections)
    const abort = addAbortListener(signal, () => request.destroy())
    request.on('close', () => {
      abort[Symbol.dispose]()
      // However it ended, somebody waits for it.
      reject(new HttpFailure('HTTP_FAILED', 'the connection was closed without an answer', { retryable: true }))
    })
    request.on('error', (error) => reject(isReset(request, error) ? new ClosedWhileIdle('', { cause: error }) : error))
    request.on('upgrade', (_response, socket) => {
      reject(new HttpFailure('HTTP_FAILED', 'the server changed to another protocol'))
      socket.destroy()
    })
    request.on('response', (response) => {
      if (response.rawHeaders.length <= 2 * headersMax) return resolve(response)
      request.destroy()
      reject(new HttpFailure('HTTP_FAILED', `the answer has more than ${headersMax} headers`))
    })
    limitConnecting(request, connectMs, hop.url.protocol === 'https:')
    request.end(hop.body)
  })
}

function requestOf(hop: Hop, connections: Connections): ClientRequest {
  const { url, method, body } = hop
  const headers = new Map([['accept-encoding', encodings], ...hop.headers])
  // Node sends some methods with a body of no stated length, which is no body at all.
  if (body !== undefined) headers.set('content-length', String(Buffer.byteLength(body)))
  const options = {
    agent: connections.agentFor(hop),
    hostname: hostOf(url),
    port: url.port,
    path: url.pathname + url.search,
    method,
    headers: Object.fromEntries(headers),
    maxHeaderSize: headerBytesMax,
  }
  const { request } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  return request(options)
}

function isReset(request: ClientRequest, error: Error): boolean {
  return request.reusedSocket && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
}

function limitConnecting(request: ClientRequest, connectMs: number, isSecure: boolean): void {
  const timer = setTimeout(() => {
    const message = `no connection within ${connectMs} ms`
    request.destroy(Object.assign(new Error(message), { code: 'ETIMEDOUT' }))
  }, connectMs)
  const stop = (): void => clearTimeout(timer)
  request.on('close', stop)
  request.on('socket', (socket) => {
    if (request.reusedSocket) stop()
    else socket.once(isSecure ? 'secureConnect' : 'connect', stop)
  })
}
