import type { RequestListener } from 'node:http'
import type { HttpMethod } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { selfSigned } from './certificate.ts'
import { ask, client, failureOf, serve } from './loopback.ts'
import type { Got } from './loopback.ts'

/** Sends everybody on to this place. */
function redirect(status: number, location: string): RequestListener {
  return (_request, response) => void response.writeHead(status, { location }).end('moved')
}

/** Sends `/` on to `/there`, and answers there. */
function toThere(status: number): RequestListener {
  return (request, response) => {
    if (request.url === '/there') response.end('there')
    else redirect(status, '/there')(request, response)
  }
}

describe('a redirect', () => {
  test.for([301, 302, 303, 307, 308])('of status %i is followed', async (status) => {
    const { origin, got } = await serve(toThere(status))
    expect(await ask(origin)).toMatchObject({ status: 200, body: 'there' })
    expect(got.map(({ url }) => url)).toEqual(['/', '/there'])
  })

  test.for([
    ['an absolute URL', (origin: string) => `${origin}/a/there`],
    ['an absolute path', () => '/a/there'],
    ['a path from where it stands', () => 'there'],
    ['a path with what no URL holds', () => '/a/./b/../there'],
  ] as const)('may lead to %s', async ([, location]) => {
    const server = await serve((request, response) => {
      if (request.url === '/a/there') response.end('there')
      else redirect(302, location(server.origin))(request, response)
    })
    expect(await ask(`${server.origin}/a/b?c=d`)).toMatchObject({ body: 'there' })
  })

  test('is read as UTF-8, as servers write it', async () => {
    const { origin, got } = await serve((request, response) => {
      if (request.url === '/') redirect(302, Buffer.from('/grün').toString('latin1'))(request, response)
      else response.end()
    })
    await ask(origin)
    expect(got.at(-1)?.url).toBe('/gr%C3%BCn')
  })

  test.for([300, 304, 305, 200])('is none with the status %i', async (status) => {
    const { origin } = await serve(redirect(status, '/there'))
    expect(await ask(origin)).toMatchObject({ status, headers: { location: '/there' } })
  })

  test('is an answer where it leads nowhere', async () => {
    const { origin } = await serve((_request, response) => void response.writeHead(302).end('moved'))
    expect(await ask(origin)).toMatchObject({ status: 302, body: 'moved' })
  })

  test('is followed as often as it may be, and no more often', async () => {
    const { origin, got } = await serve((request, response) => {
      const left = Number(request.url?.slice(1))
      if (left === 0) response.end('there')
      else redirect(302, `/${left - 1}`)(request, response)
    })
    expect(await ask(`${origin}/3`, { redirectsMax: 3 })).toMatchObject({ body: 'there' })
    expect(await failureOf(ask(`${origin}/3`, { redirectsMax: 2 }))).toMatchObject({
      code: 'HTTP_REFUSED',
      message: 'more than 2 redirects',
      retryable: false,
    })
    expect(got.map(({ url }) => url)).toEqual(['/3', '/2', '/1', '/0', '/3', '/2', '/1'])
  })

  test('that leads to itself ends', async () => {
    const { origin, got } = await serve(redirect(307, '/'))
    expect(await failureOf(ask(origin))).toMatchObject({ code: 'HTTP_REFUSED', message: 'more than 5 redirects' })
    expect(got).toHaveLength(6)
  })

  test('is not followed at all where none may be', async () => {
    const { origin, got } = await serve(redirect(302, '/there'))
    expect(await failureOf(ask(origin, { redirectsMax: 0 }))).toMatchObject({ message: 'more than 0 redirects' })
    expect(got).toHaveLength(1)
  })

  test('with a body that has no end is left, and its connection closed', async () => {
    const closed = Promise.withResolvers<boolean>()
    const { origin } = await serve((request, response) => {
      if (request.url === '/there') return void response.end('there')
      request.socket.on('close', () => closed.resolve(true))
      response.writeHead(302, { location: '/there' })
      response.write('moved')
    })
    expect(await ask(origin)).toMatchObject({ body: 'there' })
    expect(await closed.promise).toBe(true)
  })

  test.for([
    ['file:///etc/passwd', /is none of http or https: file:$/],
    ['javascript:alert(1)', /is none of http or https: javascript:$/],
    ['http://[::1', /is no URL$/],
    ['//ada:pass-word@a.example/', /holds a user or a password$/],
  ] as const)('is refused that leads to %s', async ([location, message]) => {
    const { origin } = await serve(redirect(302, location))
    const failure = await failureOf(ask(`${origin}/secret-path`))
    expect(failure).toMatchObject({ code: 'HTTP_REFUSED', retryable: false })
    expect(failure.message).toMatch(message)
    expect(failure.message).not.toMatch(/secret-path|pass-word/)
  })

  test('is refused that leads from https to http', async () => {
    const certificate = selfSigned(['127.0.0.1'])
    const plain = await serve()
    const secure = await serve(redirect(307, plain.origin), certificate)
    const http = client({ ca: certificate.cert, allowPrivate: ['127.0.0.1'] })
    expect(await failureOf(ask(secure.origin, { http }))).toMatchObject({
      code: 'HTTP_REFUSED',
      message: `the redirect of ${secure.origin} leads from https to http: ${plain.origin}`,
      retryable: false,
    })
    expect(plain.got).toEqual([])
  })

  test('may lead from http to https', async () => {
    const certificate = selfSigned(['127.0.0.1'])
    const secure = await serve(undefined, certificate)
    const plain = await serve(redirect(301, secure.origin))
    const http = client({ ca: certificate.cert, allowPrivate: ['127.0.0.1'] })
    expect(await ask(plain.origin, { http })).toMatchObject({ status: 200, body: { ok: true } })
  })
})

