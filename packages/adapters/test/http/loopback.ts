import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createSocketServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { HttpRequest, HttpResponse } from '@segno/core'
import { onTestFinished } from 'vitest'
import { nodeHttp } from '../../src/http/index.ts'
import type { NodeHttp, NodeHttpOptions } from '../../src/http/index.ts'
import type { Certificate } from './certificate.ts'

/** What a server got. */
export interface Got {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server of this machine, for one test. */
export interface Loopback {
  readonly port: number
  readonly origin: string
  readonly got: readonly Got[]
  /** How many connections were made to it. */
  readonly connections: () => number
}

const answerOk: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'application/json').end('{"ok":true}')
}

/** A server that keeps what it gets, and answers as it is told: with `{ "ok": true }` unless it is. */
export async function serve(answer: RequestListener = answerOk, certificate?: Certificate): Promise<Loopback> {
  const got: Got[] = []
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      got.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      answer(request, response)
    })
  }
  const server = certificate === undefined ? createServer(listener) : createSecureServer(certificate, listener)
  return { ...(await listening(server, certificate === undefined ? 'http' : 'https')), got }
}

/** A server that has no idea of HTTP: at the first bytes of each connection, and each time some come, it is told. */
export async function serveRaw(answer: (socket: Socket, text: string) => void): Promise<Omit<Loopback, 'got'>> {
  const server = createSocketServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => answer(socket, bytes.toString('latin1')))
  })
  return await listening(server, 'http')
}

async function listening(server: Server, scheme: string): Promise<Omit<Loopback, 'got'>> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { port, origin: `${scheme}://127.0.0.1:${port}`, connections: () => sockets.size }
}

/** A client, for one test. */
export function client(options: NodeHttpOptions = {}): NodeHttp {
  const http = nodeHttp(options)
  onTestFinished(() => http.close())
  return http
}

/** Makes a request, as the author of a workflow would who wrote the host out. */
export function ask(
  url: string,
  given: Partial<HttpRequest> & { readonly http?: NodeHttp; readonly signal?: AbortSignal } = {},
): Promise<HttpResponse> {
  const { http = client(), signal = new AbortController().signal, ...request } = given
  const defaults = { method: 'GET', headers: {}, redirectsMax: 5, bodyBytesMax: 2 ** 20, isHostLiteral: true } as const
  return http.request({ ...defaults, url, ...request }, { runId: 'run', path: 'request', attempt: 1, signal })
}

/** A failure as the engine reads it. */
export interface Failed {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>> | undefined
}

/** How a request fails that has to. */
export async function failureOf(response: Promise<HttpResponse>): Promise<Failed> {
  const result = await response.catch((error: unknown) => error as Failed)
  if ('status' in result) throw new Error(`the request did not fail, but was answered ${result.status}`)
  return result
}
