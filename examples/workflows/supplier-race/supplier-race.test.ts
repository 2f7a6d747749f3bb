import { crashMatrix } from '@segno/core/testing'
import type { Clock } from 'segno'
import { expect, test } from 'vitest'
import { loadNamed, type Handlers } from '../load-named.ts'
import { eventsOf, play, workDone, type Played, type Scene } from '../play.ts'
import { handlers } from './handlers.ts'

const minuteMs = 60_000
const workflow = loadNamed('supplier-race', handlers())
const input = { article: 'lamp', count: 3 }
const prices: Readonly<Record<string, number>> = { north: 10, south: 9 }

interface Supplier {
  /** How long it takes to confirm; for ever unless given. */
  readonly minutes?: number
  readonly isSoldOut?: boolean
}

/** A market that notes who was asked for what. Confirming takes time, and stops when nobody wants it any more. */
function marketOf(suppliers: Readonly<Record<string, Supplier>>, clock: Clock, asked: string[] = []): Handlers {
  return handlers({
    reserve: ({ supplier, reference }) => {
      if (suppliers[supplier]?.isSoldOut === true)
        throw Object.assign(new Error(`${supplier} has none left`), { code: 'SOLD_OUT', retryable: false })
      asked.push(`reserve ${reference}`)
    },
    release: ({ reference }) => void asked.push(`release ${reference}`),
    confirm: ({ supplier }, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
        const { minutes } = suppliers[supplier] ?? {}
        if (minutes !== undefined) clock.schedule(minutes * minuteMs, () => resolve(prices[supplier] ?? 0))
      }),
    buy: () => 15,
  })
}

async function raced(
  suppliers: Readonly<Record<string, Supplier>>,
  scene: Scene = {},
): Promise<Played & { readonly asked: readonly string[] }> {
  const asked: string[] = []
  const played = await play(workflow, { input, handlers: (clock) => marketOf(suppliers, clock, asked), ...scene })
  return { ...played, asked }
}

test('the first who confirms gets the order, and the reservation of the other is given back', async () => {
  const { output, asked, events, tookMs } = await raced({ north: { minutes: 30 }, south: { minutes: 20 } })
  expect(output).toEqual({ from: 'south', price: 9 })
  expect(tookMs).toBe(20 * minuteMs)
  expect(asked).toEqual(['reserve run_1-north', 'reserve run_1-south', 'release run_1-north'])
  expect(workDone(events)).toEqual([
    'bought/race/north/reserve',
    'bought/race/south/reserve',
    'bought/race/south/confirm',
    'bought/race/north/reserve.undo',
  ])
  const cancelled = eventsOf(events, 'step.cancelled').map(({ path }) => path)
  expect(cancelled).toEqual(['bought/race/north/confirm', 'bought/race/north'])
})

test('one that is sold out loses to one that is slow', async () => {
  const { output, asked } = await raced({ north: { isSoldOut: true }, south: { minutes: 200 } })
  expect(output).toEqual({ from: 'south', price: 9 })
  expect(asked).toEqual(['reserve run_1-south'])
})

test('where neither confirms in time, both reservations are given back before the shop is asked', async () => {
  const { output, asked, events, tookMs } = await raced({})
  expect(output).toEqual({ from: 'shop', price: 15 })
  expect(tookMs).toBe(240 * minuteMs)
  expect(asked.slice(2).toSorted()).toEqual(['release run_1-north', 'release run_1-south'])
  expect(workDone(events).at(-1)).toBe('bought/shop')
})

test('where both are sold out, the shop is asked at once', async () => {
  const { output, asked, tookMs } = await raced({ north: { isSoldOut: true }, south: { isSoldOut: true } })
  expect([output, asked, tookMs]).toEqual([{ from: 'shop', price: 15 }, [], 0])
})

test('a run that is cancelled keeps no reservation', async () => {
  const { status, asked } = await raced({ north: { minutes: 30 } }, { cancelAtMs: minuteMs })
  expect(status).toBe('cancelled')
  expect(asked.slice(2).toSorted()).toEqual(['release run_1-north', 'release run_1-south'])
})

// Far enough apart that whoever is asked once more still wins.
test('a crash anywhere changes nothing', async () => {
  const suppliers = { north: { minutes: 10 }, south: { minutes: 100 } }
  const given = { input, handlers: ({ clock }: { clock: Clock }) => marketOf(suppliers, clock) }
  const { reference } = await crashMatrix(workflow, given)
  expect(reference.output).toEqual({ from: 'north', price: 10 })
  await crashMatrix(workflow, { ...given, commands: [{ atMs: 5 * minuteMs, name: 'cancel' }] })
})
