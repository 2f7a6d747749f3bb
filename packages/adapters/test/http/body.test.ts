import type { OutgoingHttpHeaders } from 'node:http'
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Json } from '@segno/schema/plan'
import { ask, failureOf, serve } from './loopback.ts'
import type { Failed } from './loopback.ts'

interface Answer {
  readonly type?: string
  readonly body: string | Uint8Array
  readonly status?: number
  readonly headers?: OutgoingHttpHeaders
  readonly bytesMax?: number
}

function asked({ type, body, status = 200, headers = {}, bytesMax = 2 ** 20 }: Answer): ReturnType<typeof ask> {
  return serve((_request, response) => {
    response.writeHead(status, type === undefined ? headers : { 'content-type': type, ...headers }).end(body)
  }).then(({ origin }) => ask(origin, { bodyBytesMax: bytesMax }))
}

async function bodyOf(answer: Answer): Promise<Json> {
  return (await asked(answer)).body
}

function failureFor(answer: Answer): Promise<Failed> {
  return failureOf(asked(answer))
}

const latin1 = Buffer.from('gr\xfcn', 'latin1')

describe('a body of JSON is its value', () => {
  test.for([
    ['application/json', '{"a":[1,null,"ü"]}', { a: [1, null, 'ü'] }],
    ['Application/JSON; charset=UTF-8', '"text"', 'text'],
    ['application/problem+json', '{"status":1}', { status: 1 }],
    ['text/json', '3', 3],
    ['application/json', '\ufeff[]', []],
    ['application/json', 'null', null],
  ] as const)('of the type %s', async ([type, body, value]) => {
    expect(await bodyOf({ type, body })).toEqual(value)
  })

  test('in the charset that it names', async () => {
    const body = Buffer.from('["gr\xfcn"]', 'latin1')
    expect(await bodyOf({ type: 'application/json; charset="iso-8859-1"', body })).toEqual(['grün'])
  })

  test('and no more: the keys of prototypes are fields like others', async () => {
    const body = '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},"a":{"__proto__":1}}'
    const value = await bodyOf({ type: 'application/json', body })
    expect(JSON.stringify(value)).toBe(body)
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(({} as { readonly isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  test.for([
    ['{"secret":', 'it cannot be parsed'],
    ['{"secret": 9007199254740993}', 'a number is beyond what can be kept exactly (2^53-1)'],
    ['[1e400]', 'a number is beyond what can be kept exactly (2^53-1)'],
    ['['.repeat(500_000) + ']'.repeat(500_000), 'it is nested too deep'],
  ] as const)('and not %j', async ([body, why]) => {
    expect(await failureFor({ type: 'application/json', body })).toMatchObject({
      code: 'OUTPUT_INVALID',
      message: `the body of the answer is not JSON: ${why}`,
      retryable: false,
    })
  })
})

describe('a body of text is its text', () => {
  test.for([
    ['text/plain', 'grün', 'grün'],
    ['text/html; charset=utf-8', '<p>', '<p>'],
    ['text/plain; charset=iso-8859-1', latin1, 'grün'],
    ['text/plain;format=flowed;Charset="ISO-8859-1"', latin1, 'grün'],
    ['text/plain; charset=utf-16le', Buffer.from('grün', 'utf16le'), 'grün'],
    ['text/plain; charset=shift_jis', Buffer.of(0x93, 0xfa), '日'],
    ['application/xml', '<a/>', '<a/>'],
    ['image/svg+xml', '<svg/>', '<svg/>'],
    ['application/yaml', 'a: 1', 'a: 1'],
    ['application/x-ndjson', '{}\n{}\n', '{}\n{}\n'],
    ['application/x-www-form-urlencoded', 'a=1', 'a=1'],
    ['application/vnd.own; charset=utf-8', 'own', 'own'],
    [undefined, '{"a":1}', '{"a":1}'],
  ] as const)('of the type %s', async ([type, body, text]) => {
    expect(await bodyOf({ ...(type === undefined ? {} : { type }), body })).toBe(text)
  })

  test.for([
    ['text/plain', latin1, 'the body of the answer is not utf-8'],
    ['text/plain; charset=utf-8', latin1, 'the body of the answer is not utf-8'],
    ['text/plain; charset=klingon', 'a', 'the body of the answer is not klingon'],
    ['application/json', latin1, 'the body of the answer is not utf-8'],
  ] as const)('unless it is no text of its charset: %s', async ([type, body, message]) => {
    expect(await failureFor({ type, body })).toMatchObject({ code: 'OUTPUT_INVALID', message, retryable: false })
  })
})

describe('a body that is no text', () => {
  test.for([
    ['image/png', Buffer.of(0x89, 0x50), 'image/png'],
    ['application/octet-stream', 'text after all', 'application/octet-stream'],
    ['application/pdf', '%PDF', 'application/pdf'],
    [undefined, Buffer.of(0xff, 0xfe), 'of no type'],
    [undefined, 'a\0b', 'of no type'],
  ] as const)('fails, and says how to get it: %s', async ([type, body, told]) => {
    expect(await failureFor({ ...(type === undefined ? {} : { type }), body })).toMatchObject({
      code: 'OUTPUT_INVALID',
      message: `the body of the answer is ${told}, which is no text: fetch it with a process, and keep it as a file`,
      retryable: false,
    })
  })
})

describe('there is no body', () => {
  test.for([
    ['where it is empty', { type: 'application/json', body: '' }],
    ['where an empty one is compressed', { body: '', headers: { 'content-encoding': 'gzip' } }],
    ['where emptiness is compressed', { body: gzipSync(''), headers: { 'content-encoding': 'gzip' } }],
    ['after 204', { status: 204, type: 'application/json', body: '' }],
    ['after 304', { status: 304, type: 'application/json', body: '' }],
  ] as const)('%s', async ([, answer]) => {
    expect(await bodyOf(answer)).toBeNull()
  })

  test('in the answer to HEAD', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 99 }).end()
    })
    expect(await ask(origin, { method: 'HEAD' })).toMatchObject({
      status: 200,
      headers: { 'content-length': '99' },
      body: null,
    })
  })
})

