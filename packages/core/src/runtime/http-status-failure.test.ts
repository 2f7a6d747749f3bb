import type { Failure } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { secretMasker } from '../secrets/secret-masker.ts'
import { outcomeOfRequest, serve } from '../../test/runtime/loopback-http.ts'

/** The failure of a request that is answered so. */
async function failureFor(
  status: number,
  { headers = {}, body = '', path = '/orders', masker = secretMasker() } = {},
): Promise<Failure & { readonly origin: string }> {
  const { origin } = await serve((_, response) => {
    response.sendDate = false
    response.writeHead(status, headers).end(body)
  })
  const outcome = await outcomeOfRequest({ url: origin + path, method: 'PUT' }, { performance: { masker } })
  if (outcome.kind !== 'failed') throw new Error(`it ${outcome.kind}`)
  return { ...outcome.failure, origin }
}

describe('a status from 400 on', () => {
  test('fails the step, and the message has no query', async () => {
    const { origin, ...failure } = await failureFor(503, { path: '/orders?token=abc#d', body: 'come back' })
    expect(failure).toEqual({
      code: 'HTTP_STATUS',
      message: `the server answered 503 Service Unavailable to PUT ${origin}/orders`,
      retryable: true,
      details: { status: 503, headers: {}, body: 'come back' },
    })
  })

  test('that nobody has named is told as a number', async () => {
    const { origin, message } = await failureFor(499)
    expect(message).toBe(`the server answered 499 to PUT ${origin}/orders`)
  })

  test.for([408, 425, 429, 500, 502, 503, 504])('is worth another attempt: %i', async (status) => {
    expect(await failureFor(status)).toMatchObject({ code: 'HTTP_STATUS', retryable: true })
  })

  test.for([400, 401, 403, 404, 405, 409, 410, 412, 413, 422, 451, 501, 505, 511])(
    'is not worth another attempt: %i',
    async (status) => {
      expect(await failureFor(status)).toMatchObject({ code: 'HTTP_STATUS', retryable: false })
    },
  )

  test('leaves the headers that help to find it, and no others', async () => {
    const kept = {
      'content-type': 'text/plain',
      'retry-after': '1',
      'x-request-id': 'a',
      'request-id': 'b',
      traceparent: '00-c',
    }
    const { details } = await failureFor(500, { headers: { ...kept, 'set-cookie': 'session=1', server: 'x' } })
    expect(details).toEqual({ status: 500, headers: kept })
  })

  test('leaves the text of a JSON body', async () => {
    const headers = { 'content-type': 'application/json' }
    expect(await failureFor(422, { headers, body: '{ "error": "sku" }' })).toMatchObject({
      details: { body: '{"error":"sku"}' },
    })
  })

  test('leaves 2 KiB of its body at most, and no half character', async () => {
    const { details } = await failureFor(400, { body: `a${'ü'.repeat(3000)}` })
    expect(details).toMatchObject({ body: `a${'ü'.repeat(1023)}` })
  })

  test('has its secrets masked before anything is cut off', async () => {
    const masker = secretMasker()
    masker.add('correct-horse-battery')
    const { message, details, origin } = await failureFor(400, {
      masker,
      path: '/of/correct-horse-battery',
      headers: { 'x-request-id': 'of correct-horse-battery' },
      body: `${'x'.repeat(2040)}correct-horse-battery`,
    })
    expect(message).toBe(`the server answered 400 Bad Request to PUT ${origin}/of/***`)
    expect(details).toMatchObject({ headers: { 'x-request-id': 'of ***' }, body: `${'x'.repeat(2040)}***` })
  })
})

describe('Retry-After', () => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT'

  test.for([
    ['seconds', { 'retry-after': '120' }, 120_000],
    ['no seconds', { 'retry-after': '0' }, 0],
    ['a date, from the date of the answer on', { 'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT', date }, 30_000],
    ['a date of the form of RFC 850', { 'retry-after': 'Sunday, 06-Nov-94 08:50:07 GMT', date }, 30_000],
    ['a date of the form of asctime', { 'retry-after': 'Sun Nov  6 08:50:07 1994', date }, 30_000],
    ['a date that has passed', { 'retry-after': 'Sun, 06 Nov 1994 08:00:00 GMT', date }, 0],
  ] as const)('is how long a retry waits: %s', async ([, headers, retryAfterMs]) => {
    expect(await failureFor(429, { headers })).toMatchObject({ retryAfterMs })
  })

  test.for([
    ['a date without a date of the answer', { 'retry-after': 'Sun, 06 Nov 1994 08:50:07 GMT' }],
    ['a date in another form', { 'retry-after': '1994-11-06T08:50:07Z', date }],
    ['a day that there is not', { 'retry-after': 'Sun, 99 Nov 1994 08:50:07 GMT', date }],
    ['less than nothing', { 'retry-after': '-5' }],
    ['a part of a second', { 'retry-after': '1.5' }],
    ['nothing', { 'retry-after': '' }],
    ['other text', { 'retry-after': 'soon' }],
  ] as const)('says nothing where it is %s', async ([, headers]) => {
    expect(await failureFor(503, { headers })).not.toHaveProperty('retryAfterMs')
  })

  test('is also kept where no attempt is worth while by itself', async () => {
    expect(await failureFor(409, { headers: { 'retry-after': '2' } })).toMatchObject({
      retryable: false,
      retryAfterMs: 2000,
    })
  })
})
