import type { Failure, Json, JsonObject } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { AttemptOutcome } from '../kernel/decide.ts'
import type { Http } from '../ports/http.ts'
import { secretMasker } from '../secrets/secret-masker.ts'
import { fetchHttp, outcomeOfRequest, serve } from '../../test/runtime/loopback-http.ts'
import type { Got } from '../../test/runtime/loopback-http.ts'

/** What a server gets of a request for its `/orders`. */
async function gotOf(input: JsonObject): Promise<Got> {
  const { origin, got } = await serve()
  const outcome = await outcomeOfRequest({ url: `${origin}/orders`, ...input })
  expect(outcome.kind).toBe('completed')
  const [only] = got
  if (only === undefined || got.length > 1) throw new Error(`the server got ${got.length} requests`)
  return only
}

function failureIn(outcome: AttemptOutcome): Failure {
  if (outcome.kind !== 'failed') throw new Error(`it ${outcome.kind}`)
  return outcome.failure
}

/** The failure of a request that no adapter gets to see. */
async function refusalOf(input: JsonObject): Promise<Failure> {
  const unreached: Http = {
    request: () => Promise.reject(new Error('the request was made')),
  }
  return failureIn(await outcomeOfRequest({ url: 'https://api.example.com/orders', ...input }, { http: unreached }))
}

describe('what is asked for', () => {
  test('is a GET unless the step says otherwise, and JSON before text before anything', async () => {
    expect(await gotOf({})).toMatchObject({
      method: 'GET',
      url: '/orders',
      headers: { accept: 'application/json, text/*;q=0.9, */*;q=0.1' },
      body: '',
    })
  })

  test('is the `accept` of the step, however it is written', async () => {
    expect((await gotOf({ headers: { ACCEPT: 'text/csv' } })).headers.accept).toBe('text/csv')
  })

  test('has the headers of the step, numbers and booleans as text', async () => {
    const { headers } = await gotOf({ headers: { 'X-Text': 'a b', 'X-Count': 3, 'X-Dry': true, 'X-None': undefined } })
    expect(headers).toMatchObject({ 'x-text': 'a b', 'x-count': '3', 'x-dry': 'true' })
    expect(headers).not.toHaveProperty('x-none')
  })

  test('has the headers that stand for no harm but look like it', async () => {
    const seen: unknown[] = []
    const http: Http = {
      request: (request) => {
        seen.push(Object.entries(request.headers).at(-1))
        return Promise.resolve({ status: 200, headers: {}, body: null })
      },
    }
    const headers = JSON.parse('{"__proto__":"a"}') as JsonObject
    await outcomeOfRequest({ url: 'https://api.example.com', headers }, { http })
    expect(seen).toEqual([['__proto__', 'a']])
  })
})

describe('the query of a step', () => {
  test.for([
    ['a text, its special characters encoded', { q: 'a b&c=d/ü+#' }, '?q=a%20b%26c%3Dd%2F%C3%BC%2B%23'],
    ['a number and a boolean as text', { page: 2, deep: false }, '?page=2&deep=false'],
    ['a list as its name several times', { tag: ['a', 1, true] }, '?tag=a&tag=1&tag=true'],
    ['nothing for an empty list or a field that is not there', { tag: [], none: undefined }, ''],
    ['a name with special characters', { 'filter[a b]': 'x' }, '?filter%5Ba%20b%5D=x'],
  ] as const)('is added to the URL: %s', async ([, query, search]) => {
    expect((await gotOf({ query })).url).toBe(`/orders${search}`)
  })

  test('comes behind the query of the URL, which stays as it was written, and before no fragment', async () => {
    const { origin, got } = await serve()
    await outcomeOfRequest({ url: `${origin}/a?sig=x~y+z%2f#part`, query: { page: 1 } })
    await outcomeOfRequest({ url: `${origin}/a?sig=x~y+z%2f#part` })
    expect(got.map(({ url }) => url)).toEqual(['/a?sig=x~y+z%2f&page=1', '/a?sig=x~y+z%2f'])
  })

  test.for([
    [{ page: null }, 'null'],
    [{ page: { size: 1 } }, 'an object'],
    [{ page: [1, [2]] }, 'a list'],
    [{ page: ['a', null] }, 'null'],
  ] as const)('is refused with a value that has no one text: %j', async ([query, kind]) => {
    expect(await refusalOf({ query })).toEqual({
      code: 'TYPE_MISMATCH',
      message: `\`query.page\` is or holds ${kind}, not a text, number or boolean`,
      retryable: false,
    })
  })
})

