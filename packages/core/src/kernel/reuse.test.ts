import type { Definition, EventOf, Failure, Json, RunEvent, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, told, workflow } from '../../test/kernel/world.ts'
import { ReusableSteps, hashOf } from './reuse.ts'
import type { Reusable } from './reuse.ts'

const failure: Failure = { code: 'OOPS', message: 'no luck', retryable: true }
const blob = { sha256: 'ab'.repeat(32), size: 20_000 }

type Told = Record<string, unknown> & { readonly type: RunEvent['type'] }

function reusable(events: readonly Told[]): Reusable {
  const found = new ReusableSteps()
  for (const [index, event] of events.entries()) found.add({ seq: index + 1, v: 1, at: 0, ...event } as never)
  return found.steps
}

const started = (path: string, rest = {}): Told => ({ type: 'attempt.started', path, input: 1, ...rest })
const completed = (path: string, rest = {}): Told => ({ type: 'step.completed', path, ...rest })
const opened = (path: string, rest = {}): Told => ({ type: 'step.started', path, ...rest })
const again = (...paths: string[]): Told => ({ type: 'operator.acted', again: paths })
const one = hashOf(1)

describe('a fork need not do again', () => {
  test.for<[string, readonly Told[], Reusable]>([
    [
      'work, with all that it gave, while its input is the same',
      [started('a'), completed('a', { output: 2, exitCode: 0 })],
      { a: { input: one, output: 2, exitCode: 0 } },
    ],
    [
      'work whose values live beside the journal',
      [started('a', { input: undefined, inputBlob: blob }), completed('a', { outputBlob: blob })],
      { a: { input: blob.sha256, outputBlob: blob } },
    ],
    [
      'work that was tried again, whose later attempts do not repeat the input',
      [
        started('a'),
        { type: 'attempt.failed', path: 'a', failure },
        started('a', { input: undefined }),
        completed('a'),
      ],
      { a: { input: one } },
    ],
    ['a sleep', [{ type: 'timer.set', path: 'a', purpose: 'sleep' }, completed('a')], { a: {} }],
    ['a wait for a signal', [opened('a', { signal: 's' }), completed('a', { output: 3 })], { a: { output: 3 } }],
    ['a run that it started', [opened('a', { child: 'sub', input: 1 }), completed('a')], { a: { input: one } }],
    [
      'a question',
      [{ type: 'task.asked', path: 'a', hash: 'h' }, completed('a', { output: 4 })],
      { a: { input: 'h', output: 4 } },
    ],
    [
      'what an operator has had done again, by the name that the step has in the fork',
      [started('l[0]/a~12'), completed('l[0]/a~12', { output: 5 })],
      { 'l[0]/a': { input: one, output: 5 } },
    ],
  ])('%s', ([, events, steps]) => {
    expect(reusable(events)).toEqual(steps)
  })

  test('other things than these, as what they give follows from the rest', () => {
    const limit: Told = { type: 'timer.set', path: 'b', purpose: 'timeout' }
    expect(reusable([completed('a', { output: 1 }), opened('b', { input: 1 }), limit, completed('b')])).toEqual({})
  })
})

describe('a fork does again', () => {
  const work = (...paths: string[]): Told[] => paths.flatMap((path) => [started(path), completed(path)])
  const undo = (path: string): Told => started(`${path}.undo`)

  test.for<[string, readonly Told[], readonly string[]]>([
    ['what was taken back', [...work('a', 'ab'), undo('a'), completed('a.undo')], ['ab']],
    ['what was begun to be taken back', [...work('a', 'b'), { type: 'step.failed', path: 'a.undo', failure }], ['b']],
    ['what is inside of it', [...work('a/x', 'a[0]/x', 'a~2/x', 'a[1]~2/x', 'ab/x'), undo('a')], ['ab/x']],
    ['what takes back again, and all inside of that', [...work('l[0]/a', 'b'), undo('l[0]/a.undo~12/c')], ['b']],
    ['what an operator had done again and was taken back then', [...work('a~2', 'b'), undo('a~2')], ['b']],
    ['what an operator wants done again', [...work('a', 'b', 'c'), again('a', 'b~2')], ['c']],
    ['an item that an operator wants done again', [...work('l[0]/a', 'l[0]~2/a', 'l[1]/a'), again('l[0]')], ['l[1]/a']],
  ])('%s', ([, events, left]) => {
    expect(Object.keys(reusable(events))).toEqual(left)
  })
})

