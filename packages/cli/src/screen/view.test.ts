import { describe, expect, test } from 'vitest'
import { completed, definition, failed, locked, progressOf, started, type Entry } from '../progress/journal.fixture.ts'
import type { Progress } from '../progress/progress.ts'
import { look } from './terminal.ts'
import { view, type Window } from './view.ts'

const release = definition([
  { id: 'checkout', uses: 'x' },
  {
    id: 'test',
    parallel: [
      {
        id: 'shard',
        forEach: { in: 'input.shards', concurrency: 3 },
        do: [{ id: 'run', uses: 'x', retry: { max: 2 } }],
      },
      { id: 'review', waitFor: { signal: 'reviewed' }, timeout: '1h' },
      { id: 'notify', if: 'false', uses: 'x' },
    ],
  },
  { id: 'publish', uses: 'x' },
])

const running: readonly Entry[] = [
  started(0, 'checkout'),
  completed(3, 'checkout'),
  [3, 'step.started', { path: 'test', attempt: 1, concurrency: 9 }],
  [3, 'step.started', { path: 'test/shard', attempt: 1, items: [1, 2, 3], count: 3, concurrency: 3 }],
  [3, 'step.started', { path: 'test/review', attempt: 1, signal: 'reviewed', deadline: 3_600_003 }],
  [3, 'step.skipped', { path: 'test/notify', because: { code: 'CONDITION' } }],
  [3, 'iteration.started', { path: 'test/shard', index: 0 }],
  started(3, 'test/shard[0]/run'),
  [3, 'iteration.started', { path: 'test/shard', index: 1 }],
  started(3, 'test/shard[1]/run'),
  completed(7703, 'test/shard[0]/run'),
  [7703, 'iteration.completed', { path: 'test/shard', index: 0 }],
  [8000, 'attempt.failed', { path: 'test/shard[1]/run', attempt: 1, failure: locked, retryAt: 10_000 }],
]

const window: Window = {
  ...look({ unicode: true, color: false }),
  cols: 79,
  rows: 24,
  now: 8500,
  title: 'release.segno.yaml',
}

function screen(progress: Progress, over: Partial<Window> = {}): string {
  return view(progress, { ...window, ...over }).join('\n')
}