describe('a body', () => {
  test('that is a text is sent as it is', async () => {
    expect(await gotOf({ method: 'POST', body: 'a=1&b=ü' })).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'text/plain;charset=utf-8' },
      body: 'a=1&b=ü',
    })
  })

  test.for([[{ order: 'A17', tags: ['ü'] }], [[1, 2]], [3], [false], [null]] as const)(
    'that is anything else is sent as JSON: %j',
    async ([body]) => {
      expect(await gotOf({ method: 'PUT', body: body as Json })).toMatchObject({
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    },
  )

  test('has the type that the step gives, and none where there is none', async () => {
    const form = await gotOf({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a=1',
    })
    expect(form.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect((await gotOf({ method: 'POST' })).headers).not.toHaveProperty('content-type')
  })

  test.for(['GET', 'HEAD', undefined] as const)('is refused for %s', async (method) => {
    expect(await refusalOf({ method, body: {} })).toEqual({
      code: 'ARGUMENT_REFUSED',
      message: `a ${method ?? 'GET'} request has no body`,
      retryable: false,
    })
  })
})

describe('the key of an occurrence', () => {
  test.for(['POST', 'PATCH'] as const)('goes with %s', async (method) => {
    expect((await gotOf({ method })).headers['idempotency-key']).toBe('run-1/pay')
  })

  test.for(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'] as const)('does not go with %s', async (method) => {
    expect((await gotOf({ method })).headers).not.toHaveProperty('idempotency-key')
  })

  test('is the one that the step gives', async () => {
    const { headers } = await gotOf({ method: 'POST', headers: { 'idempotency-KEY': '"own"' } })
    expect(headers['idempotency-key']).toBe('"own"')
  })
})

describe('a request is refused before it is made', () => {
  test.for([
    ['/orders'],
    ['api.example.com/orders'],
    ['ftp://api.example.com/orders'],
    ['file:///etc/passwd'],
    ['http:orders'],
    [' https://api.example.com'],
    ['https://'],
    ['https://a b/'],
    ['https://[::1/'],
  ] as const)('to what is no absolute URL of HTTP: %j', async ([url]) => {
    expect(await refusalOf({ url })).toEqual({
      code: 'HTTP_REFUSED',
      message: 'the url is no absolute URL of http or https',
      retryable: false,
    })
  })

  test.for([['https://ada:pass-word@api.example.com/'], ['https://ada@api.example.com/'], ['https://:p@a.example/']])(
    'with a user or password in it, which the message does not tell: %j',
    async ([url]) => {
      expect(await refusalOf({ url })).toEqual({
        code: 'HTTP_REFUSED',
        message: 'the url holds a user or a password; they belong into an `authorization` header',
        retryable: false,
      })
    },
  )

  test.for([
    [{ url: 7 }, 'TYPE_MISMATCH', 'the url is a number, not a text'],
    [{ url: undefined }, 'TYPE_MISMATCH', 'the url is missing, not a text'],
    [{ headers: ['a'] }, 'TYPE_MISMATCH', '`headers` is a list, not a map'],
    [{ query: 'a=1' }, 'TYPE_MISMATCH', '`query` is a string, not a map'],
    [{ method: 'get' }, 'ARGUMENT_REFUSED', /^the method is none of GET, HEAD, /],
    [{ headers: { 'X-A': 'secret\r\nX-B: c' } }, 'ARGUMENT_REFUSED', 'the header "X-A" holds a line break or a NUL'],
    [{ headers: { 'X-A': 'secret\n' } }, 'ARGUMENT_REFUSED', 'the header "X-A" holds a line break or a NUL'],
    [{ headers: { 'X-A': 'secret\0' } }, 'ARGUMENT_REFUSED', 'the header "X-A" holds a line break or a NUL'],
    [{ headers: { 'X-A': '☃' } }, 'ARGUMENT_REFUSED', 'the header "X-A" holds a character that no header can hold'],
    [{ headers: { 'X-A': null } }, 'ARGUMENT_REFUSED', 'the header "X-A" is null, not a text'],
    [{ headers: { 'X-A': ['a'] } }, 'ARGUMENT_REFUSED', 'the header "X-A" is a list, not a text'],
    [{ headers: { 'X A': 'a' } }, 'ARGUMENT_REFUSED', '"X A" is no name of a header'],
    [{ headers: { '': 'a' } }, 'ARGUMENT_REFUSED', '"" is no name of a header'],
    [{ headers: { 'X-A': 'a', 'x-a': 'b' } }, 'ARGUMENT_REFUSED', 'the header "x-a" is given twice'],
    [{ headers: { Host: 'a' } }, 'ARGUMENT_REFUSED', 'the header "Host" is not a step\'s to give'],
    [{ headers: { 'Content-Length': 1 } }, 'ARGUMENT_REFUSED', 'the header "Content-Length" is not a step\'s to give'],
    [{ headers: { 'transfer-encoding': 'chunked' } }, 'ARGUMENT_REFUSED', /"transfer-encoding" is not a step's/],
  ] as const)('with %j', async ([input, code, message]) => {
    const failure = await refusalOf(input)
    expect(failure).toEqual({ code, message: expect.stringMatching(message) as string, retryable: false })
    expect(failure.message).not.toContain('secret')
  })
})

describe('an answer', () => {
  test('gives status, headers and body', async () => {
    const { origin } = await serve((_, response) => {
      response.writeHead(201, { 'content-type': 'application/json', 'x-a': 'b' }).end('{"id":7}')
    })
    const outcome = await outcomeOfRequest({ url: origin, method: 'POST' })
    expect(outcome).toMatchObject({
      kind: 'completed',
      output: { status: 201, headers: { 'x-a': 'b' }, body: { id: 7 } },
    })
  })

  test('of which the body fits the schema of the step completes it', async () => {
    const { origin } = await serve()
    const outputSchema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] } as const
    expect(await outcomeOfRequest({ url: origin }, { performance: { outputSchema } })).toMatchObject({
      kind: 'completed',
      output: { status: 200, body: { ok: true } },
    })
  })

  test('of which the body does not fit the schema of the step fails it', async () => {
    const { origin } = await serve()
    const outputSchema = { type: 'object', properties: { ok: { type: 'string' } } } as const
    const outcome = await outcomeOfRequest({ url: origin }, { performance: { outputSchema } })
    expect(failureIn(outcome)).toMatchObject({ code: 'OUTPUT_INVALID', retryable: false })
    expect(failureIn(outcome).message).toMatch(/^the body of the answer to "pay" does not fit: \/ok /)
  })

  test('larger than a journal holds becomes a blob', async () => {
    const { origin } = await serve((_, response) => void response.end('x'.repeat(20_000)))
    expect(await outcomeOfRequest({ url: origin })).toMatchObject({
      kind: 'completed',
      outputBlob: { text: expect.stringContaining('xxx') as string },
    })
  })

  test('that repeats a secret has it masked, in its headers too', async () => {
    const masker = secretMasker()
    masker.add('correct-horse-battery')
    const { origin } = await serve((request, response) => {
      const given = request.headers.authorization ?? ''
      response.writeHead(200, { 'content-type': 'text/plain', 'x-echo': given }).end(`you are ${given}`)
    })
    const headers = { authorization: 'Bearer correct-horse-battery' }
    const outcome = await outcomeOfRequest({ url: origin, headers }, { performance: { masker } })
    expect(outcome).toMatchObject({ output: { headers: { 'x-echo': 'Bearer ***' }, body: 'you are Bearer ***' } })
  })

  test('that is a redirection which nobody follows is an answer', async () => {
    const { origin } = await serve((_, response) => void response.writeHead(304).end())
    expect(await outcomeOfRequest({ url: origin })).toMatchObject({ output: { status: 304, body: null } })
  })
})

