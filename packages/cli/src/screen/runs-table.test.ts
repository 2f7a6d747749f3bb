import { expect, test } from 'vitest'
import { runsTable, type ListedRun } from './runs-table.ts'
import { look } from './terminal.ts'

const now = 1_000_000_000
const minute = 60_000
const hour = 60 * minute

const runs: readonly ListedRun[] = [
  {
    ...{ runId: 'run_4', workflow: 'release', status: 'failed', labels: {}, steps: { done: 7, total: 10 } },
    ...{ createdAt: now - 2 * minute, endedAt: now - 2 * minute + 38_200 },
  },
  { ...{ runId: 'run_3', workflow: 'onboarding', status: 'waiting', labels: {} }, createdAt: now - hour },
  {
    ...{ runId: 'run_2', workflow: 'nightly-review', status: 'crashed', labels: {}, steps: { done: 12, total: 40 } },
    ...{ createdAt: now - 9 * hour, lostAt: now - 8 * hour },
  },
  { ...{ runId: 'run_1', workflow: 'bill', status: 'blocked', labels: {} }, createdAt: now - 90 * hour },
]

test('the list of runs has a line for each, and says what to do about those that need somebody', () => {
  const options = { ...look({ unicode: true, color: false }), now, same: ['--store', 'my runs'] }
  expect(runsTable(runs, options).join('\n')).toMatchInlineSnapshot(`
    "  STATUS   RUN    WORKFLOW        STARTED  TOOK   STEPS
    ✗ failed   run_4  release         2m ago   38.2s  7/10
    ◷ waiting  run_3  onboarding      1h ago   —      —
    ☠ crashed  run_2  nightly-review  9h ago   —      12/40  ← its lease ran out 8h ago · segno resume run_2 --store 'my runs'
    ■ blocked  run_1  bill            3d ago   —      —      ← segno retry run_1 --store 'my runs'"
  `)
})

test('a workflow whose name moves cursors moves none', () => {
  const [run] = runs.map((one) => ({ ...one, workflow: 'a\u001b[2Jb' }))
  if (run === undefined) throw new Error('there are runs')
  const options = { ...look({ unicode: false, color: false }), now, same: [] }
  expect(runsTable([run], options).join('')).not.toMatch(/\p{Cc}/u)
})
