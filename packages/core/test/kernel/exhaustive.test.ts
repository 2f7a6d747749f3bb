import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { compile } from '../../src/kernel/compile.ts'
import { runStatus, wakeAt } from '../../src/kernel/outstanding.ts'
import { snapshot } from '../../src/kernel/snapshot.ts'
import { effort } from './effort.ts'
import { invariants } from './invariants.ts'
import { failedPaths, outcomeOf } from './script.ts'
import { World, workflow } from './world.ts'

/** One thing that may happen next: its name, and the doing of it. */
type Turn = readonly [name: string, take: (world: World) => void]

// All that there are, unless SEGNO_NUM_RUNS says how many.
const mostStates = effort(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)

const retry = { max: 1, delay: '1s', jitter: false }

const definitions: readonly (readonly [name: string, definition: Definition])[] = [
  [
    'two steps in turn, one with a retry',
    workflow([
      { id: 'a', uses: 'h', retry },
      { id: 'b', uses: 'h' },
    ]),
  ],
  ['a timeout', workflow([{ id: 'a', uses: 'h', timeout: '2s', retry }])],
  [
    'a race of three with a dependency',
    workflow([
      {
        id: 'p',
        join: 'any',
        parallel: [
          { id: 'a', uses: 'h' },
          { id: 'b', uses: 'h', effect: 'once' },
          { id: 'c', uses: 'h', needs: ['a'] },
        ],
      },
    ]),
  ],
  [
    'a try with everything',
    workflow([
      {
        id: 't',
        try: [{ id: 'a', uses: 'h' }],
        catch: [{ do: [{ id: 'b', uses: 'h' }] }],
        finally: [{ id: 'c', uses: 'h' }],
        retry,
      },
    ]),
  ],
  [
    'a list of two at once inside a time limit',
    workflow([
      {
        id: 'l',
        forEach: { in: [1, 2], concurrency: 2 },
        do: [{ id: 'a', uses: 'h' }],
        timeout: '3s',
        onFailure: 'block',
      },
    ]),
  ],
  [
    'a loop with a pause and a wait',
    workflow([
      { id: 'r', repeat: { max: 2, every: '1s' }, do: [{ id: 'w', waitFor: { signal: 's' }, timeout: '2s' }] },
    ]),
  ],
  [
    'two steps that are taken back',
    workflow(
      [
        {
          id: 'd',
          do: [{ id: 'a', uses: 'h', undo: { uses: 'h', with: 'a' } }],
          undo: { call: 'back' },
        },
        { id: 'b', uses: 'h', onFailure: 'fail' },
      ],
      { imports: { back: { segno: 1, name: 'back', steps: [{ id: 'x', uses: 'h' }] } } },
    ),
  ],
  [
    'a failure that is passed over, with what comes after it and is taken back',
    workflow([
      { id: 'a', uses: 'h', onFailure: 'continue' },
      { id: 'b', uses: 'h', undo: { uses: 'h' } },
    ]),
  ],
  [
    'children that fail alone',
    workflow([
      {
        id: 'p',
        failFast: false,
        parallel: [
          { id: 'a', uses: 'h' },
          { id: 'b', uses: 'h' },
          { id: 'c', uses: 'h', needs: ['a'] },
        ],
      },
    ]),
  ],
  [
    'items that fail alone',
    workflow([{ id: 'l', forEach: { in: [1, 2], concurrency: 2, collect: true }, do: [{ id: 'a', uses: 'h' }] }]),
  ],
  [
    'a state machine with a way back and a time',
    workflow([
      {
        id: 'm',
        max: 4,
        initial: 'one',
        states: {
          one: { do: [{ id: 'a', uses: 'h' }], on: { s: { to: 'two' } } },
          two: { on: { s: { to: 'one' } }, after: { '1s': { to: 'end' } } },
          end: {},
        },
      },
    ]),
  ],
  [
    'a child run and a question',
    workflow(
      [
        { id: 'c', start: 'child', timeout: '2s', retry },
        { id: 'q', ask: { title: 'Go on?', choices: ['yes', 'no'] }, timeout: '2s' },
        { id: 'd', start: 'child', wait: false },
      ],
      { imports: { child: { segno: 1, name: 'child', steps: [{ id: 'x', set: {} }] } } },
    ),
  ],
]

