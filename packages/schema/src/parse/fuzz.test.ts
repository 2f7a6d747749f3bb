import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDiagnostics } from '../diagnostic/frame.ts'
import { loadWorkflow } from '../load.ts'

const valid = `segno: 1
name: fuzz
imports: { other: ./other.yaml }
input: { list: { type: array, items: { type: string } } }
output: { all: { type: array, value: "\${{ has(steps.loop.output) ? steps.loop.output : [] }}" } }
steps:
  - id: first
    uses: send
    with: { text: "a \${{ has(input.list[0]) ? input.list[0] : 0 }} b", more: 'it''s' }
    retry: { max: 2, delay: 1s }
  - id: loop
    if: size(input.list) > 0
    forEach: { in: input.list, as: name, concurrency: 2 }
    do:
      - id: choose
        match: name
        cases: { a: [], b: [{ id: stop, fail: { code: STOP, message: "no \${{ name }}" } }] }
        default:
          - { id: wait, waitFor: { signal: go, if: data.ok }, timeout: 5m }
    output: \${{ name + "!" }}
  - id: machine
    initial: draft
    states:
      draft:
        do: [{ id: asked, call: other, with: { text: "\${{ state }}" }, undo: { uses: send, with: "\${{ steps.asked.output.n }}" } }]
        on: { go: [{ to: done, if: signal.data.ok }], stop: { to: done } }
        after: { 1h: { to: done } }
      done: {}
finally:
  - id: bye
    assert: "error == null"
    message: |
      Went wrong:
        \${{ error.message }}
`

const pieces = [
  '{',
  '}',
  '[',
  ']',
  ':',
  '- ',
  '\n',
  '\n  ',
  '"',
  "'",
  '|',
  '>',
  '&a ',
  '*a',
  '!t ',
  '#',
  '${{',
  '}}',
  '? ',
  '---\n',
]
const words = [
  '__proto__',
  'constructor',
  'prototype',
  'steps',
  'id: x',
  'do: []',
  'if: ',
  'needs: [x]',
  '1e999',
  '\u0000',
  '\ud800',
]
const noise = fc.oneof(fc.constantFrom(...pieces, ...words), fc.string({ unit: 'binary', maxLength: 5 }))

/** Some places of the valid text cut out, and noise put there. */
const mutated = fc
  .array(fc.tuple(fc.nat(valid.length), fc.nat(12), noise), { minLength: 1, maxLength: 4 })
  .map((edits) => edits.reduce((text, [at, cut, piece]) => text.slice(0, at) + piece + text.slice(at + cut), valid))

const other =
  'segno: 1\nname: other\ninput: { text: { type: string } }\noutput: { n: { type: integer, value: 1 } }\nsteps: [{ id: a, set: {} }]\n'
const host = { file: 'fuzz.yaml', handlers: ['send'], read: () => other }

function survives(text: string): void {
  const { workflow, diagnostics } = loadWorkflow(text, host)
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  expect(workflow === undefined).toBe(errors.length > 0)
  for (const { file, range } of diagnostics) {
    expect(file).toBe('fuzz.yaml')
    expect(range && range.start.offset <= range.end.offset && range.end.offset <= text.length).toBe(true)
  }
  formatDiagnostics(diagnostics, { text })
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(prototypeNames)
}

const prototypeNames = Object.getOwnPropertyNames(Object.prototype).length

test('the text that is mutated is valid', () => {
  expect(loadWorkflow(valid, host).diagnostics).toEqual([])
})

test('no text makes the parser throw or pollutes a prototype', { timeout: 60_000 }, () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), survives), { numRuns: 300 })
  fc.assert(
    fc.property(fc.array(noise, { maxLength: 30 }), (parts) => survives(parts.join(''))),
    { numRuns: 500 },
  )
})

test('no mutation of a valid workflow makes the parser throw or pollutes a prototype', { timeout: 60_000 }, () => {
  fc.assert(fc.property(mutated, survives), { numRuns: 500 })
})