describe('a body that is compressed', () => {
  const text = 'grün '.repeat(1000)

  test.for([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['identity', text],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
  ] as const)('by %s is decompressed', async ([coding, body]) => {
    expect(await bodyOf({ type: 'text/plain', body, headers: { 'content-encoding': coding } })).toBe(text)
  })

  test.for([
    ['in a way that nobody knows', 'constructor', text, /"constructor", which nobody knows here$/],
    ['too often', 'gzip, gzip, gzip', text, /more than 2 times$/],
    ['only by its own account', 'gzip', text, /cannot be decompressed$/],
    ['in Brotli by its own account', 'br', Buffer.alloc(100, 0xff), /cannot be decompressed$/],
    ['in Zstandard by its own account', 'zstd', text, /cannot be decompressed$/],
    ['and cut off', 'gzip', gzipSync(text).subarray(0, -9), /cannot be decompressed$/],
  ] as const)('%s fails', async ([, coding, body, message]) => {
    const failure = await failureFor({ type: 'text/plain', body, headers: { 'content-encoding': coding } })
    expect(failure).toMatchObject({ code: 'OUTPUT_INVALID', retryable: false })
    expect(failure.message).toMatch(message)
  })
})

test('a body that nobody is going to read is not waited for', async () => {
  const closed = Promise.withResolvers<boolean>()
  const { origin } = await serve((request, response) => {
    request.socket.on('close', () => closed.resolve(true))
    response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'new' })
    response.write('a')
  })
  expect(await failureOf(ask(origin))).toMatchObject({ code: 'OUTPUT_INVALID' })
  expect(await closed.promise).toBe(true)
})

