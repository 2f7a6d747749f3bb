import { crashMatrix } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf, play, type Played, type Scene } from '../play.ts'
import { handlers } from './handlers.ts'

const workflow = loadNamed('onboarding', handlers())
const hourMs = 3_600_000
const dayMs = 24 * hourMs

// The virtual clock begins on the first of January 2026.
const input = {
  person: { name: 'Ada', email: 'ada@example.com', manager: 'grace' },
  firstDay: '2026-01-08T08:00:00Z',
}
const firstDayMs = 7 * dayMs + 8 * hourMs

const signed = { path: 'preparation/contract/signature', choice: 'signed', by: 'joan', afterMs: dayMs }
const desk = { path: 'preparation/desk', form: { laptop: 'light' }, by: 'grace', afterMs: 2 * hourMs }
const photo = { path: 'preparation/badge/photo', form: { url: 'https://example.com/ada.jpg' }, afterMs: 2.5 * dayMs }
const here = { path: 'arrival', choice: 'here', by: 'grace', afterMs: hourMs }

async function onboard(
  answers: Scene['answers'],
  scene: Scene = {},
): Promise<Played & { readonly accounts: readonly string[]; readonly orders: number }> {
  const [accounts, orders] = [new Set<string>(), new Set<string>()]
  const played = await play(workflow, {
    ...scene,
    input,
    handlers: handlers(accounts, orders),
    ...(answers && { answers }),
  })
  return { ...played, accounts: [...accounts], orders: orders.size }
}

function said({ events }: Played): unknown[] {
  return eventsOf(events, 'signal.emitted').map(({ name, data }) => [name, data])
}

test('somebody who signs, sends a photo and comes has an account and a desk', async () => {
  const played = await onboard([signed, desk, photo, here])
  expect(played.output).toEqual({ outcome: 'started', account: 'ada' })
  expect([played.accounts, played.orders, played.tookMs]).toEqual([['ada'], 1, firstDayMs + hourMs])
})

test('all three are asked at once, and the form comes with its defaults', async () => {
  const { events } = await onboard([signed, desk, photo, here])
  const asked = eventsOf(events, 'task.asked').filter(({ at }) => at === events[0]?.at)
  expect(Object.fromEntries(asked.map(({ path, assignees }) => [path, assignees]))).toEqual({
    [signed.path]: ['people-team'],
    [desk.path]: ['grace'],
    [photo.path]: ['ada@example.com'],
  })
  const ordered = eventsOf(events, 'attempt.started').find(({ path }) => path === 'equipment')
  expect(ordered?.input).toEqual({ laptop: 'light', screens: 1 })
})

describe('who is late', () => {
  test('with a photo is reminded once a day until it comes', async () => {
    expect(said(await onboard([signed, desk, photo, here]))).toEqual([
      ['reminder', { to: 'ada@example.com', number: 1 }],
      ['reminder', { to: 'ada@example.com', number: 2 }],
    ])
  })

  test('with a photo is reminded three times at most, and may still send it', async () => {
    const played = await onboard([signed, desk, { ...photo, afterMs: 5 * dayMs }, here])
    expect(said(played)).toHaveLength(3)
    expect(played.status).toBe('completed')
  })

  test('with the contract is passed over after three days', async () => {
    const late = { ...signed, path: 'preparation/contract/lateSignature', afterMs: dayMs }
    const played = await onboard([{ ...signed, afterMs: 4 * dayMs }, late, desk, photo, here])
    expect(said(played)).toContainEqual(['escalated', { about: 'contract', to: 'head-of-people' }])
    // The first answer comes after its time: nobody asks that any more.
    expect(eventsOf(played.events, 'signal.ignored')).toMatchObject([{ because: { code: 'TASK_CLOSED' } }])
    expect(played.output).toMatchObject({ outcome: 'started' })
  })

  test('beyond the deadline of all fails the run, before anything was done', async () => {
    const { failure, accounts, tookMs } = await onboard([signed, photo])
    expect([failure?.code, accounts, tookMs]).toEqual(['TIMEOUT', [], 7 * dayMs])
  })
})

test('an answer that does not fit the form does not count', async () => {
  const wrong = { ...desk, form: { laptop: 'gaming', screens: 9 }, afterMs: hourMs }
  const { events, output } = await onboard([signed, wrong, desk, photo, here])
  expect(eventsOf(events, 'signal.ignored')).toMatchObject([{ because: { code: 'ANSWER_INVALID' } }])
  expect(output).toMatchObject({ outcome: 'started' })
})

test('whoever declines is not given an account', async () => {
  const { output, accounts } = await onboard([{ ...signed, choice: 'declined' }, desk, photo])
  expect([output, accounts]).toEqual([{ outcome: 'declined', account: null }, []])
})

describe('account and desk are taken back', () => {
  test('from whoever does not come', async () => {
    const { failure, accounts, orders } = await onboard([signed, desk, photo, { ...here, choice: 'missing' }])
    expect(failure).toMatchObject({ code: 'NO_SHOW', message: 'Ada did not come.' })
    expect([accounts, orders]).toEqual([[], 0])
  })

  test('when all is called off', async () => {
    const { status, accounts, orders, tookMs } = await onboard([signed, desk, photo], { cancelAtMs: 6 * dayMs })
    expect([status, accounts, orders, tookMs]).toEqual(['cancelled', [], 0, 6 * dayMs])
  })
})

test('a crash anywhere changes nothing', async () => {
  const { reference } = await crashMatrix(workflow, {
    handlers: () => handlers(),
    input: { ...input, firstDay: '2026-01-01T08:00:00Z' },
    answers: [
      { ...signed, atMs: hourMs },
      { ...desk, atMs: 2 * hourMs },
      { ...photo, atMs: 26 * hourMs },
      { ...here, choice: 'missing', atMs: 27 * hourMs },
    ],
  })
  expect(reference).toMatchObject({ status: 'failed', failure: { code: 'NO_SHOW' } })
})