describe('an adapter', () => {
  test('that rejects fails the step with what it says, masked', async () => {
    const masker = secretMasker()
    masker.add('correct-horse-battery')
    const http: Http = {
      request: () =>
        Promise.reject(
          Object.assign(new Error('no answer from correct-horse-battery.example'), {
            code: 'HTTP_FAILED',
            retryable: false,
            details: { reason: 'CERT_HAS_EXPIRED' },
          }),
        ),
    }
    expect(await outcomeOfRequest({ url: 'https://a.example' }, { http, performance: { masker } })).toEqual({
      kind: 'failed',
      failure: {
        code: 'HTTP_FAILED',
        message: 'no answer from ***.example',
        retryable: false,
        details: { reason: 'CERT_HAS_EXPIRED' },
      },
    })
  })

  test('that throws at once fails the step later', async () => {
    const http: Http = {
      request: () => {
        throw new Error('at once')
      },
    }
    expect(failureIn(await outcomeOfRequest({ url: 'https://a.example' }, { http }))).toMatchObject({
      message: 'at once',
    })
  })

  test('gets the signal of the attempt, and its limits', async () => {
    const { origin } = await serve(() => undefined)
    const controller = new AbortController()
    const seen: unknown[] = []
    const http: Http = {
      request: (request, context) => {
        const { redirectsMax, bodyBytesMax, isHostLiteral } = request
        seen.push({ redirectsMax, bodyBytesMax, isHostLiteral })
        queueMicrotask(() => controller.abort(Object.assign(new Error('stop'), { code: 'CANCELLED' })))
        return fetchHttp.request(request, context)
      },
    }
    const attempt = { redirectsMax: 2, bodyBytesMax: 99, isHostLiteral: false }
    const outcome = await outcomeOfRequest({ url: origin }, { http, attempt, signal: controller.signal })
    expect(failureIn(outcome)).toMatchObject({ code: 'CANCELLED', message: 'stop' })
    expect(seen).toEqual([attempt])
  })
})
