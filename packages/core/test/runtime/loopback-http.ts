import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Json, JsonObject } from '@segno/schema/plan'
import { onTestFinished } from 'vitest'
import type { AttemptOutcome } from '../../src/kernel/decide.ts'
import type { Http } from '../../src/ports/http.ts'
import { secretMasker } from '../../src/secrets/secret-masker.ts'
import type { HttpAttempt } from '../../src/runtime/http-request-of.ts'
import { performHttp } from '../../src/runtime/perform-http.ts'
import type { Performance } from '../../src/runtime/perform.ts'

/** What a server got. */
export interface Got {
  readonly method: string | undefined
  /** Path and query, as they stood in the request. */
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A server of this machine, for one test. */
export interface LoopbackServer {
  readonly origin: string
  readonly got: readonly Got[]
}

/** A server that keeps what it gets, and answers as it is told: with `{ "ok": true }` unless it is. */
export async function serve(answer: RequestListener = answerOk): Promise<LoopbackServer> {
  const got: Got[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      got.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
      answer(request, response)
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got }
}

const answerOk: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'application/json').end('{"ok":true}')
}

/** The smallest adapter that there is: what every platform has. */
export const fetchHttp: Http = {
  async request({ method, url, headers, body }, { signal }) {
    const init: RequestInit = { method, headers, signal, redirect: 'manual' }
    const response = await fetch(url, body === undefined ? init : { ...init, body })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: text === '' ? null : isJson ? (JSON.parse(text) as Json) : text,
    }
  },
}

/** Makes the attempt, and gives how it ended. */
export async function outcomeOfRequest(
  input: JsonObject,
  given: {
    readonly http?: Http
    readonly attempt?: Partial<HttpAttempt>
    readonly performance?: Partial<Performance>
    readonly signal?: AbortSignal
  } = {},
): Promise<AttemptOutcome> {
  const attempt = {
    input,
    isHostLiteral: true,
    redirectsMax: 5,
    bodyBytesMax: 2 ** 20,
    idempotencyKey: 'run-1/pay',
    ...given.attempt,
  }
  const performance = { path: 'pay', input, outputSchema: undefined, masker: secretMasker(), ...given.performance }
  const { signal = new AbortController().signal } = given
  const context = { runId: 'run-1', path: 'pay', attempt: 1, signal }
  return await new Promise((settle) => {
    performHttp(given.http ?? fetchHttp, attempt, { performance, context, settle })
  })
}
