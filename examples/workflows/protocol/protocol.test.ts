import { crashMatrix } from '@segno/core/testing'
import { describe, expect, test } from 'vitest'
import { loadNamed } from '../load-named.ts'
import { eventsOf, play, workDone, type Played, type Scene } from '../play.ts'
import { handlers } from './handlers.ts'

const workflow = loadNamed('protocol', handlers())
const hourMs = 3_600_000
const task = 'Add a page and test it'

function built(atMs: number, change: number, findings?: readonly string[]): NonNullable<Scene['signals']>[number] {
  const data = findings === undefined ? { change, passed: true } : { change, passed: false, findings: [...findings] }
  return { atMs, name: 'built', data }
}

async function follow(scene: Scene): Promise<Played & { readonly log: readonly string[] }> {
  const log: string[] = []
  return { ...(await play(workflow, { handlers: handlers(log), ...scene })), log }
}

function states({ events }: Played): string[] {
  return eventsOf(events, 'state.entered').map(({ state }) => state)
}

const round = ['working', 'checking']

describe('a change', () => {
  test('goes back until it passes the gate, and is merged when its build passes', async () => {
    const played = await follow({ input: { task }, signals: [built(hourMs, 1)] })
    expect(states(played)).toEqual(['planned', ...round, 'back', ...round, 'proposed', 'merged'])
    expect([played.output, played.log]).toEqual([{ outcome: 'merged', rounds: 2 }, ['merged 1']])
  })

  test('takes what the gate found into the next round', async () => {
    const { events } = await follow({ input: { task }, signals: [built(hourMs, 1)] })
    const worked = eventsOf(events, 'attempt.started').filter(({ path }) => path.endsWith('/work'))
    expect(worked.map(({ input }) => input)).toMatchObject([
      { findings: [], draft: [] },
      { findings: ['missing: test it'], draft: ['Add a page'] },
    ])
  })

  test('of bad style is not reviewed', async () => {
    const { events } = await follow({ input: { task: 'SHOUT', rounds: 1 }, untilMs: 0 })
    expect(workDone(events).map((path) => path.split('/')[1])).toEqual(['plan', 'work', 'lint'])
  })

  test('is not reviewed under the light policy', async () => {
    const { output } = await follow({ input: { task, policy: 'light' }, signals: [built(hourMs, 1)] })
    expect(output).toEqual({ outcome: 'merged', rounds: 1 })
  })
})

describe('the way back', () => {
  const input = { task: 'Add a page and test it and tell everybody', rounds: 2 }

  test('is bounded: then a person decides', async () => {
    const played = await follow({ input, untilMs: 0 })
    expect(states(played)).toEqual(['planned', ...round, 'back', ...round, 'back', 'stuck'])
    expect(eventsOf(played.events, 'task.asked')).toMatchObject([
      { body: 'Round 2 of 2 was the last one.', subject: ['missing: tell everybody'], assignees: ['ada'] },
    ])
  })

  test.for([
    ['again', { outcome: 'merged', rounds: 3 }, ['merged 1']],
    ['propose', { outcome: 'merged', rounds: 2 }, ['merged 1']],
    ['abandon', { outcome: 'abandoned', rounds: 2 }, []],
  ] as const)('goes on as the person says: %s', async ([choice, output, log]) => {
    const answers = [{ path: 'protocol[7]/decision', choice, by: 'ada' }]
    const played = await follow({ input, answers, signals: [built(hourMs, 1)] })
    expect([played.output, played.log]).toEqual([output, log])
  })

  test('is taken after a build that fails, with what it says', async () => {
    const played = await follow({
      input: { task: 'Add a page' },
      signals: [built(hourMs, 1, ['missing: a header']), built(2 * hourMs, 1), built(3 * hourMs, 2)],
    })
    expect(states(played)).toEqual(['planned', ...round, 'proposed', 'back', ...round, 'proposed', 'merged'])
    // The build of the first change came when the second was proposed.
    expect(eventsOf(played.events, 'signal.ignored')).toMatchObject([{ because: { code: 'NOT_AWAITED' } }])
    expect([played.output, played.tookMs]).toEqual([{ outcome: 'merged', rounds: 2 }, 3 * hourMs])
  })

  test('takes along what sent it back now, not what did before', async () => {
    const { output, events } = await follow({
      input: { task: 'Add a page' },
      signals: [built(hourMs, 1, ['missing: a HEADER']), built(2 * hourMs, 2)],
    })
    const rounds = eventsOf(events, 'step.completed').filter(({ path }) => path.endsWith('/round'))
    expect(rounds.map((event) => event.output)).toMatchObject([
      { number: 1, findings: [] },
      { number: 2, findings: ['missing: a HEADER'] },
      { number: 3, findings: ['loud: a HEADER'] },
    ])
    expect(output).toEqual({ outcome: 'merged', rounds: 3 })
  })

  test('leads to a person where nobody builds the change for a day, and its change is closed', async () => {
    const played = await follow({
      input: { task: 'Add a page' },
      answers: [{ path: 'protocol[4]/decision', choice: 'abandon', afterMs: hourMs }],
    })
    expect([played.output, played.log]).toEqual([{ outcome: 'abandoned', rounds: 1 }, ['closed 1']])
    expect(played.tookMs).toBe(25 * hourMs)
  })
})

test('a change that is called off is closed', async () => {
  const { status, log } = await follow({ input: { task: 'Add a page' }, cancelAtMs: hourMs })
  expect([status, log]).toEqual(['cancelled', ['closed 1']])
})

test('a crash anywhere changes nothing', async () => {
  const { reference } = await crashMatrix(workflow, {
    handlers: () => handlers(),
    input: { task, rounds: 1 },
    answers: [{ atMs: 60_000, path: 'protocol[4]/decision', choice: 'again' }],
    signals: [built(120_000, 1)],
  })
  expect(reference).toMatchObject({ status: 'completed', output: { outcome: 'merged', rounds: 2 } })
})
