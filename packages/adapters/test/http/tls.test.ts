import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { nodeHttp } from '../../src/http/index.ts'
import { selfSigned } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { ask, client, failureOf, serve, serveRaw } from './loopback.ts'

let own: Certificate
beforeAll(() => {
  own = selfSigned(['127.0.0.1', 'localhost'])
})

describe('a server is who it says', () => {
  test('if its certificate is one of `ca`', async () => {
    const { origin } = await serve(undefined, own)
    expect(await ask(origin, { http: client({ ca: own.cert }) })).toMatchObject({ status: 200, body: { ok: true } })
  })

  test('if its certificate is one of several in `ca`', async () => {
    const { origin, port } = await serve(undefined, own)
    const http = client({ ca: `# ours\n${selfSigned(['other.example']).cert}\n# theirs\n${own.cert}` })
    expect(await ask(origin, { http })).toMatchObject({ status: 200 })
    expect(await ask(`https://localhost:${port}`, { http })).toMatchObject({ status: 200 })
  })
})

describe('a server is not trusted', () => {
  test('whose certificate nobody vouches for', async () => {
    const { origin, got } = await serve(undefined, own)
    expect(await failureOf(ask(`${origin}/orders?token=abc`))).toMatchObject({
      code: 'HTTP_FAILED',
      message: expect.stringMatching(new RegExp(`^GET ${origin}/orders failed: self-signed certificate`)) as string,
      retryable: false,
      details: { reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    })
    expect(got).toEqual([])
  })

  test('whose certificate is for another host', async () => {
    const other = selfSigned(['other.example'])
    const { origin, got } = await serve(undefined, other)
    expect(await failureOf(ask(origin, { http: client({ ca: other.cert }) }))).toMatchObject({
      code: 'HTTP_FAILED',
      retryable: false,
      details: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
    expect(got).toEqual([])
  })

  test.for([
    ['has expired', { from: -9, to: -1 }, 'CERT_HAS_EXPIRED'],
    ['is not valid yet', { from: 1, to: 9 }, 'CERT_NOT_YET_VALID'],
  ] as const)('whose certificate %s', async ([, days, reason]) => {
    const certificate = selfSigned(['127.0.0.1'], days)
    const { origin } = await serve(undefined, certificate)
    expect(await failureOf(ask(origin, { http: client({ ca: certificate.cert }) }))).toMatchObject({
      code: 'HTTP_FAILED',
      retryable: false,
      details: { reason },
    })
  })

  test('because the environment says that everybody is', async () => {
    const { origin } = await serve(undefined, own)
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    onTestFinished(() => void delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'])
    expect(await failureOf(ask(origin))).toMatchObject({ details: { reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' } })
  })

  test('that speaks no TLS', async () => {
    const { port } = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
    expect(await failureOf(ask(`https://127.0.0.1:${port}`))).toMatchObject({ code: 'HTTP_FAILED', retryable: false })
  })
})

test('a handshake that never ends is given up', async () => {
  const { port } = await serveRaw(() => undefined)
  expect(await failureOf(ask(`https://127.0.0.1:${port}/a`, { http: client({ timeoutMs: 50 }) }))).toMatchObject({
    code: 'HTTP_FAILED',
    message: `GET https://127.0.0.1:${port}/a failed: no connection within 50 ms`,
    retryable: true,
    details: { reason: 'ETIMEDOUT' },
  })
})

test('an answer may take longer than a connection', async () => {
  // The client's limit is over before, as timers of one process fire in their order.
  const { origin } = await serve((_request, response) => void setTimeout(() => response.end('late'), 100), own)
  const answer = await ask(origin, { http: client({ ca: own.cert, timeoutMs: 50 }) })
  expect(answer).toMatchObject({ status: 200, body: 'late' })
})

test.for([[''], ['no certificate'], ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----']] as const)(
  'a `ca` that cannot be read is refused when the client is made: %j',
  ([ca]) => {
    expect(() => nodeHttp({ ca })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
  },
)