describe('in every state that a run can reach, the invariants hold', () => {
  test.for(definitions)('%s', { timeout: 120_000 }, async ([name, definition], { annotate }) => {
    const plan = compile(definition)
    const seen = new Set<string>()
    const queue: (readonly Turn[])[] = [[]]
    let ends = 0
    for (let turns = queue.pop(); turns !== undefined && seen.size < mostStates; turns = queue.pop()) {
      const world = new World(plan, { watch: invariants() })
      for (const [, take] of turns) take(world)
      const key = keyOf(world)
      if (seen.has(key)) continue
      seen.add(key)
      if (world.isOver) ends++
      for (const turn of turnsOf(world)) queue.push([...turns, turn])
    }
    await annotate(`${name}: ${seen.size} states, of which ${ends} are ends`)
    expect(ends).toBeGreaterThan(1)
  })
})

// What differs only in when it happened, and in how many attempts were lost before, is the same state.
function keyOf({ state, now }: World): string {
  const passing = new Set(['seq', 'startedAt', 'endedAt', 'createdAt', 'token', 'attempt', 'id', 'because', 'message'])
  const text = JSON.stringify(snapshot(state), (name, value: unknown) => {
    if (passing.has(name)) return 0
    return (name === 'due' || name === 'deadline') && typeof value === 'number' && value > 0 ? value - now : value
  })
  return `${runStatus(state)} ${text}`
}

function redo(world: World, path = ''): void {
  world.send('segno.retry', { path, downstream: true })
}

function turnsOf(world: World): Turn[] {
  const { state } = world
  if (world.isOver) return []
  const turns: Turn[] = world
    .attempts()
    .flatMap(({ path, attempt }) =>
      (['completed', 'failed'] as const).map((kind): Turn => [
        `${kind} ${path}`,
        (later) => void later.decide({ type: 'settled', path, attempt, outcome: outcomeOf(kind) }),
      ]),
    )
  for (const { runId } of world.children()) {
    for (const how of ['completed', 'failed', 'refused'] as const) {
      turns.push([
        `${how} ${runId}`,
        (later) => {
          const child = later.children().find((one) => one.runId === runId)
          if (child !== undefined) later.moveChild(child, how)
        },
      ])
    }
  }
  for (const { path } of world.questions()) {
    turns.push([
      `answer ${path}`,
      (later) => {
        const question = later.questions().find((one) => one.path === path)
        if (question !== undefined) later.answer(question, 'yes')
      },
    ])
  }
  const blocked = [...state.steps.values()].find(({ status }) => status === 'blocked')
  const [failed] = failedPaths(world)
  const isRedone = world.journal.some((event) => event.type === 'operator.acted' && event.again !== undefined)
  // Where children race, what operators may do to each of them has too many orders.
  const isSmall = !JSON.stringify(world.plan.definition).includes('"join"')
  const visits = Math.max(0, ...[...state.steps.values()].map(({ visit, attempt }) => visit + attempt))
  const may: readonly (readonly [name: string, now: boolean, take: (world: World) => unknown])[] = [
    ['wake', wakeAt(state) !== null, (later) => later.wake()],
    ['signal', state.waiters.size > 0 && state.signalCount === 0, (later) => later.send('s')],
    ['crash', state.pickups < 1, (later) => later.crash()],
    ['pause', !state.paused && state.status === 'active', (later) => later.send('segno.pause')],
    ['resume', state.paused, (later) => later.send('segno.resume')],
    ['retry', state.counts.blocked > 0 && visits < 4, (later) => later.send('segno.retry')],
    ['skip', blocked !== undefined && isSmall, (later) => later.send('segno.skip', { path: blocked?.path ?? '' })],
    [
      'override',
      blocked !== undefined && isSmall,
      (later) => later.send('segno.override', { path: blocked?.path ?? '' }),
    ],
    ['redo', failed !== undefined && !isRedone && isSmall, (later) => redo(later, failed)],
    ['cancel', state.status === 'active', (later) => later.send('segno.cancel')],
    ['force', !state.forced, (later) => later.send('segno.cancel', { force: true })],
  ]
  for (const [name, applies, take] of may) if (applies) turns.push([name, (later) => void take(later)])
  return turns
}
