import { describe, expect, test } from 'vitest'
import { loadWorkflow } from '../load.ts'
import { applyEdits } from './apply-edits.ts'

const head = 'segno: 1\nname: test\n'

/** The fixes of a code, each with what becomes of the text and whether it may be applied unasked. */
function fixes(text: string, code: string): readonly (readonly [after: string, isSafe: boolean])[] {
  const { diagnostics } = loadWorkflow(head + text, {
    file: 'main.yaml',
    read: () => `${head}steps: [{ id: s, set: {} }]\n`,
  })
  const found = diagnostics.find((diagnostic) => diagnostic.code === code)
  return (found?.fixes ?? []).map(({ edits, isSafe }) => [applyEdits(head + text, edits).replace(head, ''), isSafe])
}

describe('a mistake that can be put right only one way has a safe fix:', () => {
  test.for<[string, string, string, string]>([
    ['a key', 'UNKNOWN_KEY', 'steps: [{ id: a, "titel": b, set: {} }]', 'steps: [{ id: a, "title": b, set: {} }]'],
    [
      'an import',
      'UNUSED_IMPORT',
      'imports:\n  a: a.yaml # one\n  b: b.yaml\nsteps: [{ id: s, call: b }]',
      'imports:\n  b: b.yaml\nsteps: [{ id: s, call: b }]',
    ],
    [
      'the only import',
      'UNUSED_IMPORT',
      'imports: { a: a.yaml }\nsteps: [{ id: s, set: {} }]',
      'steps: [{ id: s, set: {} }]',
    ],
    ['a secret', 'UNUSED_SECRET', 'secrets: [A]\nsteps: [{ id: s, set: {} }]', 'steps: [{ id: s, set: {} }]'],
    [
      'a secret that is not declared',
      'UNKNOWN_SECRET',
      'steps: [{ id: a, run: x, env: { A: "${{ secrets.A }}" } }]',
      'secrets: [A]\nsteps: [{ id: a, run: x, env: { A: "${{ secrets.A }}" } }]',
    ],
    [
      'a step to wait for',
      'STEP_OUT_OF_SCOPE',
      'steps:\n  - id: p\n    parallel:\n      - { id: a, set: { x: 1 } }\n      - id: b\n        set: { x: "${{ steps.a.output.x }}" }',
      'steps:\n  - id: p\n    parallel:\n      - { id: a, set: { x: 1 } }\n      - id: b\n        needs: [a]\n        set: { x: "${{ steps.a.output.x }}" }',
    ],
    [
      'one more step to wait for',
      'STEP_OUT_OF_SCOPE',
      'steps: [{ id: p, parallel: [{ id: a, set: {} }, { id: c, set: {} }, { id: b, needs: [c], set: { x: "${{ steps.a.output }}" } }] }]',
      'steps: [{ id: p, parallel: [{ id: a, set: {} }, { id: c, set: {} }, { id: b, needs: [c, a], set: { x: "${{ steps.a.output }}" } }] }]',
    ],
    [
      'needs',
      'MISPLACED_NEEDS',
      'steps: [{ id: a, set: {} }, { id: b, needs: [a], set: {} }]',
      'steps: [{ id: a, set: {} }, { id: b, set: {} }]',
    ],
    [
      'an output',
      'OUTPUT_NOT_DECLARED',
      'steps: [{ id: a, exec: [x] }, { id: b, set: { x: "${{ steps.a.output }}" } }]',
      'steps: [{ id: a, exec: [x], output: { from: stdout } }, { id: b, set: { x: "${{ steps.a.output }}" } }]',
    ],
    [
      'a boolean in quotes',
      'INVALID_VALUE',
      'steps: [{ id: a, forEach: { in: [], concurrency: 2, collect: "true" }, do: [] }]',
      'steps: [{ id: a, forEach: { in: [], concurrency: 2, collect: true }, do: [] }]',
    ],
    [
      'text without quotes',
      'INVALID_VALUE',
      'version: 1.0\nsteps: [{ id: s, set: {} }]',
      'version: "1.0"\nsteps: [{ id: s, set: {} }]',
    ],
    [
      'a key that is a number',
      'KEY_NOT_TEXT',
      'steps: [{ id: a, set: { 1: 2 } }]',
      'steps: [{ id: a, set: { "1": 2 } }]',
    ],
    [
      'an output of a return',
      'RETURN_OUTPUTS',
      'output: { verdict: { type: string } }\nsteps: [{ id: a, return: { verdct: x } }]',
      'output: { verdict: { type: string } }\nsteps: [{ id: a, return: { verdict: x } }]',
    ],
  ])('%s', ([, code, text, expected]) => {
    expect(fixes(text, code)[0]).toEqual([expected, true])
  })
})

test('where two names are as near, both are told, and none is sure', () => {
  const text =
    'input: { left: { type: string }, lift: { type: string } }\nsteps: [{ id: a, set: { x: "${{ input.lxft }}" } }]'
  expect(fixes(text, 'UNKNOWN_INPUT')).toEqual([
    [text.replace('lxft', 'left'), false],
    [text.replace('lxft', 'lift'), false],
  ])
  const { diagnostics } = loadWorkflow(head + text)
  expect(diagnostics[0]?.hint).toBe('did you mean "left" or "lift"?')
})

test('needs is not removed for sure where a step that comes later was meant to be first', () => {
  const text = 'steps: [{ id: a, needs: [b], set: {} }, { id: b, set: {} }]'
  expect(fixes(text, 'MISPLACED_NEEDS')).toEqual([['steps: [{ id: a, set: {} }, { id: b, set: {} }]', false]])
})

test('no fix makes steps wait for each other in a circle', () => {
  const text =
    'steps: [{ id: p, parallel: [{ id: a, needs: [b], set: {} }, { id: b, set: { x: "${{ steps.a.output }}" } }] }]'
  expect(fixes(text, 'STEP_OUT_OF_SCOPE')).toEqual([])
})

test('a name that is written with an escape is replaced as it stands in the file', () => {
  const text = 'steps:\n  - id: build\n    set: {}\n  - id: b\n    set: { x: "${{ steps.bu\\u0069dl.output }}" }'
  expect(fixes(text, 'UNKNOWN_STEP')).toEqual([[text.replace('bu\\u0069dl', 'build'), true]])
})
