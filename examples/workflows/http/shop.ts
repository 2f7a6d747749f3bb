import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/** What the shop was asked: `GET /orders/A1`, or `POST /invoices` with its key and body. */
export type Asked = string

const orders: Readonly<Record<string, object>> = {
  A1: { customer: 'Ada', lines: [line('tea', 4.5, 2), line('pot', 20, 1)] },
  B2: { customer: 'Grace', lines: [] },
}

/** A shop with two orders. `troubles` are what it answers the first requests with: a status, and how long to wait. */
export function shop(
  troubles: { readonly status: number; readonly retryAfter?: string }[],
  asked: Asked[] = [],
): Server {
  const invoices = new Map<string, string>()
  return createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const key = request.headers['idempotency-key']
      asked.push([request.method, request.url, ...(typeof key === 'string' ? [key, body] : [])].join(' '))
      const trouble = troubles.shift()
      if (trouble !== undefined) {
        if (trouble.retryAfter !== undefined) response.setHeader('retry-after', trouble.retryAfter)
        answer(response, trouble.status, { error: 'not now' })
      } else if (request.method === 'POST' && typeof key === 'string') {
        const number = invoices.get(key) ?? `R-${invoices.size + 1}`
        invoices.set(key, number)
        answer(response, 201, { number })
      } else {
        const order = orders[request.url?.replace('/orders/', '') ?? '']
        answer(response, order === undefined ? 404 : 200, order ?? { error: 'unknown' })
      }
    })
  })
}

function line(article: string, price: number, count: number): object {
  return { article, price, count }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

if (import.meta.main) {
  shop([{ status: 503, retryAfter: '3' }]).listen(8090, '127.0.0.1', () => console.log('http://127.0.0.1:8090'))
}
