import { crashMatrix } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { loadNamed, type Handlers } from '../load-named.ts'
import { eventsOf, play, type Played, type Scene } from '../play.ts'
import { handlers } from './handlers.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const workflow = loadNamed('dunning', handlers())
const input = { subscription: 'S7', customer: 'ada@example.com', amount: 20 }

/** An office whose bank answers each question with the next word, then declines. */
function officeOf(answers: readonly string[] = [], done: string[] = []): Handlers {
  const left = [...answers]
  return handlers({
    charge: (key, amount) => {
      const answer = left.shift() ?? 'CARD_DECLINED'
      done.push(`charge ${key} ${amount}: ${answer}`)
      if (answer !== 'ok') throw Object.assign(new Error('no'), { code: answer, retryable: false })
    },
    mail: (to, text) => void done.push(`mail ${to}: ${text}`),
    post: (to, text) => {
      done.push(`post ${to}: ${text}`)
      return 'R1'
    },
    hasArrived: () => {
      done.push('track')
      return done.filter((what) => what === 'track').length === 3
    },
    close: (subscription) => void done.push(`close ${subscription}`),
  })
}

async function collected(
  scene: Scene & { readonly bank?: readonly string[] } = {},
): Promise<Played & { readonly done: readonly string[] }> {
  const { bank, ...rest } = scene
  const done: string[] = []
  return { ...(await play(workflow, { input, handlers: officeOf(bank, done), ...rest })), done }
}

/** What was told of the run, each with its day. */
function stages({ events }: Played): string[] {
  const startedAt = events[0]?.at ?? 0
  const told = eventsOf(events, 'signal.emitted')
  return told.map(({ data, at }) => `day ${(at - startedAt) / dayMs}: ${(data as { stage: string }).stage}`)
}

test('a card that works is charged, and nobody hears of anything', async () => {
  const played = await collected({ bank: ['BANK_AWAY', 'ok'] })
  expect(played.output).toEqual({ end: 'collected', attempts: 1 })
  expect(played.done).toEqual(['charge S7-0 20: BANK_AWAY', 'charge S7-0 20: ok'])
  expect(stages(played).map((stage) => stage.replace(/.*: /, ''))).toEqual(['over'])
})

test('a payment ends the wait for it at once', async () => {
  const played = await collected({ signals: [{ atMs: 4 * dayMs, name: 'paid' }] })
  expect(played.output).toEqual({ end: 'paid', attempts: 2 })
  expect(played.done).toEqual([
    'charge S7-0 20: CARD_DECLINED',
    'mail ada@example.com: Reminder 1: please pay 20 EUR',
    'charge S7-1 20: CARD_DECLINED',
    'mail ada@example.com: Reminder 2: please pay 20 EUR',
  ])
  expect(stages(played)).toEqual(['day 0: reminder 1', 'day 3: reminder 2', 'day 4: over'])
})

test('without any payment, a final notice is sent by a run of its own, and the subscription is closed', async () => {
  const played = await collected()
  expect(played.output).toEqual({ end: 'closed', attempts: 3 })
  expect(played.done.slice(-5)).toEqual([
    'post ada@example.com: Final notice: 20 EUR within 14d',
    ...['track', 'track', 'track', 'close S7'],
  ])
  expect(stages(played)).toEqual([
    ...['day 0: reminder 1', 'day 3: reminder 2', 'day 8: reminder 3'],
    ...['day 15: final notice', 'day 31: closed', 'day 31: over'],
  ])
  expect(eventsOf(played.events, 'child.settled')).toMatchObject([{ path: 'notice', status: 'completed' }])
})

test('a payment while the final notice is on its way still counts', async () => {
  const { output, done } = await collected({ signals: [{ atMs: 16 * dayMs, name: 'paid' }] })
  expect(output).toEqual({ end: 'paid', attempts: 3 })
  expect(done).not.toContain('close S7')
})

test('a run that is cancelled stops the run of the final notice, and tells that it is over', async () => {
  const played = await collected({ cancelAtMs: 16 * dayMs })
  expect(played.status).toBe('cancelled')
  expect(eventsOf(played.events, 'child.settled')).toMatchObject([{ path: 'notice', status: 'cancelled' }])
  expect(stages(played).at(-1)).toBe('day 16: over')
  expect(played.done.at(-1)).toBe('track')
})

describe('a crash anywhere changes nothing', () => {
  const short = { ...input, waits: ['1h', '2h'], grace: '3h' }
  const given = { input: short, handlers: () => officeOf() }

  test('of what is paid in the end', async () => {
    const signals = [{ atMs: 2 * hourMs, name: 'paid' }]
    const { reference } = await crashMatrix(workflow, { ...given, signals })
    expect(reference.output).toEqual({ end: 'paid', attempts: 2 })
  })

  test('of what is cancelled while the final notice is a run of its own', async () => {
    await crashMatrix(workflow, { ...given, commands: [{ atMs: 4 * hourMs, name: 'cancel' }] })
  })
})
