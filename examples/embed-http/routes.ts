import type { IncomingMessage, ServerResponse } from 'node:http'
import { isJsonObject, type Engine, type Json } from 'segno'
import { z } from 'zod'
import { streamEvents } from './event-stream.ts'
import { HttpProblem } from './http-problem.ts'
import { jsonBody } from './json-body.ts'
import { expenseApproval } from './workflow.ts'

/** One request, and what its answer may need. */
export interface Exchange {
  readonly engine: Engine
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Aborted when the service stops. */
  readonly stopping: AbortSignal
}

type Route = (exchange: Exchange, runId: string, name: string) => Promise<void>

const routes: readonly { readonly method: string; readonly path: RegExp; readonly answer: Route }[] = [
  { method: 'POST', path: /^\/runs$/, answer: start },
  { method: 'GET', path: /^\/runs\/([\w-]+)$/, answer: show },
  { method: 'GET', path: /^\/runs\/([\w-]+)\/events$/, answer: events },
  { method: 'POST', path: /^\/runs\/([\w-]+)\/signal\/([\w.-]+)$/, answer: signal },
  { method: 'POST', path: /^\/runs\/([\w-]+)\/cancel$/, answer: cancel },
]

/** Answers a request, or throws what is wrong with it. */
export async function route(exchange: Exchange): Promise<void> {
  const { method, url = '' } = exchange.request
  const [path = ''] = url.split('?')
  for (const { method: wanted, path: pattern, answer } of routes) {
    const found = method === wanted ? pattern.exec(path) : null
    if (found) return answer(exchange, found[1] ?? '', found[2] ?? '')
  }
  throw new HttpProblem(404, 'ROUTE_UNKNOWN', `There is no ${method} ${path}`)
}

/** Answers with JSON. */
export function respond(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(value))
}

async function start({ engine, request, response }: Exchange): Promise<void> {
  const input = await jsonBody(request)
  if (!isJsonObject(input)) throw new HttpProblem(400, 'BODY_INVALID', 'Expected an object with the inputs of the run')
  const key = idempotencyKey(request)
  const run = await engine.start(expenseApproval, input, key === undefined ? {} : { idempotencyKey: key })
  response.setHeader('location', `/runs/${run.id}`)
  respond(response, 202, { runId: run.id })
}

async function show({ engine, response }: Exchange, runId: string): Promise<void> {
  const run = engine.run(runId)
  const { status, workflow, head } = await run.row()
  const ended = status === 'completed' || status === 'failed' || status === 'cancelled'
  respond(response, 200, { runId, workflow, status, head, ...(ended && { result: await run.result() }) })
}

async function events({ engine, ...exchange }: Exchange, runId: string): Promise<void> {
  await streamEvents(engine.run(runId), exchange)
}

async function signal({ engine, request, response }: Exchange, runId: string, name: string): Promise<void> {
  const data: Json = await jsonBody(request)
  const id = idempotencyKey(request)
  const outcome = await engine.run(runId).signal(name, data, id === undefined ? {} : { id })
  respond(response, 202, { outcome })
}

const Cancel = z.strictObject({ reason: z.string().min(1).max(200).default('cancelled over HTTP') })

async function cancel({ engine, request, response }: Exchange, runId: string): Promise<void> {
  const { data, error } = Cancel.safeParse(await jsonBody(request))
  if (error) throw new HttpProblem(400, 'BODY_INVALID', z.prettifyError(error))
  await engine.run(runId).cancel(data)
  respond(response, 202, {})
}

// The same request again, after an answer that was lost, changes nothing.
function idempotencyKey(request: IncomingMessage): string | undefined {
  const key = request.headers['idempotency-key']
  return typeof key === 'string' && key !== '' ? key : undefined
}
