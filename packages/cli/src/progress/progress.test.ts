import { describe, expect, test } from 'vitest'
import { completed, definition, failed, locked, progressOf, started, type Entry } from './journal.fixture.ts'
import { failedStep, isStuck } from './progress.ts'

const loop = definition([
  {
    id: 'each',
    forEach: { in: 'input.list' },
    do: [
      { id: 'one', uses: 'x' },
      { id: 'two', uses: 'x' },
    ],
  },
  { id: 'last', uses: 'x' },
])

const loopRun: readonly Entry[] = [
  [1, 'step.started', { path: 'each', attempt: 1, items: [1, 2], count: 2, concurrency: 1 }],
  [1, 'iteration.started', { path: 'each', index: 0 }],
  started(1, 'each[0]/one'),
  completed(5, 'each[0]/one'),
  started(5, 'each[0]/two'),
  failed(9, 'each[0]/two'),
  [9, 'iteration.failed', { path: 'each', index: 0, failure: locked }],
  failed(9, 'each'),
  [9, 'run.failed', { failure: locked }],
]

describe('the progress of a run', () => {
  test('lists the steps of a list from when it opens', () => {
    const progress = progressOf(loop, loopRun.slice(0, 3))
    expect([...progress.steps.values()].map(({ path, status }) => `${path} ${status}`)).toEqual([
      'each running',
      'last pending',
      'each[0] running',
      'each[0]/one running',
      'each[0]/two pending',
    ])
  })

  test('counts steps, not passes of loops', () => {
    expect(progressOf(loop, loopRun).counts).toMatchObject({ failed: 2, completed: 1, pending: 1, running: 0 })
  })

  test('names the deepest step that failed with the failure of the run', () => {
    expect(failedStep(progressOf(loop, loopRun))?.path).toBe('each[0]/two')
  })

  test('forgets what never began in a block that is tried again', () => {
    const workflow = definition([
      {
        id: 'block',
        do: [
          { id: 'one', uses: 'x' },
          { id: 'two', uses: 'x' },
        ],
        retry: { max: 1 },
      },
    ])
    const progress = progressOf(workflow, [
      [0, 'step.started', { path: 'block', attempt: 1 }],
      started(0, 'block/one'),
      failed(1, 'block/one'),
      [1, 'attempt.failed', { path: 'block', attempt: 1, failure: locked, retryAt: 5 }],
      [5, 'step.started', { path: 'block', attempt: 2 }],
      started(5, 'block~2/one'),
    ])
    expect([...progress.steps.keys()]).toEqual(['block', 'block/one', 'block~2/one', 'block~2/two'])
    expect(progress.counts).toMatchObject({ pending: 1, running: 2, failed: 1 })
  })
})

describe('a run is stuck', () => {
  const two = definition([
    {
      id: 'both',
      parallel: [
        { id: 'wait', waitFor: { signal: 'go' } },
        { id: 'work', uses: 'x' },
      ],
    },
  ])
  const waits: Entry = [0, 'step.started', { path: 'both/wait', attempt: 1, signal: 'go' }]
  const open: Entry = [0, 'step.started', { path: 'both', attempt: 1, concurrency: 2 }]

  test('when all that is not over awaits signals', () => {
    expect(isStuck(progressOf(two, [open, waits, started(0, 'both/work'), completed(1, 'both/work')]))).toBe(true)
  })

  test('not while something is at work', () => {
    expect(isStuck(progressOf(two, [open, waits, started(0, 'both/work')]))).toBe(false)
  })

  test('not while a retry is to come', () => {
    const retry: Entry = [1, 'attempt.failed', { path: 'both/work', attempt: 1, failure: locked, retryAt: 9 }]
    expect(isStuck(progressOf(two, [open, waits, started(0, 'both/work'), retry]))).toBe(false)
  })

  test('not where a time limit ends the wait', () => {
    const limited: Entry = [0, 'step.started', { path: 'both/wait', attempt: 1, signal: 'go', deadline: 99 }]
    expect(isStuck(progressOf(two, [open, limited, started(0, 'both/work'), completed(1, 'both/work')]))).toBe(false)
  })

  test('when a step is blocked whose attempt had a time limit', () => {
    const begun: Entry = [
      0,
      'attempt.started',
      { path: 'both/work', attempt: 1, token: 1, effect: 'idempotent', key: 'k', deadline: 99 },
    ]
    const blocked: Entry = [1, 'step.blocked', { path: 'both/work', attempt: 1, failure: locked }]
    expect(isStuck(progressOf(two, [open, waits, begun, blocked]))).toBe(true)
  })

  test('when it is blocked by a limit and nothing runs', () => {
    const held: Entry = [2, 'run.blocked', { because: { code: 'LIMIT_EXCEEDED' } }]
    expect(isStuck(progressOf(definition([{ id: 'a', set: {} }]), [held]))).toBe(true)
  })
})
