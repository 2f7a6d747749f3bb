import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { nodeHttp } from '@segno/adapters/http'
import { crashMatrix } from '@segno/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf, play, type Played } from '../play.ts'
import { shop, shopServer, type Asked, type Trouble } from './shop.ts'

const workflow = loadNamed('http')

/** Plays the workflow against a shop of this machine. */
async function order(
  id: string,
  troubles: readonly Trouble[] = [],
): Promise<Played & { readonly asked: readonly Asked[] }> {
  const asked: Asked[] = []
  const server = shopServer(shop(troubles, asked))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  // The address of the shop is data, so the host has to open it.
  const http = nodeHttp({ allowPrivate: ['127.0.0.1'] })
  onTestFinished(async () => {
    await http.close()
    server.close()
  })
  const input = { order: id, shop: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  return { ...(await play(workflow, { input, http })), asked }
}

test('an order is read, made into an invoice, and sent under a key of its own', async () => {
  const { output, asked } = await order('A1')
  expect(output).toEqual({ invoice: 'R-1', reason: 'sent' })
  const body = '{"customer":"Ada","lines":[{"text":"2 × tea","sum":9},{"text":"1 × pot","sum":20}]}'
  expect(asked).toEqual(['GET /orders/A1', `POST /invoices invoice-A1 ${body}`])
})

test('an order that does not exist ends the run early, without an invoice', async () => {
  const { output, asked } = await order('Z9')
  expect(output).toEqual({ invoice: null, reason: 'There is no order Z9.' })
  expect(asked).toEqual(['GET /orders/Z9'])
})

test('a server that is busy is left alone for as long as it asks', async () => {
  const { output, events, tookMs } = await order('B2', [{ status: 429, retryAfter: '90' }])
  expect(output).toEqual({ invoice: 'R-1', reason: 'sent' })
  expect(eventsOf(events, 'attempt.failed')).toMatchObject([
    { path: 'read/order', attempt: 1, failure: { code: 'HTTP_STATUS', retryAfterMs: 90_000 } },
  ])
  expect(tookMs).toBe(90_000)
})

test('a server that stays broken fails the run after four attempts', async () => {
  const { failure, asked } = await order(
    'A1',
    Array.from({ length: 9 }, () => ({ status: 503 })),
  )
  expect(failure).toMatchObject({ code: 'SHOP_FAILED', details: { status: 503 } })
  expect(asked).toHaveLength(4)
})

test('a refusal is not asked again', async () => {
  const { failure, asked } = await order('A1', [{ status: 403 }])
  expect(failure).toMatchObject({ code: 'SHOP_FAILED', message: expect.stringContaining('403 Forbidden') })
  expect(asked).toHaveLength(1)
})

test('a crash anywhere changes nothing: the order has one invoice', async () => {
  const { reference } = await crashMatrix(workflow, {
    input: { order: 'A1' },
    // The same shop without a network, which would take real time.
    http: () => {
      const answers = shop([{ status: 429, retryAfter: '90' }])
      return {
        request: async ({ method, url, headers, body = '' }) =>
          answers({ method, path: new URL(url).pathname, key: headers['Idempotency-Key'], body }),
      }
    },
  })
  expect(reference.output).toEqual({ invoice: 'R-1', reason: 'sent' })
})