describe('what is asked behind a redirect', () => {
  /** What comes after the first request, which has a body, is redirected. */
  async function second(method: HttpMethod, status: number): Promise<Got | undefined> {
    const { origin, got } = await serve(toThere(status))
    const headers = { 'content-type': 'text/csv', 'content-language': 'de', 'x-own': 'kept', 'idempotency-key': 'k' }
    await ask(origin, { method, headers, ...(method === 'HEAD' ? {} : { body: 'a,b' }) })
    return got[1]
  }

  test.for([
    [301, 'POST'],
    [302, 'POST'],
    [303, 'POST'],
    [301, 'PUT'],
    [302, 'DELETE'],
    [303, 'PATCH'],
  ] as const)('is a GET without a body after %i to %s', async ([status, method]) => {
    const got = await second(method, status)
    expect(got).toMatchObject({ method: 'GET', url: '/there', body: '', headers: { 'x-own': 'kept' } })
    expect(Object.keys(got?.headers ?? {}).filter((name) => name.startsWith('content-'))).toEqual([])
  })

  test.for([
    [307, 'POST'],
    [308, 'POST'],
    [307, 'PUT'],
    [308, 'DELETE'],
    [307, 'PATCH'],
  ] as const)('is the same after %i to %s', async ([status, method]) => {
    expect(await second(method, status)).toMatchObject({
      method,
      body: 'a,b',
      headers: { 'content-type': 'text/csv', 'content-length': '3', 'x-own': 'kept', 'idempotency-key': 'k' },
    })
  })

  test.for([301, 302, 303, 307, 308])('is a HEAD after %i to HEAD', async (status) => {
    expect(await second('HEAD', status)).toMatchObject({ method: 'HEAD' })
  })
})

describe('of the headers of a request', () => {
  const headers = {
    authorization: 'Bearer a',
    Cookie: 'session=a',
    'Proxy-Authorization': 'Basic a',
    'X-Api-Key': 'a',
    'Idempotency-Key': 'a',
    Accept: 'text/csv',
    'User-Agent': 'own',
    'Content-Type': 'text/plain',
  }
  const ofHost = { 'x-host-token': 'a' }

  test('another origin gets those alone that let nobody in', async () => {
    const other = await serve()
    const { origin } = await serve(redirect(307, other.origin))
    const http = client({ allowPrivate: ['127.0.0.1'], headers: ofHost })
    await ask(origin, { http, method: 'POST', headers, body: 'text' })
    expect(other.got).toEqual([
      {
        method: 'POST',
        url: '/',
        headers: {
          accept: 'text/csv',
          'accept-encoding': 'gzip, br, zstd',
          connection: 'keep-alive',
          'content-length': '4',
          'content-type': 'text/plain',
          host: new URL(other.origin).host,
          'user-agent': 'own',
        },
        body: 'text',
      },
    ])
  })

  test('the same origin gets all', async () => {
    const { origin, got } = await serve(toThere(307))
    await ask(origin, { http: client({ headers: ofHost }), method: 'POST', headers, body: 'text' })
    const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    expect(got[1]?.headers).toMatchObject({ ...lowered, ...ofHost })
  })

  test('an origin that was left gets none back', async () => {
    const first = await serve((request, response) => {
      if (request.url === '/') redirect(307, other.origin)(request, response)
      else response.end()
    })
    const other = await serve(redirect(307, `${first.origin}/back`))
    await ask(first.origin, { http: client({ allowPrivate: ['127.0.0.1'] }), headers })
    expect(first.got[1]).toMatchObject({ url: '/back' })
    expect(first.got[1]?.headers).not.toHaveProperty('authorization')
  })
})

describe('a redirect to another origin', () => {
  test('must not lead into a private network, also where the first one was written out', async () => {
    const other = await serve()
    const { origin } = await serve(redirect(302, other.origin))
    expect(await failureOf(ask(origin))).toMatchObject({
      code: 'HTTP_REFUSED',
      message: expect.stringMatching(/^127\.0\.0\.1 is no public address: .* `allowPrivate` of `nodeHttp`$/) as string,
      retryable: false,
      details: { host: '127.0.0.1', addresses: ['127.0.0.1'] },
    })
    expect(other.got).toEqual([])
  })

  test('must not do so by a name either', async () => {
    const other = await serve()
    const { origin } = await serve(redirect(302, `http://localhost:${other.port}/`))
    expect(await failureOf(ask(origin))).toMatchObject({ code: 'HTTP_REFUSED', details: { host: 'localhost' } })
    expect(other.got).toEqual([])
  })

  test('must not use it to come back', async () => {
    const first = await serve(redirect(302, 'http://localhost:1/'))
    const other = await serve(redirect(302, `${first.origin}/admin`))
    const start = await serve(redirect(302, `http://localhost:${other.port}`))
    const failure = await failureOf(ask(start.origin, { http: client({ allowPrivate: ['localhost'] }) }))
    expect(failure).toMatchObject({ code: 'HTTP_REFUSED', details: { host: '127.0.0.1' } })
    expect([other.got.length, first.got.length]).toEqual([1, 0])
  })

  test('leads on where the host has opened it', async () => {
    const other = await serve()
    const { origin } = await serve(redirect(302, `http://localhost:${other.port}/`))
    const http = client({ allowPrivate: ['localhost'] })
    expect(await ask(origin, { http })).toMatchObject({ body: { ok: true } })
  })

  test('on the same origin is no other', async () => {
    const { origin } = await serve(toThere(302))
    expect(await ask(origin)).toMatchObject({ body: 'there' })
  })
})
