import { getEventListeners } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { nodeHttp } from '../../src/http/index.ts'
import { ask, client, failureOf, serve, serveRaw } from './loopback.ts'

describe('what is sent', () => {
  test('is method, path and query as they are, and no more headers than there have to be', async () => {
    const { origin, got, port } = await serve()
    await ask(`${origin}/a/b?c=d%20e&f=+#g`, { headers: { 'X-Own': 'Ü', Accept: 'text/csv' } })
    expect(got).toEqual([
      {
        method: 'GET',
        url: '/a/b?c=d%20e&f=+',
        headers: {
          accept: 'text/csv',
          'accept-encoding': 'gzip, br, zstd',
          connection: 'keep-alive',
          host: `127.0.0.1:${port}`,
          'user-agent': 'segno',
          'x-own': 'Ü',
        },
        body: '',
      },
    ])
  })

  test.for(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)('is a body of stated length: %s', async (method) => {
    const { origin, got } = await serve()
    await ask(origin, { method, body: 'grün' })
    expect(got).toMatchObject([{ method, body: 'grün', headers: { 'content-length': '5' } }])
    expect(got[0]?.headers).not.toHaveProperty('transfer-encoding')
  })

  test('has the headers of the host before those of the step', async () => {
    const { origin, got } = await serve()
    const http = client({ headers: { 'User-Agent': 'shop/1', 'X-Host': 'a', 'X-Both': 'host' } })
    await ask(origin, { http, headers: { 'x-both': 'step' } })
    expect(got[0]?.headers).toMatchObject({ 'user-agent': 'shop/1', 'x-host': 'a', 'x-both': 'step' })
  })

  test('has the coding that the step asks for', async () => {
    const { origin, got } = await serve()
    await ask(origin, { headers: { 'Accept-Encoding': 'identity' } })
    expect(got[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' })
  })

  test('goes to the server, and to no proxy that the environment names', async () => {
    const { origin } = await serve()
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']
    const before = names.map((name) => [name, process.env[name]] as const)
    onTestFinished(() => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    })
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : 'http://127.0.0.1:1'
    expect(await ask(origin)).toMatchObject({ status: 200 })
  })
})

describe('what is answered', () => {
  test('has its headers in lower case, several of one name as one', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, [
        ...['X-Own', 'a', 'Set-Cookie', 'a=1', 'x-own', 'b', 'Set-Cookie', 'b=2'],
        ...['Content-Type', 'text/plain', '__proto__', 'c', 'Age', '1', 'Age', '2'],
      ])
      response.end('text')
    })
    const { headers } = await ask(origin)
    expect(headers).toMatchObject({
      'x-own': 'a, b',
      'set-cookie': 'a=1, b=2',
      'content-type': 'text/plain',
      age: '1, 2',
    })
    expect(Object.entries(headers)).toContainEqual(['__proto__', 'c'])
  })

  test.for([200, 201, 304, 400, 404, 500, 599])('is an answer whatever its status: %i', async (status) => {
    const { origin } = await serve((_request, response) => void response.writeHead(status).end())
    expect(await ask(origin)).toMatchObject({ status })
  })

  test('is the last word, not a hint before it', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' })
      response.end('text')
    })
    expect(await ask(origin)).toMatchObject({ status: 200, body: 'text' })
  })
})