describe('a body may be as large as it may be', () => {
  test.for([
    ['as it is', 'x'.repeat(1000), {}],
    ['decompressed', gzipSync('x'.repeat(1000)), { 'content-encoding': 'gzip' }],
  ] as const)('and not a byte larger: %s', async ([, body, headers]) => {
    expect(await bodyOf({ type: 'text/plain', body, headers, bytesMax: 1000 })).toHaveLength(1000)
    expect(await failureFor({ type: 'text/plain', body, headers, bytesMax: 999 })).toMatchObject({
      code: 'OUTPUT_TOO_LARGE',
      message: 'the body of the answer is larger than 999 bytes',
      retryable: false,
    })
  })

  test.for([
    ['gzip', (zeros: Buffer) => gzipSync(zeros)],
    ['br', (zeros: Buffer) => brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })],
    ['zstd', (zeros: Buffer) => zstdCompressSync(zeros)],
    ['gzip, gzip', (zeros: Buffer) => gzipSync(gzipSync(zeros))],
  ] as const)('and 32 MiB in a few bytes of %s are not unpacked', async ([coding, compress]) => {
    const answer = {
      type: 'text/plain',
      body: compress(Buffer.alloc(2 ** 25)),
      headers: { 'content-encoding': coding },
    }
    expect(await failureFor(answer)).toMatchObject({ code: 'OUTPUT_TOO_LARGE' })
    expect(await bodyOf({ ...answer, status: 500 })).toHaveLength(2 ** 16)
  })

  test('and Zstandard may not ask for more memory than browsers give it', async () => {
    const body = zstdCompressSync(Buffer.alloc(2 ** 24), { params: { [constants.ZSTD_c_windowLog]: 27 } })
    expect(await failureFor({ type: 'text/plain', body, headers: { 'content-encoding': 'zstd' } })).toMatchObject({
      code: 'OUTPUT_INVALID',
      message: 'the body cannot be decompressed',
    })
  })

  test.for([
    ['of itself', {}, 'x'.repeat(2 ** 16)],
    // An empty member of gzip: bytes come in, and nothing comes out.
    ['of which nothing remains', { 'content-encoding': 'gzip' }, Buffer.concat(Array<Buffer>(2000).fill(gzipSync('')))],
  ] as const)('and one without an end %s ends there', async ([, headers, chunk]) => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', ...headers })
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
        response.once('drain', more)
      }
      more()
    })
    expect(await failureOf(ask(origin, { bodyBytesMax: 2 ** 18 }))).toMatchObject({ code: 'OUTPUT_TOO_LARGE' })
  })
})

describe('what a server says by a status from 400 on stands, also if its body', () => {
  test.for([
    ['is JSON', { type: 'application/json', body: '{"error":1}' }, { error: 1 }],
    ['is no JSON', { type: 'application/json', body: '<html>' }, '<html>'],
    ['is not of its charset', { type: 'text/plain', body: latin1 }, 'gr\ufffdn'],
    ['is no text', { type: 'image/png', body: Buffer.of(0x89) }, null],
    ['is too large', { type: 'text/plain', body: 'x'.repeat(2000), bytesMax: 1000 }, 'x'.repeat(1000)],
    ['is too large for JSON', { type: 'application/json', body: '[1,2,3]', bytesMax: 4 }, '[1,2'],
    ['is too large for an error', { type: 'text/plain', body: 'x'.repeat(2 ** 17) }, 'x'.repeat(2 ** 16)],
    ['cannot be decompressed', { type: 'text/plain', body: 'a', headers: { 'content-encoding': 'gzip' } }, null],
    ['is compressed in a new way', { type: 'text/plain', body: 'a', headers: { 'content-encoding': 'new' } }, null],
    ['is empty', { type: 'application/json', body: '' }, null],
  ] as const)('%s', async ([, answer, body]) => {
    expect(await asked({ ...answer, status: 503 })).toMatchObject({ status: 503, body })
  })

  test('breaks off', async () => {
    const { origin } = await serve((_request, response) => {
      response.writeHead(500, { 'content-type': 'text/plain', 'content-length': 99 })
      response.write('half', () => response.destroy())
    })
    expect(await ask(origin)).toMatchObject({ status: 500, body: 'half' })
  })
})
