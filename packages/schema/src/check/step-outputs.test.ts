import { describe, expect, test } from 'vitest'
import { loadDefinition } from '../load.ts'

/** What is said of an expression that reads a step. */
function told(step: object, name: string): string[] {
  const steps = [
    { id: 's', ...step },
    { id: 'r', set: { x: `\${{ ${name} }}` } },
  ]
  const { diagnostics } = loadDefinition({ segno: 1, name: 'test', steps })
  return diagnostics.map(({ code, message, hint }) => `${code}: ${message}${hint === undefined ? '' : `; ${hint}`}`)
}

const question = { ask: { title: 'Fine?', choices: ['yes', 'no'] }, timeout: '1h' }
const form = { ask: { title: 'Which?', form: { name: { type: 'string' } } }, timeout: '1h' }
const request = { http: { url: 'https://example.com' } }
const watch = { watch: { glob: '*' }, timeout: '1h' }

describe('the output of', () => {
  test.for<[string, object, readonly string[]]>([
    ['a request', request, ['status', 'headers', 'body', 'body.deep.er']],
    ['a question', question, ['choice', 'at']],
    ['a form', form, ['form', 'form.name']],
    ['a watch', watch, ['files', 'files[0]']],
    ['a handler', { uses: 'h' }, ['whatever.it.gives']],
    ['a signal', { waitFor: { signal: 's' }, timeout: '1h' }, ['whatever']],
  ])('%s has known fields', ([, step, fields]) => {
    expect(fields.flatMap((field) => told(step, `steps.s.output.${field}`))).toEqual([])
    expect(told(step, 'steps.s.output')).toEqual([])
  })

  test.for<[string, object, string]>([
    ['who answered a question', question, 'by'],
    ['what was said of an answer', question, 'comment'],
    ['a file', watch, 'files[1]'],
  ])('%s may be missing from it', ([, step, field]) => {
    const name = `steps.s.output.${field}`
    expect(told(step, name)).toEqual([`MAYBE_MISSING: ${name} may be missing; guard it: has(${name}) ? ${name} : …`])
    expect(told(step, `has(${name}) ? ${name} : "nobody"`)).toEqual([])
  })

  test.for<[string, object, string, string]>([
    [
      'a request',
      request,
      'code',
      'UNKNOWN_FIELD: steps.s.output has no field "code"; the fields are status, headers, body',
    ],
    ['a request', request, 'staus', 'UNKNOWN_FIELD: steps.s.output has no field "staus"; did you mean "status"?'],
    [
      'a question',
      question,
      'answer',
      'UNKNOWN_FIELD: steps.s.output has no field "answer"; the fields are choice, by, at, comment',
    ],
    ['a form', form, 'form.nmae', 'UNKNOWN_FIELD: steps.s.output.form has no field "nmae"; did you mean "name"?'],
    ['a watch', watch, 'file', 'UNKNOWN_FIELD: steps.s.output has no field "file"; did you mean "files"?'],
  ])('%s has no others', ([, step, field, expected]) => {
    expect(told(step, `steps.s.output.${field}`)).toEqual([expected])
  })
})

describe('a step that gives nothing', () => {
  test.for<[string, object]>([
    ['sleep', { sleep: '1s' }],
    ['sleepUntil', { sleepUntil: '2026-01-31T06:00:00Z' }],
    ['emit', { emit: { signal: 's' } }],
    ['assert', { assert: true }],
  ])('has no output to be read: %s', ([verb, step]) => {
    expect(told(step, 'steps.s.output')).toEqual([`OUTPUT_NOT_DECLARED: "s" gives no output: "${verb}" has none`])
    expect(told(step, 'steps.s.output.x')).toHaveLength(1)
    expect(told(step, 'steps.s.status')).toEqual([])
  })

  test('may be read where the expression looks first, which is a warning', () => {
    const steps = [
      { id: 's', sleep: '1s' },
      { id: 'r', set: { x: '${{ has(steps.s.output) ? steps.s.output : 1 }}', y: '${{ steps.s.output }}' } },
    ]
    const { diagnostics } = loadDefinition({ segno: 1, name: 'test', steps })
    expect(diagnostics.map(({ severity, pointer }) => `${severity} ${pointer}`)).toEqual([
      'warning /steps/1/set/x',
      'warning /steps/1/set/x',
      'error /steps/1/set/y',
    ])
  })

  test('has no exit code either, which processes have', () => {
    expect(told(request, 'steps.s.exitCode')).toHaveLength(1)
    expect(told({ exec: ['x'] }, 'steps.s.exitCode')).toEqual([])
  })
})
