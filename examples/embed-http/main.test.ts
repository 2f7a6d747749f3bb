import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { json } from 'node:stream/consumers'
import type { RunEvent } from 'segno'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { startService, type Service } from './service.ts'

const expense = { purpose: 'a new kettle', amount: 48.5 }

let service: Service
beforeEach(async () => {
  service = await startService({ port: 0 })
})
afterEach(() => service[Symbol.asyncDispose]())

interface Answer {
  readonly status: number
  readonly body: unknown
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: text as NonNullable<RequestInit['body']>,
  })
  return { status: response.status, body: await response.json() }
}

async function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(service.url + path, { headers })
  return { status: response.status, body: await response.json() }
}

async function started(input: object = expense, headers: Record<string, string> = {}): Promise<string> {
  const { status, body } = await post('/runs', input, headers)
  expect(status).toBe(202)
  return `/runs/${(body as { runId: string }).runId}`
}

/** For what `fetch` does not let a client do. */
async function rawAnswer(path: string, head: RequestOptions, send: (request: ClientRequest) => void): Promise<Answer> {
  const request = httpRequest(service.url + path, head)
  send(request)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const body = await json(response)
  request.destroy()
  return { status: response.statusCode ?? 0, body }
}

function refusal(status: number, code: string): Answer {
  return { status, body: { error: expect.objectContaining({ code }) as unknown } }
}

/** The frames of a stream, as they come. */
async function* stream(run: string, options: { after?: number; signal?: AbortSignal } = {}): AsyncGenerator<RunEvent> {
  const { after, signal } = options
  const response = await fetch(`${service.url}${run}/events`, {
    headers: after === undefined ? {} : { 'last-event-id': String(after) },
    ...(signal && { signal }),
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  if (response.body === null) throw new Error('the stream has no body')
  let text = ''
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) {
      const [, id, type, data] = /^id: (\d+)\nevent: (.*)\ndata: (.*)$/.exec(part) ?? []
      const event = JSON.parse(data ?? '') as RunEvent
      expect([String(event.seq), event.type]).toEqual([id, type])
      yield event
    }
  }
  expect(text).toBe('')
}

async function all(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const list: RunEvent[] = []
  for await (const event of events) list.push(event)
  return list
}

/** Reads up to the first event of a type, and leaves the stream. */
async function until(run: string, type: RunEvent['type']): Promise<RunEvent[]> {
  const list: RunEvent[] = []
  for await (const event of stream(run)) {
    list.push(event)
    if (event.type === type) return list
  }
  throw new Error(`the stream of ${run} ended without ${type}`)
}

describe('a run', () => {
  test('is started, followed, approved and booked', async () => {
    const run = await started()
    const following = all(stream(run))
    await until(run, 'step.started')
    expect(await post(`${run}/signal/decision`, { approved: true, by: 'Ada' })).toEqual({
      status: 202,
      body: { outcome: 'accepted' },
    })
    const events = await following
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    expect(events[0]?.type).toBe('run.created')
    expect(events.at(-1)?.type).toBe('run.completed')
    expect(await get(run)).toMatchObject({
      status: 200,
      body: { status: 'completed', result: { output: { outcome: 'booked', booking: 1 } } },
    })
  })

  test('is shown as waiting while nobody has decided', async () => {
    const run = await started()
    await until(run, 'step.started')
    const { body } = await get(run)
    expect(body).toMatchObject({ workflow: 'expense-approval', status: 'waiting' })
    expect(body).not.toHaveProperty('result')
  })

  test('ends declined, and books nothing', async () => {
    const run = await started()
    await post(`${run}/signal/decision`, { approved: false, by: 'Ada' })
    await all(stream(run))
    expect(await get(run)).toMatchObject({ body: { result: { output: { outcome: 'declined', booking: null } } } })
  })

  test('expires when nobody decides in time', async () => {
    const run = await started({ ...expense, patience: '20ms' })
    await all(stream(run))
    expect(await get(run)).toMatchObject({ body: { result: { output: { outcome: 'expired' } } } })
  })

  test('is cancelled, with the reason', async () => {
    const run = await started()
    expect(await post(`${run}/cancel`, { reason: 'a mistake' })).toEqual({ status: 202, body: {} })
    expect((await all(stream(run))).at(-1)?.type).toBe('run.cancelled')
    expect(await get(run)).toMatchObject({
      body: { status: 'cancelled', result: { status: 'cancelled', reason: 'a mistake' } },
    })
  })

  test('is started once for one idempotency key', async () => {
    const headers = { 'idempotency-key': 'order-7' }
    const run = await started(expense, headers)
    expect(await started(expense, headers)).toBe(run)
    expect(await post('/runs', { ...expense, amount: 1 }, headers)).toEqual(refusal(409, 'RUN_EXISTS'))
  })

  test('takes a signal with the same key once', async () => {
    const run = await started()
    const send = () => post(`${run}/signal/decision`, { approved: true, by: 'Ada' }, { 'idempotency-key': 'click-1' })
    const outcomes = await Promise.all([send(), send()])
    expect(outcomes.map(({ body }) => body)).toEqual(
      expect.arrayContaining([{ outcome: 'accepted' }, { outcome: 'duplicate' }]),
    )
    const events = await all(stream(run))
    expect(events.filter(({ type }) => type === 'signal.received')).toHaveLength(1)
    expect((await send()).body).toEqual({ outcome: 'duplicate' })
  })
})

