import { describe, expect, test } from 'vitest'
import { chart } from './chart.ts'
import { resultsPage, shown } from './report.ts'
import type { ListedSubject } from './modules.ts'
import { benchOptions } from './options.ts'
import { results } from './results.ts'
import type { RoundOutcome } from './rows.ts'
import { repeatedIn } from './workloads/resume.ts'

const subjects = [
  subject('segno in memory', 'segno', 'none'),
  subject('raw sqlite', 'raw', 'power loss'),
  subject('slow & late', 'peer', 'process kill'),
]
const rate = (stepsPerSecond: number): RoundOutcome => ({ figures: { stepsPerSecond, p50Ms: 1, p99Ms: 2 } })
const found = results({
  machine: { before: { node: 'v24', load: 1 }, after: { node: 'v24', load: 2 } },
  sizes: benchOptions([], []).sizes,
  subjects,
  lost: [{ group: 'peer', file: 'gone', url: '', database: false, failed: 'Error: no package' }],
  rows: [
    { workload: 'W1s', subject: 'segno in memory', rounds: [rate(100_000), rate(80_000)] },
    { workload: 'W1s', subject: 'raw sqlite', rounds: [rate(7000)] },
    { workload: 'W1s', subject: 'slow & late', rounds: [{ failed: 'not done in 120 s' }] },
    { workload: 'W2', subject: 'segno in memory', rounds: [{ figures: { ms: 12 } }] },
    { workload: 'W2', subject: 'slow & late', rounds: [{ leftOut: 'it has no fan-out' }] },
  ],
  notInstalled: undefined,
})

describe('the page of results', () => {
  const page = resultsPage(found)

  test('tells a target that is missed', () => {
    expect(page).toContain('| segno in memory, W2 ms | ≤ 10 | 12 |  |  | **MISSED** |')
  })

  test('shows the best round, and keeps the median', () => {
    expect(page).toMatch(/^\| segno in memory \| none \| 100,000 \|/m)
    expect(found.rows[0]?.median['stepsPerSecond']).toBe(90_000)
  })

  test('drops no peer that failed or was left out', () => {
    expect(page).toContain('| gone | load | failed: Error: no package |')
    expect(page).toContain('| slow & late | W1s | failed: not done in 120 s |')
    expect(page).toContain('| slow & late | W2 | left out: it has no fan-out |')
    expect(page).toMatch(/^\| slow & late \| process kill \| not done in 120 s \|/m)
  })

  test('says what of the machine changed meanwhile', () => {
    expect(page).toContain('node v24; load 1 at the beginning, 2 at the end')
  })
})

test('the chart has a bar for each subject that was measured, on a scale by powers of ten', () => {
  const svg = chart(found)
  const widths = [...svg.matchAll(/<rect class="\w+" x="190" y="\d+" width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  )
  expect(widths).toHaveLength(2)
  const [sqlite = 0, memory = 0] = widths
  // From 100 to 100,000 there are three powers of ten.
  expect(sqlite / memory).toBeCloseTo(Math.log10(7000 / 100) / 3, 2)
  expect(svg).not.toContain('slow & late')
})

test('figures are shown with three digits that say something', () => {
  expect([0, 0.012345, 12.345, 999.6, 1234.5, 1e6].map(shown)).toEqual([
    '0',
    '0.0123',
    '12.3',
    '1000',
    '1,235',
    '1,000,000',
  ])
})

test('of what a killed process has done, all but its last step had completed', () => {
  expect(repeatedIn([0, 1, 2], [2, 3])).toEqual({ twice: 1, completedAgain: 0 })
  expect(repeatedIn([0, 1, 2], [1, 2, 3])).toEqual({ twice: 2, completedAgain: 1 })
})

function subject(name: string, group: ListedSubject['group'], durability: string): ListedSubject {
  return { name, group, durability, settings: '', versions: {}, leftOut: {}, file: name, url: '', database: false }
}
