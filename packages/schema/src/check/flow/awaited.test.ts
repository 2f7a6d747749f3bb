import { expect, test } from 'vitest'
import type { Definition } from '../../definition.ts'
import type { Json } from '../../json.ts'
import { checkDefinition } from '../check.ts'

const told = (wait: Json, data: Json): string[] => {
  const worker = { segno: 1, name: 'worker', steps: [{ id: 'go', timeout: '1h', ...(wait as object) }] }
  const definition = {
    segno: 1,
    name: 'boss',
    imports: { worker },
    steps: [
      { id: 'worker', start: 'worker', wait: false },
      { id: 'go', emit: { signal: 'go', to: '${{ steps.worker.output.runId }}', data } },
    ],
  }
  return checkDefinition(definition as unknown as Definition).map(({ code, pointer }) => `${code} ${pointer}`)
}

const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } }

test('data that a started run waits for fit its schema', () => {
  expect(told({ waitFor: { signal: 'go', schema } }, { n: 1 })).toEqual([])
  expect(told({ waitFor: { signal: 'go', schema } }, { n: 'one' })).toEqual(['TYPE_MISMATCH /steps/1/emit/data/n'])
  expect(told({ waitFor: { signal: 'go', schema } }, {})).toEqual(['MISSING_INPUT /steps/1/emit/data'])
})

test('so do data that a machine of a started run takes', () => {
  const machine = { states: { open: { on: { go: { to: 'done', schema } } }, done: {} }, initial: 'open' }
  expect(told(machine, { n: '${{ run.id }}' })).toEqual(['TYPE_MISMATCH /steps/1/emit/data/n'])
})

test('where a wait takes anything, any data do', () => {
  expect(told({ waitFor: { signal: 'go' } }, 'anything')).toEqual([])
  expect(told({ waitFor: { signal: '${{ run.id }}', schema } }, 'anything')).toEqual([])
})
