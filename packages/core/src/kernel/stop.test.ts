import type { Step } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { outstanding } from './outstanding.ts'
import { graceMs } from './stop.ts'

const aborts = (world: World): unknown[] => outstanding(world.state).filter(({ type }) => type === 'abort')

test('a cancel tells what runs to stop, and the run ends when it has', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h' }]))
  expect(told(world.send('segno.cancel'))).toEqual(['cancel.requested CANCELLED'])
  expect(aborts(world)).toEqual([{ type: 'abort', path: 'a', attempt: 1, code: 'CANCELLED' }])
  expect(told(world.fail('a', { code: 'STOPPED' }))).toEqual([
    'step.cancelled a STOPPED CANCELLED',
    'run.cancelled CANCELLED',
  ])
})

test('a result within the grace is recorded as completed', () => {
  const world = new World(
    workflow([
      { id: 'a', uses: 'h' },
      { id: 'b', uses: 'h' },
    ]),
  )
  world.send('segno.cancel')
  world.pass(graceMs - 1)
  expect(told(world.complete('a', 1))).toEqual(['step.completed a', 'run.cancelled CANCELLED'])
})

test('a handler that does not stop is given up after the grace', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h' }]))
  world.send('segno.cancel')
  expect(told(world.pass(graceMs - 1))).toEqual([])
  expect(told(world.pass(1))).toEqual([
    'attempt.abandoned a',
    'step.cancelled a ATTEMPT_ABANDONED CANCELLED',
    'run.cancelled CANCELLED',
  ])
})

test('a second cancel does not begin the grace again', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h' }]))
  world.send('segno.cancel')
  world.pass(graceMs - 1)
  world.send('segno.cancel')
  world.pass(1)
  expect(world.isOver).toBe(true)
})

test('what rests is cancelled at once', () => {
  const world = new World(
    workflow([
      {
        id: 'p',
        parallel: [
          { id: 'a', sleep: '1h' },
          { id: 'b', waitFor: { signal: 's' } },
          { id: 'c', do: [{ id: 'd', sleep: '1h' }], timeout: '2h' },
          { id: 'e', uses: 'h', retry: { max: 1 } },
        ],
      },
    ]),
  )
  world.fail('p/e')
  expect(told(world.send('segno.cancel')).at(-1)).toBe('run.cancelled CANCELLED')
})

test('an attempt that takes too long fails with TIMEOUT, and may be tried again', () => {
  const world = new World(
    workflow([{ id: 'a', uses: 'h', timeout: '1s', retry: { max: 1, delay: '1s', jitter: false } }]),
  )
  expect(told(world.pass(1000))).toEqual(['timer.fired a'])
  expect(aborts(world)).toEqual([{ type: 'abort', path: 'a', attempt: 1, code: 'TIMED_OUT' }])
  expect(told(world.fail('a'))).toEqual(['attempt.failed a TIMEOUT'])
  world.wake()
  world.pass(1000)
  expect(told(world.pass(graceMs))).toEqual(['attempt.abandoned a', 'step.failed a TIMEOUT', 'run.failed TIMEOUT'])
})

test('a `once` step that did not stop blocks: nobody knows what it did', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h', timeout: '1s', effect: 'once' }]))
  world.pass(1000)
  expect(told(world.pass(graceMs))).toEqual(['attempt.abandoned a', 'step.blocked a OUTCOME_UNKNOWN'])
})

test('a block that takes too long stops its inside and fails with TIMEOUT', () => {
  const world = new World(
    workflow([
      {
        id: 'b',
        do: [
          { id: 'a', uses: 'h' },
          { id: 'c', uses: 'h' },
        ],
        timeout: '1s',
      },
    ]),
  )
  world.pass(1000)
  expect(told(world.fail('b/a'))).toEqual([
    'step.cancelled b/a OOPS TIMEOUT',
    'step.failed b TIMEOUT',
    'run.failed TIMEOUT',
  ])
})

test('a cancel outranks a failure that is ending a block', () => {
  const world = new World(
    workflow([
      {
        id: 't',
        try: [
          {
            id: 'p',
            parallel: [
              { id: 'a', uses: 'h' },
              { id: 'b', uses: 'h' },
            ],
          },
        ],
        catch: [{ do: [] }],
      },
    ]),
  )
  world.fail('t/p/a')
  world.send('segno.cancel')
  expect(told(world.fail('t/p/b')).at(-1)).toBe('run.cancelled CANCELLED')
})

test('`finally` runs on a cancel, is shielded from a second one, and sees no failure', () => {
  const tidy = { id: 'tidy', uses: 'h', with: { error: '${{ error }}' } }
  const world = new World(workflow([{ id: 'a', uses: 'h' }], { finally: [tidy] }))
  world.send('segno.cancel')
  expect(told(world.fail('a'))).toEqual([
    'step.cancelled a OOPS CANCELLED',
    'branch.taken  finally',
    'attempt.started tidy',
  ])
  expect(world.attempts()[0]?.input).toEqual({ error: null })
  world.send('segno.cancel')
  expect(aborts(world)).toEqual([])
  expect(told(world.complete('tidy')).at(-1)).toBe('run.cancelled CANCELLED')
})

