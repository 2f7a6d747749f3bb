import { crashMatrix } from '@segno/core/testing'
import { expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf, play, type Scene } from '../play.ts'
import { handlers, type Press } from './handlers.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const workflow = loadNamed('document-life-cycle', handlers())
const input = { document: 'Charter', author: 'ada', reviewers: ['ada', 'bob'], editor: 'eve' }

// Two weeks of writing, a review that is late and wants changes, a second one, and the archive.
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

function newPress(): Press & { readonly told: string[] } {
  const told: string[] = []
  return { told, tell: (person, text) => void told.push(`${person}: ${text}`), pages: new Map() }
}

function life(scene: Partial<Scene>, press: Press): ReturnType<typeof play> {
  return play(workflow, { input, handlers: handlers(press), ...scene })
}

const press = newPress()
const { output, events } = await life({ signals }, press)

test('a document goes through its states as people send signals, and as time passes without any', () => {
  const startedAt = events[0]?.at ?? 0
  const entered = eventsOf(events, 'state.entered')
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
    'day 51: archived (after)',
  ])
  expect(output).toEqual({ end: 'archived', url: 'https://press.example/Charter' })
})

test('those who have to do something are told, and told again while they do not', () => {
  expect(press.told).toEqual([
    ...['ada: Please write Charter', 'ada: Please write Charter', 'ada: Please write Charter'],
    ...['ada: Please review Charter', 'bob: Please review Charter', 'eve: The review of Charter is late'],
    ...['ada: Please review Charter', 'bob: Please review Charter', 'ada: Please change Charter: Too short'],
    ...['ada: Please review Charter', 'bob: Please review Charter', 'ada: Charter is in the archive'],
  ])
  expect([...press.pages.values()]).toEqual(['One and two'])
})

test('a signal too early, too late, of the wrong person or without its data changes nothing', () => {
  expect(eventsOf(events, 'signal.ignored').map(({ because }) => [because.code, because.message])).toEqual([
    ['NOT_AWAITED', 'the state "draft" does not wait for "approve"'],
    ['INPUT_INVALID', 'the data of signal "submit" does not fit'],
    ['NOT_AWAITED', 'no condition of the state "review" holds for "approve"'],
    ['NOT_AWAITED', 'the state "published" does not wait for "reject"'],
  ])
})

// An afternoon: published at once, and wanted otherwise an hour later.
const afternoon = [
  { atMs: hourMs, name: 'submit', data: { by: 'ada', text: 'One' } },
  { atMs: 2 * hourMs, name: 'approve', data: { by: 'bob' } },
  { atMs: 3 * hourMs, name: 'revise', data: { by: 'ada', comment: 'A second part' } },
  { atMs: 4 * hourMs, name: 'submit', data: { by: 'ada', text: 'One and two' } },
]

test('a revision begins anew, and what is withdrawn then does not replace what is published', async () => {
  const at = newPress()
  const withdraw = { atMs: 5 * hourMs, name: 'withdraw', data: { by: 'ada' } }
  const played = await life({ signals: [...afternoon, withdraw] }, at)
  expect(played.output).toEqual({ end: 'withdrawn', url: 'https://press.example/Charter' })
  expect([...at.pages.values()]).toEqual(['One'])
  expect(at.told).toContain('ada: Please change Charter: A second part')
})

test('a run that is cancelled takes all it has published back, the newest first', async () => {
  const at = newPress()
  const approve = { atMs: 5 * hourMs, name: 'approve', data: { by: 'bob' } }
  const played = await life({ signals: [...afternoon, approve], cancelAtMs: 6 * hourMs }, at)
  const undone = eventsOf(played.events, 'attempt.started').filter(({ path }) => path.endsWith('.undo'))
  expect(played.status).toBe('cancelled')
  expect(undone.map(({ path }) => path)).toEqual(['life[8]/publish.undo', 'life[3]/publish.undo'])
  expect(at.pages.size).toBe(0)
})

test('a crash anywhere changes nothing', async () => {
  const given = { input, handlers: () => handlers(newPress()) }
  const withdraw = { atMs: 5 * hourMs, name: 'withdraw', data: { by: 'ada' } }
  const { reference } = await crashMatrix(workflow, { ...given, signals: [...afternoon, withdraw] })
  expect(reference.output).toMatchObject({ end: 'withdrawn' })
  const cancel = { atMs: 3.5 * hourMs, name: 'cancel' }
  await crashMatrix(workflow, { ...given, signals: afternoon, commands: [cancel] })
})
