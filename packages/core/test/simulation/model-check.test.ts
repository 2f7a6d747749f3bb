import type { Definition } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { checkModel } from '../../src/testing/model-check.ts'

const limits = { tokens: 4, crashes: 2, lostAnswers: 1 }

const deep = process.env['SEGNO_DEEP'] !== undefined
const wide = { tokens: 3, crashes: 3, lostAnswers: 3 }

const twoSteps: Definition = {
  segno: 1,
  name: 'two-steps',
  steps: [
    { id: 'a', uses: 'work' },
    { id: 'b', uses: 'work' },
  ],
}

// Three workers have ten times as many states: minutes, in a deep run.
test.for([{ workers: 2, limits }, ...(deep ? [{ workers: 3, limits: wide }] : [])])(
  'no order of moves of $workers workers, their store and the network breaks an invariant',
  ({ workers, limits: most }) => {
    const { states, depth, violation } = checkModel({ definition: twoSteps, workers, limits: most })

    process.stdout.write(`${states} states, ${depth} moves deep\n`)
    expect(violation).toBeUndefined()
    expect(states).toBeGreaterThan(5000)
  },
)

test('without the fence the model finds a writer that is not the holder', () => {
  const { violation, depth } = checkModel({ definition: twoSteps, workers: 2, limits, without: 'fence' })

  expect(violation?.invariant).toBe('only the holder of the lease writes')
  expect(depth).toBe(4)
})

test('without batch ids the model finds a holder that its own batch is held against', () => {
  const { violation, depth } = checkModel({ definition: twoSteps, workers: 2, limits, without: 'batchId' })

  expect(violation?.invariant).toBe('the holder is never in conflict with itself')
  expect(depth).toBe(5)
})
