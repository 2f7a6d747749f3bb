import { expect, test } from 'vitest'
import { loadWorkflow } from '../load.ts'

const text = `segno: 1
name: a
input:
  rounds: { type: integer, minimum: 1, default: 0 }
  mode: { enum: [fast, slow], default: fast }
steps:
  - id: review
    ask:
      title: Go on?
      form: { note: { type: string, default: 3 } }
    timeout: 1d
`

test('a default that does not fit its own schema is told where it stands', () => {
  const { diagnostics } = loadWorkflow(text)
  expect(diagnostics.map(({ code, range, pointer }) => [code, range?.start.line, pointer])).toEqual([
    ['TYPE_MISMATCH', 4, '/input/rounds/default'],
    ['TYPE_MISMATCH', 10, '/steps/0/ask/form/note/default'],
  ])
})
