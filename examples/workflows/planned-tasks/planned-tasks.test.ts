import { crashMatrix } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { loadNamed, type Handlers } from '../load-named.ts'
import { eventsOf, play, workDone, type Played } from '../play.ts'
import { handlers } from './handlers.ts'

const workflow = loadNamed('planned-tasks', handlers())
const input = { goal: 'Monday' }

interface Task {
  readonly id: string
  readonly kind: string
  readonly after: readonly string[]
  readonly args: object
}

const fetching = (id: string): Task => ({ id, kind: 'fetch', after: [], args: { source: id } })

// Written in an order in which it cannot be done.
const letter: readonly Task[] = [
  { id: 'out', kind: 'send', after: ['letter'], args: { to: 'readers' } },
  { id: 'letter', kind: 'combine', after: ['news', 'weather'], args: { title: 'Monday' } },
  { id: 'news', kind: 'combine', after: ['home', 'world'], args: { title: 'News' } },
  fetching('weather'),
  fetching('home'),
  fetching('world'),
]

/** A newsroom that plans each of `plans` in turn. One of its sources is out of order. */
function newsroomWith(plans: readonly unknown[], sent: string[] = []): Handlers {
  const left = [...plans]
  return handlers({
    plan: () => left.shift(),
    fetch: (source) => {
      if (source === 'gossip') throw Object.assign(new Error('no gossip today'), { code: 'SOURCE_EMPTY' })
      return `(${source})`
    },
    send: (to, text) => void sent.push(`${to}: ${text}`),
  })
}

function planned(...plans: readonly unknown[]): Promise<Played> {
  return play(workflow, { input, handlers: newsroomWith(plans) })
}

test('each task is done after those that it depends on, and gets what they gave', async () => {
  const sent: string[] = []
  const { output, events } = await play(workflow, { input, handlers: newsroomWith([letter], sent) })
  expect(sent).toEqual(['readers: Monday\nNews\n(home)\n(world)\n(weather)'])
  expect(output).toMatchObject({
    waves: 4,
    results: expect.arrayContaining([{ id: 'out', result: 'sent to readers' }]),
  })
  expect(workDone(events)).toEqual([
    'plan',
    ...[0, 1, 2].map((index) => `done[0]/wave[${index}]/perform/fetch`),
    ...['done[1]/wave[0]/perform/combine', 'done[2]/wave[0]/perform/combine', 'done[3]/wave[0]/perform/send'],
  ])
})

test('a plan that does not fit is asked for once more', async () => {
  const { status, events } = await planned([{ id: 'out', kind: 'delete', after: [], args: {} }], letter)
  expect(status).toBe('completed')
  expect(eventsOf(events, 'attempt.failed')).toMatchObject([{ path: 'plan', failure: { code: 'OUTPUT_INVALID' } }])
})

describe('nothing is done of a plan', () => {
  test.for<[string, unknown]>([
    ['that is empty', []],
    ['with a kind that does not exist', [{ ...fetching('a'), kind: 'delete' }]],
    ['with the arguments of another kind', [{ ...fetching('a'), args: { to: 'readers' } }]],
    ['with an argument too much', [{ ...fetching('a'), args: { source: 'a', as: 'root' } }]],
    ['without what a task waits for', [{ id: 'a', kind: 'fetch', args: { source: 'a' } }]],
    ['of too many tasks', Array.from({ length: 31 }, (_, index) => fetching(`t${index}`))],
  ])('%s', async ([, plan]) => {
    const { failure, events } = await planned(plan, plan)
    expect(failure).toMatchObject({ code: 'OUTPUT_INVALID' })
    expect(workDone(events)).toEqual([])
  })

  test('with two tasks of one id', async () => {
    const { failure, events } = await planned([fetching('a'), fetching('a')])
    expect(failure).toMatchObject({ code: 'ASSERTION_FAILED', message: 'The plan has two tasks of one id' })
    expect(workDone(events)).toEqual(['plan'])
  })
})

test('tasks that wait for each other, or for what is not there, are named once nothing else is left', async () => {
  const circle = [
    fetching('a'),
    { id: 'b', kind: 'combine', after: ['a', 'c'], args: { title: 'B' } },
    { id: 'c', kind: 'combine', after: ['b'], args: { title: 'C' } },
  ]
  const { failure, events } = await planned(circle)
  expect(failure).toMatchObject({ code: 'ASSERTION_FAILED', message: 'Nothing can be done of what is left: b, c' })
  expect(workDone(events)).toEqual(['plan', 'done[0]/wave[0]/perform/fetch'])
})

test('a task that fails ends the run before what depends on it', async () => {
  const { failure, events } = await planned([fetching('gossip'), ...letter])
  expect(failure).toMatchObject({ code: 'SOURCE_EMPTY' })
  expect(workDone(events).every((path) => !path.startsWith('done[1]'))).toBe(true)
})

test('the largest plan is within the limits of expressions', async () => {
  const chain = Array.from({ length: 30 }, (_, index) => ({
    ...{ id: `t${index}`, kind: 'combine', args: { title: `${index}` } },
    after: index === 0 ? [] : [`t${index - 1}`],
  }))
  expect((await planned(chain)).output).toMatchObject({ waves: 30 })
})

test('a crash anywhere changes nothing', async () => {
  await crashMatrix(workflow, { input, handlers: { ...newsroomWith([]), plan: () => letter } })
})
