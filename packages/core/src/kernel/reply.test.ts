import type { Fixture } from '@segno/schema'
import { checkDefinition, parseDefinition } from '@segno/schema'
import type { Definition, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { runFixture } from '../testing/fixture-run.ts'

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

// What is never checked, such as a definition that a program hands to the kernel, fails in the run.
describe('a reply to nobody', () => {
  test.for<[string, Definition]>([
    [
      'to a wait that took nothing',
      workflow({ ...asked, onFailure: 'continue' }, { id: 'b', emit: { reply: 'asked' } }),
    ],
    [
      'in a state that no signal led to',
      workflow({ id: 'm', initial: 'a', states: { a: { do: [{ id: 'c', emit: { reply: 'signal' } }] } } }),
    ],
  ])('%s fails with NOTHING_TO_REPLY', ([title, definition]) => {
    const { status, failure } = runFixture({ title, definition, expect: { events: [], status: 'failed' } } as Fixture)

    expect({ status, code: failure?.code }).toEqual({ status: 'failed', code: 'NOTHING_TO_REPLY' })
  })
})
