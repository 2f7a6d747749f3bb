import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { checked } from './checked.ts'
import type { JsonObject } from '@segno/schema/plan'

const echo = { name: 'echo', input: {} }

function codesOf(definition: JsonObject): string[] {
  return checked({ segno: 1, name: 'found', ...definition }, [echo], true).errors.map(
    ({ code, pointer }) => `${code} ${pointer}`,
  )
}

// Each was refused once, and is right.
describe('what was refused without a mistake is accepted:', () => {
  test('a loop with a memory in another state, read where its status is "completed"', () => {
    const loop = {
      id: 'loop',
      repeat: { max: 3, until: 'iteration > 1', initial: { sum: 1 } },
      do: [],
      output: { sum: '${{ previous.sum }}' },
    }
    const read = { id: 'read', set: { sum: '${{ steps.loop.status == "completed" ? steps.loop.output.sum : 2 }}' } }
    const states = { open: { do: [loop], next: [{ to: 'closed' }] }, closed: { do: [read] } }
    assert.deepEqual(codesOf({ steps: [{ id: 'machine', initial: 'open', states }] }), [])
  })

  test('a step in another state, after a condition on what a third one gives', () => {
    const ask = { id: 'question', ask: { title: 'Well?', choices: ['yes', 'no'] }, timeout: '1h' }
    const group = {
      id: 'group',
      do: [
        { id: 'proven', assert: 'has(steps.question.output.by)' },
        { id: 'sum', set: { sum: 1 } },
      ],
    }
    const read = { id: 'read', set: { sum: '${{ steps.group.status == "completed" ? steps.group.output.sum : 2 }}' } }
    const states = {
      open: { do: [ask], on: { on: { to: 'busy' }, off: { to: 'closed' } } },
      busy: { do: [group], next: [{ to: 'closed' }] },
      closed: { do: [read] },
    }
    assert.deepEqual(codesOf({ steps: [{ id: 'machine', initial: 'open', states }] }), [])
  })

  test('a sibling that is needed, where the others go on after a failure', () => {
    const parallel = [
      { id: 'first', uses: 'echo' },
      { id: 'second', needs: ['first'], set: { at: '${{ steps.first.startedAt }}' } },
    ]
    assert.deepEqual(codesOf({ steps: [{ id: 'both', parallel, failFast: false }] }), [])
  })
})

// Each was accepted once, and can fail.
describe('what was accepted with a mistake is refused:', () => {
  test('an output, behind an input that no value fits', () => {
    const input = { verdict: { type: 'object', enum: ['green'] } }
    const output = { extra: { type: 'object', value: 0 } }
    const steps = [{ id: 'ask', set: {}, if: 'input.verdict in ["red", "green"]' }]
    assert.deepEqual(codesOf({ input, output, steps }), [
      'IMPOSSIBLE_SCHEMA /input/verdict/enum',
      'TYPE_MISMATCH /output/extra/value',
    ])
  })

  test('a field of a signal whose data nobody knows', () => {
    const steps = [
      { id: 'signal', waitFor: { signal: 'told' }, timeout: '1h' },
      { id: 'read', set: { name: '${{ steps.signal.output.name }}' } },
    ]
    assert.deepEqual(codesOf({ steps }), ['UNTYPED_VALUE /steps/1/set/name'])
  })

  test('an `undo` that reads what a step gave that may have been given up', () => {
    const undo = { uses: 'echo', with: '${{ steps.work.output }}' }
    const output = { schema: { type: 'string' } }
    const steps = [{ id: 'work', uses: 'echo', output, undo }]
    assert.deepEqual(codesOf({ steps }), ['STEP_MAY_NOT_HAVE_RUN /steps/0/undo/with'])
  })

  test('an `undo` that reads what a block gave that a `return` may have ended', () => {
    const undo = { uses: 'echo', with: '${{ steps.group.output }}' }
    const steps = [{ id: 'group', do: [{ id: 'end', if: 'input.flag', return: {} }], output: 1, undo }]
    assert.deepEqual(codesOf({ input: { flag: { type: 'boolean' } }, steps }), ['MAYBE_MISSING /steps/0/undo/with'])
  })

  test.for([
    ...['string(steps.signal.output)', 'size(steps.signal.output)', 'steps.signal.output / 2'],
    ...['steps.signal.output < 1', 'steps.signal.output ? 1 : 2', 'steps.signal.output.map(x, 1)'],
  ])('%s, where the data of the signal may be anything', (text) => {
    const steps = [
      { id: 'signal', waitFor: { signal: 'told' }, timeout: '1h' },
      { id: 'read', set: { value: `\${{ ${text} }}` } },
    ]
    assert.deepEqual(codesOf({ steps }), ['UNTYPED_VALUE /steps/1/set/value'])
  })
})