const child: Definition = { segno: 1, name: 'child', input: { n: { type: 'integer' } }, steps: [] }

function forked(steps: readonly Step[], known: Reusable): World {
  return new World(workflow(steps, { imports: { child } }), { fork: { runId: 'before', steps: known } })
}

describe('a forked run completes at once', () => {
  const ask = { title: 'Go on?', choices: ['yes', 'no'] }
  const asked = new World(workflow([{ id: 'a', ask, timeout: '1d' }])).questions()[0]?.hash ?? ''

  test.for<[string, Step, Reusable[string]]>([
    ['work that had the same input', { id: 'a', uses: 'h', with: 1 }, { input: one, output: 2, exitCode: 0 }],
    ['a sleep', { id: 'a', sleep: '1h' }, {}],
    ['a wait', { id: 'a', waitFor: { signal: 's' } }, { output: 3 }],
    ['a question', { id: 'a', ask, timeout: '1d' }, { input: asked, output: { choice: 'yes' } }],
    [
      'a run that was started',
      { id: 'a', start: 'child', with: { n: 1 } },
      { input: hashOf({ n: 1 }), output: { m: 2 } },
    ],
    ['work with what it is given in its place', { id: 'a', uses: 'h', with: 1 }, { edited: true, output: 4 }],
    [
      'a block with what it is given in its place',
      { id: 'a', do: [{ id: 'b', uses: 'h' }] },
      { edited: true, output: 4 },
    ],
  ])('%s', ([, step, known]) => {
    const { journal } = forked([step], { a: known })
    expect(told(journal)).toEqual(['run.created', 'step.completed a', 'run.completed'])
    const { output, exitCode, reused } = journal[1] as EventOf<'step.completed'>
    expect({ output, exitCode, reused }).toEqual({ output: known?.output, exitCode: known?.exitCode, reused: true })
  })

  test.for<[string, Step, Reusable[string]]>([
    ['work that has another input', { id: 'a', uses: 'h', with: 2 }, { input: one }],
    ['work where a wait stood', { id: 'a', uses: 'h' }, {}],
    ['a wait where work stood', { id: 'a', sleep: '1h' }, { input: one }],
    ['a question that is another', { id: 'a', ask: { ...ask, title: 'Really?' }, timeout: '1d' }, { input: asked }],
    ['a run that has another input', { id: 'a', start: 'child', with: { n: 2 } }, { input: hashOf({ n: 1 }) }],
  ])('but not %s', ([, step, known]) => {
    expect(told(forked([step], { a: known }).journal)).not.toContain('step.completed a')
  })

  test('a step whose name every object knows is not taken for one that was done', () => {
    expect(told(forked([{ id: 'constructor', sleep: '1h' }], {}).journal)).toEqual([
      'run.created',
      'timer.set constructor',
    ])
  })

  test('and takes it back, should it fail', () => {
    const undo = { uses: 'undo', with: '${{ steps.a.output }}' }
    const steps: Step[] = [
      { id: 'a', uses: 'h', with: 1, undo },
      { id: 'b', fail: { code: 'B', message: 'm' } },
    ]
    const world = forked(steps, { a: { input: one, output: 'done' } })
    expect(world.attempts()).toMatchObject([{ path: 'a.undo', input: 'done' }])
  })
})

test('what need not be done again is asked for where it lives beside the journal, also after a crash', () => {
  const large: Json = 'x'.repeat(20_000)
  const steps: Step[] = [
    { id: 'a', uses: 'h' },
    { id: 'b', uses: 'h', with: 1 },
    { id: 'c', sleep: '1s' },
    { id: 'd', start: 'child', with: { n: 1 } },
  ]
  const world = forked(steps, { b: { input: one, output: large }, c: {}, z: { edited: true, output: large } })
  world.crash()
  expect(told(world.complete('a'))).toEqual([
    'step.completed a',
    'step.completed b',
    'step.completed c',
    'step.started d',
  ])
})

test('an input is named by the sha256 of its JSON text', () => {
  expect(one).toBe('6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b')
})
