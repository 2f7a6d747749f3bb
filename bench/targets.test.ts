import { describe, expect, test } from 'vitest'
import type { ToldSubject } from './modules.ts'
import { measuredRow, type MeasuredRow } from './rows.ts'
import { judge, type Target } from './targets.ts'

const own = 'segno + sqlite'
const subjects: readonly ToldSubject[] = [
  subject(own, 'segno', 'power loss'),
  subject('raw sqlite', 'raw', 'power loss'),
  subject('quick', 'peer', 'none'),
  subject('DBOS + postgres', 'peer', 'power loss'),
]
const rows: readonly MeasuredRow[] = [
  row('W1s', own, [100, 300, 200]),
  row('W1s', 'raw sqlite', [100, 100, 400]),
  row('W1s', 'quick', [50]),
  row('W1s', 'DBOS + postgres', [150]),
]
const rate: Target = { what: 'rate', figure: { workload: 'W1s', subject: own, name: 'stepsPerSecond' } }

describe('a target', () => {
  test('over a baseline is judged by the median of the ratios round by round', () => {
    const verdict = judge({ ...rate, over: { subject: 'raw sqlite' }, least: 1 }, rows, subjects)
    expect(verdict).toMatchObject({ ratio: 1, measured: 200, over: { measured: 100 }, verdict: 'met' })
  })

  test('over a baseline at another workload says which', () => {
    const many = { ...rate, figure: { ...rate.figure, workload: 'W1c' }, least: 4 }
    const here = [...rows, row('W1c', own, [400, 1200, 800]), row('W1c', 'raw sqlite', [400, 400, 1600])]
    expect(judge({ ...many, over: { subject: 'raw sqlite' } }, here, subjects)).toMatchObject({ ratio: 1 })
    expect(judge({ ...many, over: { subject: 'raw sqlite', workload: 'W1s' } }, here, subjects)).toMatchObject({
      wanted: '≥ 4 × raw sqlite, W1s',
      ratio: 4,
      verdict: 'met',
    })
  })

  test('that is not reached is MISSED', () => {
    expect(judge({ ...rate, over: { subject: 'raw sqlite' }, least: 1.1 }, rows, subjects).verdict).toBe('MISSED')
    expect(judge({ ...rate, least: 201 }, rows, subjects).verdict).toBe('MISSED')
    expect(judge({ ...rate, most: 199 }, rows, subjects).verdict).toBe('MISSED')
    expect(judge({ ...rate, least: 150, most: 199 }, rows, subjects).verdict).toBe('MISSED')
  })

  test('whose aim is reached says so', () => {
    expect(judge({ ...rate, least: 100, aim: 200 }, rows, subjects).note).toBe('the aim too')
    expect(judge({ ...rate, least: 100, aim: 201 }, rows, subjects).note).toBeUndefined()
  })

  test('that is a count is judged by its worst round', () => {
    const again = [{ ...row('W4', own, []), worst: { completedAgain: 1 }, median: { completedAgain: 0 } }]
    const figure = { workload: 'W4', subject: own, name: 'completedAgain' }
    expect(judge({ what: 'again', figure: { ...figure, isCount: true }, most: 0 }, again, subjects).verdict).toBe(
      'MISSED',
    )
    expect(judge({ what: 'again', figure, most: 0 }, again, subjects).verdict).toBe('met')
  })

  test('over the best peer takes the one that is quickest, of those that it asks for', () => {
    const over = (bestPeer: 'of all' | 'in memory') => judge({ ...rate, over: { bestPeer }, least: 1 }, rows, subjects)
    expect(over('of all').over).toEqual({ subject: 'DBOS + postgres', measured: 150 })
    expect(over('in memory').over).toEqual({ subject: 'quick', measured: 50 })
  })

  test('in milliseconds over a peer is better when it is less', () => {
    const times = [own, 'quick'].map((name, index) => ({
      ...measuredRow({ workload: 'W2', subject: name, rounds: [{ figures: { ms: index === 0 ? 10 : 40 } }] }),
    }))
    const fan: Target = {
      what: 'fan',
      figure: { workload: 'W2', subject: own, name: 'ms' },
      over: { bestPeer: 'of all' },
    }
    expect(judge({ ...fan, least: 4 }, times, subjects)).toMatchObject({ ratio: 4, verdict: 'met' })
    expect(judge({ ...fan, least: 5 }, times, subjects).verdict).toBe('MISSED')
  })

  test('that could not be measured is neither met nor missed, and says why', () => {
    const failed = measuredRow({ workload: 'W1s', subject: own, rounds: [{ failed: 'not done in 120 s' }] })
    expect(judge({ ...rate, least: 1 }, [failed], subjects)).toMatchObject({
      verdict: 'not measured',
      note: 'not done in 120 s',
    })
    expect(judge({ ...rate, over: { peer: 'dbos' }, least: 1 }, rows.slice(0, 1), subjects)).toMatchObject({
      verdict: 'not measured',
      note: 'not there to compare: dbos',
    })
  })
})

function subject(name: string, group: ToldSubject['group'], durability: string): ToldSubject {
  return { name, group, durability, settings: '', versions: {}, leftOut: {} }
}

function row(workload: string, name: string, rates: readonly number[]): MeasuredRow {
  return measuredRow({
    workload,
    subject: name,
    rounds: rates.map((stepsPerSecond) => ({ figures: { stepsPerSecond } })),
  })
}
