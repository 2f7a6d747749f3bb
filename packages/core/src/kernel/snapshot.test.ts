import { isJsonObject } from '@segno/schema/plan'
import type { Json, JsonObject, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, reload, told, workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { evolve } from './evolve.ts'
import { outstanding, runStatus } from './outstanding.ts'
import { restore, snapshot } from './snapshot.ts'
import { view } from './view.ts'

/** A run with a bit of everything under way. */
function underWay(): { readonly world: World; readonly saved: Json } {
  const world = new World(
    workflow(
      [
        { id: 'first', set: { v: '${{ input.big }}' } },
        {
          id: 'p',
          failFast: false,
          parallel: [
            { id: 'a', uses: 'h', timeout: '5m' },
            { id: 'b', sleep: '1m', needs: ['e'] },
            { id: 'c', waitFor: { signal: 's' } },
            {
              id: 'd',
              forEach: { in: [1, 2], concurrency: 2 },
              do: [{ id: 'x', uses: 'h' }],
              output: '${{ steps.x.output }}',
            },
            { id: 'e', uses: 'h' },
            { id: 'f', try: [{ id: 'y', uses: 'h' }], catch: [{ do: [{ id: 'z', uses: 'h' }] }] },
            { id: 'g', uses: 'h', needs: ['b'] },
            { id: 'h', do: [{ id: 'i', uses: 'h' }], timeout: '1m' },
          ],
        },
      ],
      { output: { v: { value: '${{ steps.first.output }}' } }, limits: { duration: '1h' } },
    ),
    { input: { big: 'x'.repeat(20_000) } },
  )
  world.send('other', { n: 1 })
  world.complete('p/d[0]/x', 1)
  world.fail('p/e')
  world.fail('p/f/y')
  world.pass(60_000)

  return { world, saved: JSON.parse(JSON.stringify(snapshot(world.state))) as Json }
}

test('a restored state is the state that was saved', () => {
  const { world, saved } = underWay()
  const restored = reload(world.plan, world.state)
  expect(view(restored)).toEqual(view(world.state))
  expect(JSON.stringify(snapshot(restored))).toBe(JSON.stringify(saved))
  expect(runStatus(restored)).toBe('running')
})

test('all that is under way is news to whoever drives a restored run', () => {
  const { world } = underWay()
  const restored = reload(world.plan, world.state)
  const attempts = outstanding(world.state).filter(({ type }) => type === 'attempt')
  expect([...restored.started].map(({ path }) => path)).toEqual(
    attempts.map((attempt) => ('path' in attempt ? attempt.path : '')),
  )
  expect([...restored.stopped].map(({ path }) => path)).toEqual(['p/h/i'])
})

test('a snapshot stays what it was while a state that shares nothing with it goes on', () => {
  const run = new World(
    workflow([
      {
        id: 'p',
        parallel: [
          { id: 'a', uses: 'h' },
          { id: 'b', uses: 'h', needs: ['a'] },
        ],
      },
    ]),
  )
  const before = snapshot(run.state)
  const text = JSON.stringify(before)
  const restored = restore(run.plan, before)
  run.complete('p/a')
  for (const event of run.journal.slice(-2)) evolve(run.plan, restored, event)
  expect(JSON.stringify(before)).toBe(text)
})

test('a run that has ended keeps its outcome and no steps', () => {
  const ended = new World(
    workflow([{ id: 'a', set: { v: 1 } }], { output: { v: { value: '${{ steps.a.output.v }}' } } }),
  )
  expect(snapshot(ended.state)).toMatchObject({ status: 'completed', output: { json: { v: 1 } } })
  expect(view(reload(ended.plan, ended.state))).toEqual(view(ended.state))
})

test('a loop of 1,000 iterations saves what a loop of two does', () => {
  const size = (max: number): number => {
    const loop = new World(
      workflow([
        { id: 'r', repeat: { max }, do: [{ id: 'a', set: {} }] },
        { id: 'w', waitFor: { signal: 's' } },
      ]),
    )
    return JSON.stringify(snapshot(loop.state)).length
  }
  expect(Math.abs(size(1000) - size(2))).toBeLessThan(50)
})

test('a snapshot says nothing of what is as it began', () => {
  const fresh = new World(
    workflow([
      {
        id: 'p',
        parallel: [
          { id: 'a', sleep: '1h' },
          { id: 'b', uses: 'h', needs: ['a'] },
        ],
      },
    ]),
  )
  expect(JSON.stringify(snapshot(fresh.state))).not.toMatch(
    /"(unmet|dead|again|labels|handlers|results|failed|failures|failure|undos|output|settled|verdict|redone|undoCount|passed)"/,
  )
})

const because = { code: 'CANCELLED' }
const failure = { code: 'OOPS', message: 'no luck', retryable: true }

test.for<[string, Json]>([
  ['whom it has to tell that it completed', { settled: { status: 'completed', output: { json: { v: 1 } } } }],
  ['whom it has to tell that it failed', { settled: { status: 'failed', failure } }],
  ['whom it has to tell that it was cancelled', { settled: { status: 'cancelled', because } }],
  ['which run started it', { parent: { runId: 'above', path: 'p/s' } }],
  ['what it does not do again', { reuse: { json: { steps: {} } } }],
])('a snapshot keeps of a run %s', ([, more]) => {
  const { world, saved } = underWay()
  const restored = restore(world.plan, { ...(saved as object), ...(more as object) })
  expect(snapshot(restored)).toMatchObject(more as object)
})

describe('a run that goes on from its snapshot', () => {
  test('knows what the items of a list have given so far', () => {
    const list: Step = { id: 'l', forEach: { in: [1, 2, 3] }, do: [{ id: 'x', uses: 'h' }] }
    const world = new World(workflow([list, { id: 'tell', set: { all: '${{ steps.l.output }}' } }]))
    for (const [index, output] of ['a', null, 'c'].entries()) {
      world.complete(`l[${index}]/x`, output)
      world.reload()
    }
    expect(world.journal).toContainEqual(expect.objectContaining({ path: 'tell', output: { all: ['a', null, 'c'] } }))
  })

  test('takes back what was done with what was known then, and blocks where that could not be had', () => {
    const undone = (id: string, given: string): Step => ({ id, uses: 'h', undo: { uses: 'h', with: { given } } })
    const world = new World(
      workflow([
        undone('a', '${{ steps.a.output }}'),
        undone('b', '${{ 1 / steps.b.output }}'),
        { id: 'last', uses: 'h' },
      ]),
    )
    world.complete('a', 5)
    world.complete('b', 0)
    world.reload()
    expect(told(world.fail('last'))).toEqual([
      'step.failed last OOPS',
      'branch.taken  undo',
      'step.blocked b.undo ARITHMETIC',
    ])
    world.reload()
    world.send('segno.skip', { path: 'b.undo' })
    expect(world.attempts()).toMatchObject([{ path: 'a.undo', input: { given: 5 } }])
  })
})

describe('a snapshot that is not one of this plan is refused', () => {
  const corrupt = expect.objectContaining({ code: 'JOURNAL_CORRUPT' })

  test('of another plan', () => {
    expect(() => restore(compile(workflow([])), underWay().saved)).toThrow(corrupt)
  })

  // Every value of the snapshot, replaced by one of another shape.
  test.for([null, 'text', -1, [{}], { kind: 'odd' }, [[1]]])('with %j in a place', (wrong) => {
    const { world, saved } = underWay()
    for (const damaged of damages(saved, wrong)) {
      try {
        restore(world.plan, damaged)
      } catch (error) {
        expect(error).toEqual(corrupt)
      }
    }
  })

  test.for<[string, JsonObject | null]>([
    ['nothing', null],
    ['a place that is none', { open: [9999] }],
    ['a list where a step was', { open: [1] }],
    ['a waiter without a name', { waiters: [[1, []]] }],
    ['a step too many', { root: { block: { frames: [{ steps: [null, null, {}] }] } } }],
    ['an unknown list', { root: { block: { frames: [{ list: 'else' }] } } }],
    ['an unknown status', { status: 'asleep' }],
    ['an odd ending', { root: { stopping: { kind: 'odd' } } }],
    ['an odd outcome', { settled: { status: 'odd', output: { json: 1 }, failure, because } }],
    ['an odd parent', { parent: 'above' }],
    ['a value that is none', { output: {} }],
  ])('%s', ([, damage]) => {
    const { world, saved } = underWay()
    const damaged = damage === null ? null : { ...(saved as JsonObject), ...damage }
    expect(() => restore(world.plan, damaged)).toThrow(corrupt)
  })
})

function damages(json: Json, wrong: Json): Json[] {
  if (Array.isArray(json)) {
    const list = json as readonly Json[]
    return [wrong, ...list.flatMap((item, at) => damages(item, wrong).map((other) => list.with(at, other)))]
  }
  if (!isJsonObject(json)) return [wrong]
  return [
    wrong,
    ...Object.entries(json).flatMap(([name, value]) =>
      damages(value ?? null, wrong).map((other) => ({ ...json, [name]: other })),
    ),
  ]
}