describe('a stream of events', () => {
  test('goes on behind the last event seen, without loss and without repetition', async () => {
    const run = await started()
    const seen = await until(run, 'step.started')
    await post(`${run}/signal/decision`, { approved: true, by: 'Ada' })
    const rest = await all(stream(run, { after: seen.length }))
    expect([...seen, ...rest]).toEqual(await all(stream(run)))
    expect(rest.length).toBeGreaterThan(0)
  })

  test('tells a client that has seen the end not to come back', async () => {
    const run = await started()
    await post(`${run}/cancel`, {})
    const { length } = await all(stream(run))
    const response = await fetch(`${service.url}${run}/events`, { headers: { 'last-event-id': String(length) } })
    expect([response.status, await response.text()]).toEqual([204, ''])
  })

  test('is freed when its client goes', async () => {
    const run = await started()
    const leave = new AbortController()
    const events = stream(run, { signal: leave.signal })
    await events.next()
    expect(service.open).toBe(1)
    leave.abort()
    await expect.poll(() => service.open, { interval: 5 }).toBe(0)
  })

  test('ends when the service stops, in the middle of a run', async () => {
    const run = await started()
    const events = all(stream(run))
    await until(run, 'step.started')
    await service[Symbol.asyncDispose]()
    expect((await events).at(-1)?.type).not.toBe('run.completed')
    expect(service.open).toBe(0)
  })

  test.for(['x', '-1', '1.5', '99'])('cannot begin behind event %s', async (after) => {
    const run = await started()
    expect(await get(`${run}/events`, { 'last-event-id': after })).toEqual(refusal(400, 'LAST_EVENT_ID_INVALID'))
  })
})

test('a client that leaves in the middle of its request is forgotten, without a word in the log', async () => {
  const logged = vi.spyOn(console, 'error')
  const request = httpRequest(`${service.url}/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  request.on('error', () => undefined).write('{')
  await expect.poll(() => service.open, { interval: 5 }).toBe(1)
  request.destroy()
  await expect.poll(() => service.open, { interval: 5 }).toBe(0)
  expect(logged).not.toHaveBeenCalled()
})

describe('a request is refused', () => {
  test.for([
    ['that is not JSON', '{"purpose":', 400, 'BODY_INVALID'],
    ['that is not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 400, 'BODY_INVALID'],
    ['whose body is no object', [1], 400, 'BODY_INVALID'],
    ['that lacks an input', { purpose: 'tea' }, 400, 'INPUT_INVALID'],
    ['with an unknown input', { ...expense, colour: 'red' }, 400, 'INPUT_INVALID'],
    ['with an input of another type', { ...expense, amount: 'much' }, 400, 'INPUT_INVALID'],
    ['that is larger than a mebibyte', { ...expense, purpose: 'x'.repeat(1024 * 1024) }, 413, 'BODY_TOO_LARGE'],
  ] as const)('%s', async ([, body, status, code]) => {
    expect(await post('/runs', body)).toEqual(refusal(status, code))
  })

  test('that grows larger than a mebibyte, while it is still being sent', async () => {
    const head = { method: 'POST', headers: { 'content-type': 'application/json' } }
    const answer = await rawAnswer('/runs', head, (request) => request.write('x'.repeat(1024 * 1024 + 1)))
    expect(answer).toEqual(refusal(413, 'BODY_TOO_LARGE'))
  })

  test('of another media type', async () => {
    const answer = await post('/runs', expense, { 'content-type': 'text/plain' })
    expect(answer).toEqual(refusal(415, 'MEDIA_TYPE_UNSUPPORTED'))
  })

  test.for(['evil.example', 'evil.example:80', '127.0.0.1.evil.example'])('for the host %s', async (host) => {
    const answer = await rawAnswer('/runs/run_1', { headers: { host } }, (request) => request.end())
    expect(answer).toEqual(refusal(421, 'HOST_REFUSED'))
  })

  test('for a route that there is not', async () => {
    for (const path of ['/', '/runs', '/runs/run_1/nothing', '/runs/../../etc/passwd']) {
      expect(await get(path)).toEqual(refusal(404, 'ROUTE_UNKNOWN'))
    }
  })

  test('for a run that there is not', async () => {
    expect(await get('/runs/run_1')).toEqual(refusal(404, 'RUN_UNKNOWN'))
    expect(await get('/runs/run_1/events')).toEqual(refusal(404, 'RUN_UNKNOWN'))
    expect(await post('/runs/run_1/signal/decision', {})).toEqual(refusal(404, 'RUN_UNKNOWN'))
    expect(await post('/runs/run_1/cancel', {})).toEqual(refusal(404, 'RUN_UNKNOWN'))
  })

  test('to a run that has ended', async () => {
    const run = await started()
    await post(`${run}/cancel`, {})
    await all(stream(run))
    expect(await post(`${run}/signal/decision`, {})).toEqual(refusal(409, 'RUN_CLOSED'))
    expect(await post(`${run}/cancel`, {})).toEqual(refusal(409, 'RUN_CLOSED'))
  })

  test('to cancel with something else than a reason', async () => {
    const run = await started()
    expect(await post(`${run}/cancel`, { why: 'so' })).toEqual(refusal(400, 'BODY_INVALID'))
  })
})
