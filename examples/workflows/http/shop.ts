import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'

/** What the shop was asked: `GET /orders/A1`, or `POST /invoices` with its key and body. */
export type Asked = string

/** What it answers a request with that it would not have: a status, and how long to wait. */
export interface Trouble {
  readonly status: number
  readonly retryAfter?: string
}

interface Request {
  readonly method: string
  readonly path: string
  readonly key: string | undefined
  readonly body: string
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly [field: string]: string | readonly Line[] }
}

type Line = Readonly<Record<'article', string> & Record<'price' | 'count', number>>

const orders: Readonly<Record<string, Answer['body']>> = {
  A1: {
    customer: 'Ada',
    lines: [
      { article: 'tea', price: 4.5, count: 2 },
      { article: 'pot', price: 20, count: 1 },
    ],
  },
  B2: { customer: 'Grace', lines: [] },
}

/** A shop with two orders, which gives the first requests trouble. One key gets one invoice. */
export function shop(troubles: readonly Trouble[] = [], asked: Asked[] = []): (request: Request) => Answer {
  const invoices = new Map<string, string>()
  const left = [...troubles]
  return ({ method, path, key, body }) => {
    asked.push([method, path, ...(key === undefined ? [] : [key, body])].join(' '))
    const trouble = left.shift()
    if (trouble !== undefined) {
      const { status, retryAfter } = trouble
      return answer(status, { error: 'not now' }, retryAfter === undefined ? {} : { 'retry-after': retryAfter })
    }
    if (method === 'POST' && key !== undefined) {
      const number = invoices.get(key) ?? `R-${invoices.size + 1}`
      invoices.set(key, number)
      return answer(201, { number })
    }
    const order = orders[path.replace('/orders/', '')]
    return order === undefined ? answer(404, { error: 'unknown' }) : answer(200, order)
  }
}

/** A shop on the network. */
export function shopServer(answers: ReturnType<typeof shop>): Server {
  return createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { method = 'GET', url: path = '/' } = request
      const key = request.headers['idempotency-key']
      const given = answers({ method, path, key: typeof key === 'string' ? key : undefined, body })
      response.writeHead(given.status, given.headers).end(JSON.stringify(given.body))
    })
  })
}

function answer(status: number, body: Answer['body'], headers: Answer['headers'] = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

if (import.meta.main) {
  const server = shopServer(shop([{ status: 503, retryAfter: '3' }]))
  server.listen(8090, '127.0.0.1', () => console.log('http://127.0.0.1:8090'))
}