describe('the live tree', () => {
  test('shows what runs, waits and is done, each with its time', () => {
    expect(screen(progressOf(release, running))).toMatchInlineSnapshot(`
      "release.segno.yaml  run_1
      ├─ ✓ checkout                                                              3ms
      ├─ ◐ test                                                                 8.5s
      │  ├─ ◐ shard  1/3 items                                                  8.5s
      │  │  ├─ ✓ shard[0]                                                       7.7s
      │  │  └─ ◐ shard[1]                                                       8.5s
      │  │     └─ ↻ run  attempt 1/3 · retry in 1.5s · LOCKED: the mailbox is…  8.5s
      │  ├─ ◷ review  signal reviewed · times out in 59m52s                     8.5s
      │  └─ ↷ notify  condition
      └─ ○ publish
      ███████░░░░░░░░░░░░░ 3/8  ✓ 2  ◐ 2  ↻ 1  ◷ 1  ○ 1  ↷ 1  8.5s"
    `)
  })

  test('shows what a running process printed last, harmless and within the width', () => {
    const tail = (): readonly string[] => [
      'PASS a.test.ts \u001b[32m(3.1s)\u001b[0m',
      `\u001b]0;title\u0007${'x'.repeat(99)}`,
    ]
    expect(screen(progressOf(release, running.slice(0, 1)), { tail })).toMatchInlineSnapshot(`
      "release.segno.yaml  run_1
      ├─ ◐ checkout                                                             8.5s
      │  ┆ PASS a.test.ts (3.1s)
      │  ┆ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      ├─ ○ test
      └─ ○ publish
      ░░░░░░░░░░░░░░░░░░░░ 0/3  ◐ 1  ○ 2  8.5s"
    `)
  })

  test('does without Unicode', () => {
    expect(screen(progressOf(release, running), look({ unicode: false, color: false }))).toMatchInlineSnapshot(`
      "release.segno.yaml  run_1
      |- v checkout                                                              3ms
      |- > test                                                                 8.5s
      |  |- > shard  1/3 items                                                  8.5s
      |  |  |- v shard[0]                                                       7.7s
      |  |  \`- > shard[1]                                                       8.5s
      |  |     \`- ~ run  attempt 1/3 - retry in 1.5s - LOCKED: the mailbox ...  8.5s
      |  |- w review  signal reviewed - times out in 59m52s                     8.5s
      |  \`- - notify  condition
      \`- o publish
      #######............. 3/8  v 2  > 2  ~ 1  w 1  o 1  - 1  8.5s"
    `)
  })

  test('never has a line that is wider than the terminal', () => {
    for (const cols of [40, 50, 79, 200]) {
      const lines = view(progressOf(release, running), { ...window, cols }).slice(0, -1)
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(cols)
    }
  })

  test('is closed where a loop has completed', () => {
    const steps = definition([{ id: 'each', forEach: { in: '[]' }, do: [{ id: 'one', set: {} }] }])
    const entries: readonly Entry[] = [
      [0, 'step.started', { path: 'each', attempt: 1, items: [1], count: 1, concurrency: 1 }],
      [0, 'iteration.started', { path: 'each', index: 0 }],
      completed(1, 'each[0]/one'),
      [1, 'iteration.completed', { path: 'each', index: 0 }],
      completed(1, 'each'),
    ]
    expect(screen(progressOf(steps, entries))).toMatchInlineSnapshot(`
      "release.segno.yaml  run_1
      └─ ✓ each  1 item                                                          1ms
      ████████████████████ 2/2  ✓ 2  8.5s"
    `)
  })
})

describe('a tree that is longer than the terminal', () => {
  const steps = Array.from({ length: 60 }, (_, index) => ({ id: `s${index}`, uses: 'x' }))
  const many = definition([{ id: 'all', parallel: steps }])
  const entries: readonly Entry[] = [
    [0, 'step.started', { path: 'all', attempt: 1, concurrency: 60 }],
    ...Array.from({ length: 37 }, (_, index) => [started(0, `all/s${index}`), completed(9, `all/s${index}`)]).flat(),
    started(0, 'all/s37'),
    failed(9, 'all/s37'),
    ...[38, 39, 40, 41].map((index) => started(5, `all/s${index}`)),
  ]

  test('folds what is done and pending, and shows what failed and runs', () => {
    expect(screen(progressOf(many, entries), { rows: 12 })).toMatchInlineSnapshot(`
      "release.segno.yaml  run_1
      … 36 done hidden
      └─ ◐ all                                                                  8.5s
         ├─ ✓ s36                                                                9ms
         ├─ ✗ s37  LOCKED: the mailbox is locked                                 9ms
         ├─ ◐ s38                                                               8.5s
         ├─ ◐ s39                                                               8.5s
         ├─ ◐ s40                                                               8.5s
         ├─ ◐ s41                                                               8.5s
      … 18 pending hidden
      ████████████░░░░░░░░ 38/61  ✓ 37  ◐ 5  ✗ 1  ○ 18  8.5s"
    `)
  })

  test('has no room for what processes print', () => {
    const tail = (): readonly string[] => ['a line']
    const lines = [8, 12, 64, 65, 70].map((rows) => screen(progressOf(many, entries), { rows, tail }).split('\n'))
    expect(lines.map((all) => all.filter((line) => line.includes('a line')).length)).toEqual([0, 0, 0, 0, 5])
  })

  test('leaves a row of the terminal free, however few there are', () => {
    for (let rows = 6; rows < 70; rows++) {
      expect(view(progressOf(many, entries), { ...window, rows }).length).toBeLessThan(rows)
    }
  })

  test('hides a failure last', () => {
    expect(screen(progressOf(many, entries), { rows: 8 })).toContain('✗ s37')
  })
})
