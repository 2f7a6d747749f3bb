import type { Definition } from '@segno/schema'
import { expect, test } from 'vitest'
import { signalNames } from './signal-names.ts'

const wait = { id: 'wait', waitFor: { signal: 'approved' } }

function workflow(steps: readonly object[]): Definition {
  return { segno: 1, name: 'it', steps } as Definition
}

test('the signals of a workflow are those of its waits, however deep they stand', () => {
  const definition = workflow([
    { id: 'a', if: 'true', do: [wait] },
    { id: 'b', waitFor: { signal: 'paid' } },
  ])
  expect(signalNames(definition)).toEqual(new Set(['approved', 'paid']))
})

test('what a state machine moves on is among them, and the codes of a retry are not', () => {
  const states = { open: { on: { close: { to: 'closed' } } }, closed: {} }
  const retried = { id: 'b', uses: 'x', retry: { max: 1, on: ['TIMEOUT'] } }
  expect(signalNames(workflow([{ id: 'a', initial: 'open', states }, retried]))).toEqual(new Set(['close']))
})

test('those of a called workflow are among them, and those of one that is started are not', () => {
  const steps = [
    { id: 'a', call: 'called' },
    { id: 'b', start: 'started' },
  ]
  const imports = { called: workflow([wait]), started: workflow([{ id: 'b', waitFor: { signal: 'paid' } }]) }
  const on = { schedule: [{ cron: '0 6 * * *' }] }
  expect(signalNames({ ...workflow(steps), imports, on })).toEqual(new Set(['approved']))
})

test('where one of the names is computed, nobody can tell', () => {
  expect(signalNames(workflow([wait, { id: 'b', waitFor: { signal: 'for-${{ input.x }}' } }]))).toBeUndefined()
})
