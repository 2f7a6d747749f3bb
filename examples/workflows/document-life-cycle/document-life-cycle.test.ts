import { crashMatrix } from '@segno/core/testing'
import { expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf, play, type Scene } from '../play.ts'
import { handlers, type Press } from './handlers.ts'

const dayMs = 24 * 3_600_000
const workflow = loadNamed('document-life-cycle', handlers())
const input = { document: 'Charter', author: 'ada', reviewers: ['ada', 'bob'], editor: 'eve' }

// Two weeks of writing, a review that is late and wants changes, a second one, a revision, and the archive.
const signals = [
  { atMs: 8 * dayMs, name: 'approve', data: { by: 'bob' } },
  { atMs: 15 * dayMs, name: 'submit', data: { by: 'ada', text: '' } },
  { atMs: 15 * dayMs, name: 'submit', data: { by: 'ada', text: 'One' } },
  { atMs: 16 * dayMs, name: 'approve', data: { by: 'ada' } },
  { atMs: 19 * dayMs, name: 'reject', data: { by: 'bob', comment: 'Too short' } },
  { atMs: 20 * dayMs, name: 'submit', data: { by: 'ada', text: 'One and two' } },
  { atMs: 21 * dayMs, name: 'approve', data: { by: 'bob' } },
  { atMs: 22 * dayMs, name: 'reject', data: { by: 'bob', comment: 'Too late' } },
]

function press(): Press & { readonly told: string[] } {
  const told: string[] = []
  return { told, tell: (person, text) => void told.push(`${person}: ${text}`), pages: new Map() }
}

function life(scene: Partial<Scene>, at: Press): ReturnType<typeof play> {
  return play(workflow, { input, handlers: handlers(at), signals, ...scene })
}

test('a document goes through its states as people send signals, and as time passes without any', async () => {
  const { events, output, tookMs } = await life({}, press())
  const entered = eventsOf(events, 'state.entered')
  const startedAt = events[0]?.at ?? 0
  expect(entered.map(({ state, by, at }) => `day ${(at - startedAt) / dayMs}: ${state} (${by})`)).toEqual([
    'day 0: draft (initial)',
    'day 7: draft (after)',
    'day 14: draft (after)',
    'day 15: submitted (signal)',
    'day 15: review (next)',
    'day 18: overdue (after)',
    'day 18: review (next)',
    'day 19: changes (signal)',
    'day 19: draft (next)',
    'day 20: submitted (signal)',
    'day 20: review (next)',
    'day 21: published (signal)',
    'day 111: archived (after)',
  ])
  expect(tookMs).toBe(111 * dayMs)
  expect(output).toEqual({ end: 'archived', url: expect.stringContaining('/Charter/') })
})

test('those who have to do something are told, once more when they do not, and their editor with them', async () => {
  const at = press()
  await life({}, at)
  expect(at.told).toEqual([
    ...['ada: Please write Charter', 'ada: Please write Charter', 'ada: Please write Charter'],
    ...['ada: Please review Charter', 'bob: Please review Charter', 'eve: The review of Charter is late'],
    ...['ada: Please review Charter', 'bob: Please review Charter', 'ada: Please change Charter: Too short'],
    ...['ada: Please review Charter', 'bob: Please review Charter', 'ada: Charter is in the archive'],
  ])
  expect([...at.pages.values()]).toEqual(['One and two'])
})

test('a signal too early, too late, of the wrong person or without its data changes nothing', async () => {
  const { events } = await life({}, press())
  expect(eventsOf(events, 'signal.ignored').map(({ because }) => [because.code, because.message])).toEqual([
    ['NOT_AWAITED', 'the state "draft" does not wait for "approve"'],
    ['INPUT_INVALID', 'the data of signal "submit" does not fit'],
    ['NOT_AWAITED', 'no condition of the state "review" holds for "approve"'],
    ['NOT_AWAITED', 'the state "published" does not wait for "reject"'],
  ])
})

test('a revision goes back to the beginning, and what was withdrawn is never published', async () => {
  const at = press()
  const later = [
    { atMs: 30 * dayMs, name: 'revise', data: { by: 'ada', comment: 'A third part' } },
    { atMs: 31 * dayMs, name: 'submit', data: { by: 'ada', text: 'Three' } },
    { atMs: 32 * dayMs, name: 'withdraw', data: { by: 'ada' } },
  ]
  const { output } = await life({ signals: [...signals, ...later] }, at)
  expect(output).toMatchObject({ end: 'withdrawn' })
  expect([...at.pages.values()]).toEqual(['One and two'])
  expect(at.told.at(-1)).toBe('bob: Charter is withdrawn')
})

test('a run that is cancelled takes its publication back', async () => {
  const at = press()
  const { status, events } = await life({ cancelAtMs: 40 * dayMs }, at)
  expect(status).toBe('cancelled')
  expect(eventsOf(events, 'branch.taken')).toMatchObject([{ path: 'life', branch: 'undo' }])
  expect(at.pages.size).toBe(0)
})

test('a crash anywhere changes nothing', async () => {
  await crashMatrix({ workflow, input, handlers: () => handlers(press()), signals })
})
