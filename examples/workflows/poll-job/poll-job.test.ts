import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { nodeHttp } from '@segno/adapters/http'
import { crashMatrix } from '@segno/core/testing'
import type { Clock, Http, JsonObject } from 'segno'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf, play, type Played, type Scene } from '../play.ts'

const workflow = loadNamed('poll-job')

/** What the service answers to each question, the last one for ever. */
let answers: { status: number; body?: object }[]
/** What it was asked for. */
let requests: string[]

const server = createServer((request, response) => {
  const { method = '', url = '' } = request
  requests.push(`${method} ${url}`)
  const isQuestion = method === 'GET' && !url.endsWith('/result')
  const { status, body = {} } = isQuestion ? next() : { status: 200, body: { rows: 12 } }
  request.resume().on('end', () => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
})

function next(): { status: number; body?: object } {
  const [answer = { status: 404 }, ...rest] = answers
  if (rest.length > 0) answers = rest
  return answer
}

const is = (status: string, more: object = {}) => ({ status: 200, body: { status, ...more } })

let service: string
beforeEach(async () => {
  requests = []
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  service = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => new Promise((resolve) => void server.close(resolve)))

/** Real requests to a real server; only the time between them is virtual. */
async function polled(input: object = {}, scene: Scene = {}): Promise<Played> {
  await using http = nodeHttp({ allowPrivate: ['127.0.0.1'] })
  return await play(workflow, { input: { service, report: 'sales', ...input }, http, ...scene })
}

test('a job is asked after every 10 s until it is done, and its result is fetched', async () => {
  answers = [is('queued'), is('running'), is('running'), is('done')]
  const { output, tookMs } = await polled()
  expect(output).toEqual({ rows: 12, asked: 4 })
  expect(tookMs).toBe(30_000)
  expect(requests).toEqual([
    'PUT /jobs/run_1',
    ...Array.from({ length: 4 }, () => 'GET /jobs/run_1'),
    'GET /jobs/run_1/result',
  ])
})

test('a service that is away for a moment is asked again, sooner than every 10 s', async () => {
  answers = [is('running'), { status: 503 }, { status: 503 }, is('done')]
  const { output, events } = await polled()
  expect(output).toEqual({ rows: 12, asked: 2 })
  expect(eventsOf(events, 'attempt.failed')).toMatchObject([
    { path: 'settled[1]/ask', attempt: 1, failure: { code: 'HTTP_STATUS' } },
    { path: 'settled[1]/ask', attempt: 2, failure: { code: 'HTTP_STATUS' } },
  ])
})

test('a job that fails fails the run with its reason, and is cleared away', async () => {
  answers = [is('failed', { reason: 'no such region' })]
  const { failure } = await polled()
  expect(failure).toMatchObject({ code: 'JOB_FAILED', message: 'The report failed: no such region' })
  expect(requests).toEqual(['PUT /jobs/run_1', 'GET /jobs/run_1', 'DELETE /jobs/run_1'])
})

test('a job that is late is given up and cancelled', async () => {
  answers = [is('running')]
  const { failure, tookMs } = await polled({ asksMax: 3 })
  expect(failure).toMatchObject({ code: 'JOB_LATE', message: 'There is no report after 3 questions' })
  expect(tookMs).toBe(20_000)
  expect(requests.at(-1)).toBe('DELETE /jobs/run_1')
})

test('an answer that is none of the known ones fails the run at once', async () => {
  answers = [is('paused')]
  expect((await polled()).failure).toMatchObject({ code: 'OUTPUT_INVALID' })
})

test('a run that is cancelled between two questions cancels the job', async () => {
  answers = [is('running')]
  const { status, events } = await polled({}, { cancelAtMs: 25_000 })
  expect(status).toBe('cancelled')
  expect(requests.slice(-2)).toEqual(['GET /jobs/run_1', 'DELETE /jobs/run_1'])
  expect(eventsOf(events, 'step.cancelled')).toMatchObject([{ path: 'settled' }])
  expect(eventsOf(events, 'branch.taken')).toMatchObject([{ path: '', branch: 'undo' }])
  expect(eventsOf(events, 'step.completed').at(-1)).toMatchObject({ path: 'submit.undo' })
})

// In the matrix time is virtual for everybody: what is asked is answered by the clock.
test('a crash anywhere changes nothing', async () => {
  const http = ({ clock }: { readonly clock: Clock }): Http => {
    const startedAt = clock.now()
    const answer = (url: string): JsonObject => {
      if (url.endsWith('/result')) return { rows: 12 }
      return { status: clock.now() - startedAt < 15_000 ? 'running' : 'done' }
    }
    return { request: async ({ url }) => ({ status: 200, headers: {}, body: answer(url) }) }
  }
  const given = { input: { service: 'http://reports.example', report: 'sales' }, http }
  const { reference } = await crashMatrix(workflow, given)
  expect(reference.output).toEqual({ rows: 12, asked: 3 })
  await crashMatrix(workflow, { ...given, commands: [{ atMs: 5000, name: 'cancel' }] })
})
