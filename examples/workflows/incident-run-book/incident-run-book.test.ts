import { crashMatrix } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { loadNamed, type Handlers } from '../load-named.ts'
import { eventsOf, play, type Played, type Scene } from '../play.ts'
import { handlers } from './handlers.ts'

const minuteMs = 60_000
const workflow = loadNamed('incident-run-book', handlers())
const input = { service: 'shop', summary: 'no orders', onCall: ['ada', 'bob'], manager: 'eve' }

/** Operations of a shop that is well again once one action is done. */
function shopThatNeeds(remedy: string, done: string[] = []): Handlers {
  return handlers({
    announce: (_service, state) => void done.push(`announce ${state}`),
    freeze: (_service, isFrozen) => void done.push(isFrozen ? 'freeze' : 'unfreeze'),
    diagnose: (_service, check) => {
      if (check === 'latency') throw Object.assign(new Error('no answer'), { code: 'OFFLINE' })
      return check === 'deployments' ? 'one, at noon' : 'as ever'
    },
    mitigate: (_service, action) => void done.push(action),
    isHealthy: () => done.includes(remedy),
  })
}

// Ada sleeps; Bob scales up first, and then rolls back.
const answers = [
  { path: 'lead[1]/call', choice: 'take the lead', by: 'bob', afterMs: 2 * minuteMs },
  { path: 'mitigated[0]/decide', choice: 'scale up', by: 'bob', afterMs: minuteMs },
  { path: 'mitigated[1]/decide', choice: 'roll back', by: 'bob', afterMs: minuteMs },
  {
    ...{ path: 'postMortem', by: 'bob', afterMs: 24 * 60 * minuteMs },
    form: { cause: 'an index was missing', actions: ['check indexes before a deployment'] },
  },
]

async function handled(scene: Scene): Promise<Played & { readonly done: readonly string[] }> {
  const done: string[] = []
  return { ...(await play(workflow, { input, handlers: shopThatNeeds('roll back', done), ...scene })), done }
}

test('an incident goes to whoever takes it, and on until the service is well', async () => {
  const { output, done, events } = await handled({ answers })
  expect(output).toEqual({
    ...{ lead: 'bob', mitigation: 'roll back', cause: 'an index was missing' },
    actions: ['check indexes before a deployment'],
  })
  expect(done).toEqual([
    ...['announce investigating', 'freeze', 'scale to 2', 'roll back'],
    ...['unfreeze', 'announce resolved'],
  ])
  expect(eventsOf(events, 'step.failed')).toMatchObject([
    { path: 'lead[0]/call', failure: { code: 'TIMEOUT' } },
    { path: 'diagnostics[1]/diagnose', failure: { code: 'OFFLINE' } },
  ])
})

test('who was asked what, and who answered when, is in the run', async () => {
  const { events } = await handled({ answers })
  const startedAt = events[0]?.at ?? 0
  const minute = (at: number): string => `minute ${(at - startedAt) / minuteMs}`
  const people = events.flatMap((event) => {
    if (event.type === 'task.asked') return [`${minute(event.at)}: ${event.title} (${event.assignees?.join()})`]
    if (event.type !== 'task.answered') return []
    const { by, choice = 'a form' } = event.answer as { by: string; choice?: string }
    return [`${minute(event.at)}: ${by}: ${choice}`]
  })
  expect(people).toEqual([
    'minute 0: shop: no orders (ada)',
    'minute 5: shop: no orders (bob)',
    'minute 7: bob: take the lead',
    'minute 7: What is to be done about shop? (bob)',
    'minute 8: bob: scale up',
    'minute 17: What is to be done about shop? (bob)',
    'minute 18: bob: roll back',
    'minute 18: What is to be learnt of "no orders"? (bob)',
    'minute 1458: bob: a form',
  ])
  expect(eventsOf(events, 'task.asked')[2]?.body).toBe(
    ['errors: as ever', 'unknown: no answer', 'deployments: one, at noon', 'capacity: as ever'].join('\n'),
  )
})

test('where nobody takes the lead the manager has it, and what nobody writes is missed', async () => {
  const decided = answers.map(({ path, ...rest }) => ({ path: path === 'postMortem' ? 'none' : path, ...rest }))
  const { output } = await handled({ answers: decided.slice(1) })
  expect(output).toEqual({
    ...{ lead: 'eve', mitigation: 'roll back', cause: null },
    actions: ['ask eve for the post-mortem'],
  })
})

test('an incident that nobody decides about fails, and what was done for its time is taken back', async () => {
  const { failure, done, tookMs } = await handled({ answers: answers.slice(0, 2) })
  expect(failure).toMatchObject({ code: 'TIMEOUT' })
  expect(tookMs).toBe((7 + 1 + 9 + 60) * minuteMs)
  expect(done.slice(2)).toEqual(['scale to 2', 'scale to 1', 'unfreeze', 'announce handled elsewhere'])
})

test('a run book that is cancelled halfway tidies up', async () => {
  const { status, done, events } = await handled({ answers, cancelAtMs: 12 * minuteMs })
  expect(status).toBe('cancelled')
  expect(done.slice(2)).toEqual(['scale to 2', 'scale to 1', 'unfreeze', 'announce handled elsewhere'])
  expect(eventsOf(events, 'branch.taken').slice(-2)).toMatchObject([
    { path: '', branch: 'undo' },
    { path: '', branch: 'finally' },
  ])
})

describe('a crash anywhere changes nothing', () => {
  const given = {
    ...{ input, handlers: () => shopThatNeeds('roll back') },
    answers: [
      { atMs: 7 * minuteMs, path: 'lead[1]/call', choice: 'take the lead', by: 'bob' },
      { atMs: 8 * minuteMs, path: 'mitigated[0]/decide', choice: 'scale up', by: 'bob' },
      { atMs: 18 * minuteMs, path: 'mitigated[1]/decide', choice: 'roll back', by: 'bob' },
      { atMs: 60 * minuteMs, path: 'postMortem', form: { cause: 'an index', actions: ['check'] }, by: 'bob' },
    ],
  }

  test('of an incident that is handled', async () => {
    const { reference } = await crashMatrix(workflow, given)
    expect(reference).toMatchObject({ status: 'completed', output: { lead: 'bob', cause: 'an index' } })
  })

  test('of one that is cancelled halfway', async () => {
    await crashMatrix(workflow, { ...given, commands: [{ atMs: 12 * minuteMs, name: 'cancel' }] })
  })
})
