import { expect, test } from 'vitest'
import { loadWorkflow } from '../load.ts'

test('a duration of an undo is written out', () => {
  const { diagnostics } = loadWorkflow(`segno: 1
name: a
input: { wait: { type: string } }
steps:
  - id: pay
    uses: pay
    undo: { uses: refund, timeout: "\${{ input.wait }}", retry: { max: 1, delay: "\${{ input.wait }}", maxDelay: 1h } }
`)
  expect(diagnostics.map(({ code, pointer }) => [code, pointer])).toEqual([
    ['INVALID_VALUE', '/steps/0/undo/timeout'],
    ['INVALID_VALUE', '/steps/0/undo/retry/delay'],
  ])
})