describe('a request gets no answer', () => {
  test('where nobody listens', async () => {
    // A port that was free a moment ago, and that nobody may take without being root.
    const failure = await failureOf(ask('http://127.0.0.1:1/orders/7?token=abc#d', { method: 'DELETE' }))
    expect(failure).toMatchObject({
      code: 'HTTP_FAILED',
      message: 'DELETE http://127.0.0.1:1/orders/7 failed: connect ECONNREFUSED 127.0.0.1:1',
      retryable: true,
      details: { reason: 'ECONNREFUSED' },
    })
  })

  test('where no address of a name listens, and all are told', async () => {
    const failure = await failureOf(ask('http://localhost:1/'))
    expect(failure).toMatchObject({ code: 'HTTP_FAILED', retryable: true, details: { reason: 'ECONNREFUSED' } })
    expect(failure.message).toMatch(/^GET http:\/\/localhost:1\/ failed: .*ECONNREFUSED/)
  })

  test('where the name does not exist', async () => {
    const failure = await failureOf(ask('http://no-such-host.invalid/'))
    expect(failure).toMatchObject({ code: 'HTTP_FAILED', retryable: true })
    // Without a network nobody can tell that there is none.
    expect(failure.details?.['reason']).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/)
  })

  test.for([
    ['the connection is closed', '', 'ECONNRESET', true],
    ['the headers break off', 'HTTP/1.1 200 OK\r\nContent-', 'ECONNRESET', true],
    ['the body breaks off', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', 'ECONNRESET', true],
    ['chunks break off', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf', 'ECONNRESET', true],
    [
      'the last chunk is missing',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n',
      'ECONNRESET',
      true,
    ],
    ['it is no HTTP', 'SSH-2.0-OpenSSH\r\n', 'HPE_INVALID_CONSTANT', false],
    ['two lengths are told', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', /^HPE_/, false],
    ['headers are too large', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(17_000)}\r\n\r\n`, 'HPE_HEADER_OVERFLOW', false],
  ] as const)('where %s', async ([, text, reason, retryable]) => {
    const { origin } = await serveRaw((socket) => socket.end(text, 'latin1'))
    const failure = await failureOf(ask(origin))
    expect(failure).toMatchObject({ code: 'HTTP_FAILED', retryable })
    expect(failure.message).toMatch(`GET ${origin}/ failed: `)
    expect(failure.details?.['reason']).toMatch(reason)
  })

  test('where there are more headers than anybody needs', async () => {
    const answer = (count: number): string =>
      `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${'a: b\r\n'.repeat(count - 1)}\r\n`
    const few = await serveRaw((socket) => socket.end(answer(256)))
    const many = await serveRaw((socket) => socket.end(answer(257)))
    expect(await ask(few.origin)).toMatchObject({ status: 200 })
    expect(await failureOf(ask(many.origin))).toMatchObject({
      code: 'HTTP_FAILED',
      message: 'the answer has more than 256 headers',
      retryable: false,
    })
  })

  test('where the server changes to another protocol', async () => {
    const { origin } = await serveRaw((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: own\r\nConnection: upgrade\r\n\r\n')
    })
    expect(await failureOf(ask(origin))).toMatchObject({ code: 'HTTP_FAILED', retryable: false })
  })

  test.for([
    ['/orders', 'the url of the request is no URL'],
    ['ftp://a.example/', 'the url of the request is none of http or https: ftp:'],
    ['https://ada:pass-word@a.example/', 'the url of the request holds a user or a password'],
  ] as const)('where it cannot be made: %s', async ([url, message]) => {
    expect(await failureOf(ask(url))).toMatchObject({ code: 'HTTP_REFUSED', message, retryable: false })
  })
})

describe('a connection', () => {
  test('is used again', async () => {
    const server = await serve()
    const http = client()
    for (let i = 0; i < 3; i += 1) await ask(server.origin, { http })
    expect([server.got.length, server.connections()]).toEqual([3, 1])
  })

  /** A server that answers once on each connection, and closes it when it is asked again. */
  async function once(): ReturnType<typeof serveRaw> {
    const served = new WeakSet<object>()
    return await serveRaw((socket) => {
      if (served.has(socket)) return void socket.destroy()
      served.add(socket)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
  }

  test.for(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'] as const)(
    'that the server closed in the meantime is replaced by another: %s',
    async (method) => {
      const server = await once()
      const http = client()
      await ask(server.origin, { http })
      expect(await ask(server.origin, { http, method })).toMatchObject({ status: 200 })
      expect(server.connections()).toBe(2)
    },
  )

  test.for(['POST', 'PATCH'] as const)(
    'that the server closed in the meantime may have carried an order: %s',
    async (method) => {
      const server = await once()
      const http = client()
      await ask(server.origin, { http })
      expect(await failureOf(ask(server.origin, { http, method }))).toMatchObject({
        code: 'HTTP_FAILED',
        retryable: true,
        details: { reason: 'ECONNRESET' },
      })
      expect(server.connections()).toBe(1)
    },
  )

  test('that is closed at once each time is not tried for ever', async () => {
    const server = await serveRaw((socket) => socket.destroy())
    expect(await failureOf(ask(server.origin))).toMatchObject({ details: { reason: 'ECONNRESET' } })
    expect(server.connections()).toBe(1)
  })
})

describe('a request that is aborted', () => {
  const reason = Object.assign(new Error('stop'), { code: 'CANCELLED' })

  test('before it begins is not made', async () => {
    const { origin, connections } = await serve()
    await expect(ask(origin, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(connections()).toBe(0)
  })

  test('while nobody answers rejects at once, and its connection is closed', async () => {
    const controller = new AbortController()
    const closed = Promise.withResolvers<boolean>()
    const { origin } = await serve((request) => {
      request.socket.on('close', () => closed.resolve(true))
      controller.abort(reason)
    })
    await expect(ask(origin, { signal: controller.signal })).rejects.toBe(reason)
    expect(await closed.promise).toBe(true)
  })

  test.for([200, 500])('while a body comes slowly rejects at once: %i', async (status) => {
    const controller = new AbortController()
    const closed = Promise.withResolvers<boolean>()
    const { origin } = await serve((request, response) => {
      request.socket.on('close', () => closed.resolve(true))
      response.writeHead(status, { 'content-type': 'text/plain' })
      response.write('a little')
      // By then the client has the headers. If it does not, it is aborted a little earlier.
      setTimeout(() => controller.abort(reason), 50)
    })
    await expect(ask(origin, { signal: controller.signal })).rejects.toBe(reason)
    expect(await closed.promise).toBe(true)
  })

  test('while TLS is agreed on rejects at once', async () => {
    const controller = new AbortController()
    const { port } = await serveRaw(() => controller.abort(reason))
    await expect(ask(`https://127.0.0.1:${port}`, { signal: controller.signal })).rejects.toBe(reason)
  })

  test('leaves nothing at its signal, nor does one that is answered', async () => {
    const { signal } = new AbortController()
    const { origin } = await serve()
    const http = client()
    for (let i = 0; i < 3; i += 1) await ask(origin, { http, signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})

describe('a client that is closed', () => {
  test('fails what is under way, and what comes later', async () => {
    const http = nodeHttp()
    const { origin } = await serve(() => void http.close())
    expect(await failureOf(ask(origin, { http }))).toMatchObject({ code: 'HTTP_FAILED', retryable: true })
    expect(await failureOf(ask(origin, { http }))).toMatchObject({
      code: 'HTTP_FAILED',
      message: 'the host has closed its connections',
      retryable: true,
    })
  })

  test('leaves no connection open', async () => {
    const closed = Promise.withResolvers<boolean>()
    const { origin } = await serve((request, response) => {
      request.socket.on('close', () => closed.resolve(true))
      response.end()
    })
    {
      await using http = nodeHttp()
      await ask(origin, { http })
    }
    expect(await closed.promise).toBe(true)
  })
})

test.for([
  [{ timeoutMs: 0 }],
  [{ timeoutMs: 1.5 }],
  [{ timeoutMs: Number.NaN }],
  [{ timeoutMs: 2 ** 31 }],
  [{ headers: { 'a b': 'c' } }],
  [{ headers: { a: 'b\r\nc: d' } }],
] as const)('nonsense is refused when the client is made: %j', ([options]) => {
  expect(() => nodeHttp(options)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
})