test('a forced cancel shields nothing: what `finally` runs stops, and no other begins', () => {
  const definition = workflow([{ id: 't', try: [{ id: 'a', uses: 'h' }], finally: [{ id: 'f', uses: 'h' }] }], {
    finally: [{ id: 'tidy', uses: 'h' }],
  })
  const world = new World(definition)
  world.send('segno.cancel')
  world.fail('t/a')
  world.send('segno.cancel', { force: true })
  expect(told(world.fail('t/f')).at(-1)).toBe('run.cancelled CANCELLED')
  expect(world.journal.some((event) => 'path' in event && event.path === 'tidy')).toBe(false)
})

test('a block that waits for its retry still owes its `finally` when the run is cancelled', () => {
  const world = new World(
    workflow([
      { id: 't', try: [{ id: 'a', uses: 'h' }], finally: [{ id: 'f', uses: 'h' }], retry: { max: 1, delay: '1h' } },
    ]),
  )
  world.fail('t/a')
  expect(told(world.send('segno.cancel'))).toEqual([
    'cancel.requested CANCELLED',
    'branch.taken t finally',
    'attempt.started t/f',
  ])
  expect(told(world.complete('t/f')).slice(-2)).toEqual(['step.cancelled t CANCELLED', 'run.cancelled CANCELLED'])
})

test('a failure in `finally` never replaces the first one', () => {
  const world = new World(workflow([{ id: 'a', uses: 'h' }], { finally: [{ id: 'tidy', uses: 'h' }] }))
  world.fail('a', { code: 'FIRST' })
  world.fail('tidy', { code: 'LAST' })
  expect(world.state.failure).toMatchObject({ code: 'FIRST', details: { finally: { code: 'LAST' } } })
})

test('a failure in `finally` after success, or after a cancel', () => {
  const definition = workflow([{ id: 'a', uses: 'h' }], { finally: [{ id: 'tidy', uses: 'h' }] })
  const completed = new World(definition)
  completed.complete('a')
  expect(told(completed.fail('tidy')).at(-1)).toBe('run.failed OOPS')
  const cancelled = new World(definition)
  cancelled.send('segno.cancel')
  cancelled.fail('a')
  expect(told(cancelled.fail('tidy')).at(-1)).toBe('run.cancelled CANCELLED')
})

test('a `return` in a loop ends the workflow as completed, and `finally` runs', () => {
  const world = new World(
    workflow(
      [
        {
          id: 'r',
          repeat: { max: 3 },
          do: [{ id: 'i', if: true, do: [{ id: 'x', return: { n: '${{ iteration }}' } }] }],
        },
        { id: 'no', uses: 'h' },
      ],
      { output: { n: { type: 'number' } }, finally: [{ id: 'tidy', set: {} }] },
    ),
  )
  expect(told(world.journal).slice(-4)).toEqual([
    'step.completed r',
    'branch.taken  finally',
    'step.completed tidy',
    'run.completed',
  ])
  expect(world.state.output).toEqual({ n: 0 })
})

test('a sleep that takes longer than its timeout fails with TIMEOUT', () => {
  const world = new World(workflow([{ id: 'a', sleep: '1h', timeout: '1m' }]))
  expect(told(world.pass(60_000))).toEqual(['timer.fired a', 'step.failed a TIMEOUT', 'run.failed TIMEOUT'])
  expect(new World(workflow([{ id: 'a', sleep: '1h', timeout: '${{ "soon" }}' }])).state.failure?.code).toBe(
    'DURATION_INVALID',
  )
})

test('a forced cancel also stops what takes back a single item', () => {
  const item: Step[] = [
    { id: 'a', uses: 'h', undo: { uses: 'h' } },
    { id: 'stop', fail: { code: 'BROKEN', message: 'it broke' } },
  ]
  const world = new World(workflow([{ id: 'l', forEach: { in: [1], collect: true }, do: item }]))
  world.complete('l[0]/a')
  world.send('segno.cancel', { force: true })
  expect(aborts(world)).toEqual([{ type: 'abort', path: 'l[0]/a.undo', attempt: 1, code: 'CANCELLED' }])
  expect(told(world.fail('l[0]/a.undo')).at(-1)).toBe('run.cancelled CANCELLED')
})

test('siblings of enough that succeeded are told so', () => {
  const children: Step[] = [
    { id: 'a', uses: 'h' },
    { id: 'b', uses: 'h' },
  ]
  const world = new World(workflow([{ id: 'p', join: 'any', parallel: children }]))
  world.complete('p/a')
  const because = { code: 'JOINED', message: 'enough siblings have succeeded' }
  expect(world.fail('p/b')[0]).toMatchObject({ type: 'step.cancelled', because })
})
