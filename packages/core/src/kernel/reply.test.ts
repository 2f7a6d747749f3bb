import { checkDefinition, parseDefinition } from '@segno/schema'
import type { Definition, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { foldAll, told, World } from '../../test/kernel/world.ts'
import { evolve } from './evolve.ts'
import { valueBytesMax } from './kept.ts'

const workflow = (...steps: readonly object[]): Definition => ({
  segno: 1,
  name: 'replying',
  steps: steps as readonly Step[],
})

const asked = { id: 'asked', waitFor: { signal: 'go' }, timeout: '1h' }

function codesOf(definition: Definition): string[] {
  return checkDefinition(definition).map(({ code, pointer }) => `${code} ${pointer}`)
}

describe('a reply that the check refuses', () => {
  test.for<[string, Definition, string]>([
    [
      'to a step that is not there',
      workflow(asked, { id: 'b', emit: { reply: 'askd' } }),
      'UNKNOWN_STEP /steps/1/emit/reply',
    ],
    [
      'to a step that takes no signal',
      workflow({ id: 'a', set: {} }, { id: 'b', emit: { reply: 'a' } }),
      'REPLY_TO_NO_SIGNAL /steps/1/emit/reply',
    ],
    [
      'to a step that comes later',
      workflow({ id: 'b', emit: { reply: 'asked' } }, asked),
      'STEP_OUT_OF_SCOPE /steps/0/emit/reply',
    ],
    [
      'to a step that may have been skipped',
      workflow({ ...asked, if: 'run.id != "x"' }, { id: 'b', emit: { reply: 'asked' } }),
      'STEP_MAY_NOT_HAVE_RUN /steps/1/emit/reply',
    ],
    [
      'in a state that time leads to as well',
      workflow({
        id: 'm',
        initial: 'a',
        states: {
          a: { on: { go: { to: 'b' } }, after: { '1h': { to: 'b' } } },
          b: { do: [{ id: 'c', emit: { reply: 'signal' } }] },
        },
      }),
      'MAYBE_MISSING /steps/0/states/b/do/0/emit/reply',
    ],
  ])('%s', ([, definition, code]) => {
    expect(codesOf(definition)).toContain(code)
  })

  test('cannot be a signal too', () => {
    const { diagnostics } = parseDefinition(workflow(asked, { id: 'b', emit: { reply: 'asked', signal: 'x' } }))

    expect(diagnostics.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(['INVALID_VALUE /steps/1/emit'])
  })

  test('may be guarded by what proves that there is somebody to reply to', () => {
    const guarded = workflow(
      { ...asked, if: 'run.id != "x"' },
      { id: 'b', if: 'has(steps.asked.output)', emit: { reply: 'asked' } },
    )

    expect(codesOf(guarded)).toEqual([])
  })
})

const large = 'x'.repeat(20_000)
const answer = { id: 'answer', emit: { reply: 'asked', data: 1 } }
const go = (world: World): string[] => told(world.send('go', { n: 1 }))
const failureOf = ({ state }: World): unknown => state.failure

// What is never checked, such as a definition that a program hands to the kernel, fails in the run.
describe('a reply to nobody fails', () => {
  const nobody = (name: string): object => ({
    code: 'NOTHING_TO_REPLY',
    message: `"${name}" has taken no signal, so there is nobody to reply to`,
    retryable: false,
  })
  const machine = (...steps: readonly object[]): Definition =>
    workflow({ id: 'm', initial: 'a', states: { a: { on: { go: { to: 'b' } } }, b: { do: steps } } })
  const signal = { id: 'c', emit: { reply: 'signal' } }
  const called: Definition = { segno: 1, name: 'called', steps: [signal as unknown as Step] }

  test.for<readonly [string, string, Definition, (world: World) => void]>([
    [
      'where the wait took nothing',
      'asked',
      workflow({ ...asked, onFailure: 'continue' }, answer),
      (world) => void world.pass(3_600_000),
    ],
    ['where the step takes no signal', 'asked', workflow({ id: 'asked', set: { n: 1 } }, answer), () => undefined],
    ['where there is no such step', 'asked', workflow(answer), () => undefined],
    [
      'in a state that no signal led to',
      'signal',
      workflow({ id: 'm', initial: 'a', states: { a: { do: [signal] } } }),
      () => undefined,
    ],
    [
      'in what a state calls, which sees nothing of its caller',
      'signal',
      { ...machine({ id: 'call', call: 'called' }), imports: { called } },
      go,
    ],
    ['where there is no machine', 'signal', workflow(signal), () => undefined],
    [
      'in a state that time led to, though a signal led to the one before',
      'signal',
      workflow({
        id: 'm',
        initial: 'a',
        states: { a: { on: { go: { to: 'b' } } }, b: { after: { '1h': { to: 'c' } } }, c: { do: [signal] } },
      }),
      (world) => {
        go(world)
        world.pass(3_600_000)
      },
    ],
  ])('%s', ([, name, definition, moves]) => {
    const world = new World(definition)
    moves(world)
    expect(failureOf(world)).toEqual(nobody(name))
  })

  test('but not where an operator gave the wait its output: nobody asked this run', () => {
    const world = new World(workflow(asked, answer))
    expect(told(world.send('segno.override', { path: 'asked', output: 1 }))).toEqual([
      'operator.acted asked',
      'step.completed asked',
      'step.completed answer',
      'run.completed',
    ])
  })
})

describe('a reply', () => {
  test.for<readonly [string, readonly object[], object]>([
    [
      'is made once',
      [answer, { ...answer, id: 'second' }],
      { code: 'ALREADY_REPLIED', message: 'the signal m0 that "asked" took has had its reply', retryable: false },
    ],
    [
      'has data that can be evaluated',
      [{ ...answer, emit: { reply: 'asked', data: '${{ input.list[5] }}' } }],
      { code: 'MISSING_VALUE', retryable: false },
    ],
    [
      'has data that can be kept',
      [{ ...answer, emit: { reply: 'asked', data: 'x'.repeat(valueBytesMax) } }],
      { code: 'PAYLOAD_TOO_LARGE', retryable: false },
    ],
  ])('%s', ([, steps, failure]) => {
    const world = new World(workflow(asked, ...steps), { input: { list: [] } })
    go(world)
    expect(failureOf(world)).toMatchObject(failure)
  })

  test('is taken back with what lives beside the journal, as a step that completed', () => {
    const work = { id: 'work', uses: 'h', output: { schema: { type: 'string' } } }
    const undo = { uses: 'h', with: { was: '${{ steps.work.output }}', is: '${{ steps.answer.status }}' } }
    const told = { ...answer, undo }
    const world = new World(workflow(asked, work, told, { id: 'stop', fail: { code: 'STOP', message: 'stop' } }))
    go(world)
    const size = JSON.stringify({ was: large, is: 'completed' }).length
    expect(world.complete('work', large)).toMatchObject([
      { type: 'step.completed', path: 'work' },
      { type: 'signal.replied', path: 'answer', id: 'm0', data: 1 },
      { type: 'step.completed', path: 'answer', undoBlob: { size } },
      { type: 'step.failed', path: 'stop' },
      { type: 'branch.taken' },
      { type: 'attempt.started', path: 'answer.undo' },
    ])
  })

  const inState = (...steps: readonly object[]): Definition =>
    workflow({ id: 'm', initial: 'a', states: { a: { on: { go: { to: 'b' } } }, b: { do: steps } } })

  test.for<readonly [string, Definition, string]>([
    ['a step of that name where there is no machine', workflow({ ...asked, id: 'signal' }, signalled()), 'm0'],
    ['what led to the state, from within a block', inState({ id: 'd', do: [signalled()] }), 'm0'],
    ['a step of the state itself, where it names that', inState({ ...asked, id: 'more' }, signalled('more')), 'm1'],
  ])('answers %s', ([, definition, id]) => {
    const world = new World(definition)
    go(world)
    go(world)
    expect(world.journal.find(({ type }) => type === 'signal.replied')).toMatchObject({ id })
  })
})

function signalled(reply = 'signal'): object {
  return { id: 'answer', emit: { reply } }
}

describe('a journal cannot tell of a reply', () => {
  const definition = workflow(asked, { id: 'tell', emit: { signal: 'x' } }, answer)
  test.for([
    ['to a signal that the step has not taken', 'step.completed tell', 'answer', 'other'],
    ['to a step that has taken none', 'step.started asked', 'answer', 'm0'],
    ['by the run itself', 'signal.received', '', 'm0'],
    ['by a step that tells a signal', 'step.completed asked', 'tell', 'm0'],
    ['by a step that is no `emit`', 'signal.received', 'asked', 'm0'],
  ] as const)('%s', ([, last, path, id]) => {
    const world = new World(definition)
    go(world)
    const { plan, journal } = world
    const state = foldAll(plan, journal.slice(0, told(journal).findIndex((event) => event.startsWith(last)) + 1))
    const event = { seq: state.seq + 1, v: 1, at: 0, runId: 'run', type: 'signal.replied', path, id } as const
    expect(() => evolve(plan, state, event)).toThrow(
      `"${path}" replies to ${id}, which no step that it names has taken`,
    )
  })
})
