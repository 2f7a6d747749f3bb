import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

type Row = readonly [name: string, text: string, codes: readonly string[]]

describe('a handler with a contract', () => {
  test.for<Row>([
    ['takes what fits', '- { id: a, uses: pay, with: { amount: "${{ input.number }}", to: "${{ input.text }}" } }', []],
    ['takes no text for a number', '- { id: a, uses: pay, with: { amount: ▸many, to: a } }', ['TYPE_MISMATCH']],
    [
      'takes no text of an expression for a number',
      '- { id: a, uses: pay, with: { amount: "${{ ▸input.text }}", to: a } }',
      ['TYPE_MISMATCH'],
    ],
    [
      'takes no number for an integer',
      '- { id: a, uses: pay, with: { amount: "${{ ▸input.number / 2 }}", to: a } }',
      ['TYPE_MISMATCH'],
    ],
    [
      'takes an integer of a division',
      '- { id: a, uses: pay, with: { amount: "${{ int(input.number / 2) }}", to: a } }',
      [],
    ],
    [
      'takes nothing that may be null',
      '- { id: a, uses: pay, with: { amount: 1, to: "${{ ▸input.nullable }}" } }',
      ['TYPE_MISMATCH'],
    ],
    [
      'takes what was asked for',
      '- { id: a, if: input.nullable != null, uses: pay, with: { amount: 1, to: "${{ input.nullable }}" } }',
      [],
    ],
    [
      'takes a text with a value in it',
      '- { id: a, uses: pay, with: { amount: 1, to: "to ${{ input.number }}" } }',
      [],
    ],
    [
      'takes no text with a list in it',
      '- { id: a, uses: pay, with: { amount: 1, to: "to ${{ ▸input.list }}" } }',
      ['TYPE_MISMATCH'],
    ],
    ['needs what it requires', '- { id: a, uses: pay, ▸with: { amount: 1 } }', ['MISSING_INPUT']],
    ['needs it where nothing is given too', '- { id: a, ▸uses: pay }', ['MISSING_INPUT']],
    ['takes nothing else', '- { id: a, uses: pay, with: { amount: 1, to: a, ▸nota: b } }', ['UNKNOWN_INPUT']],
    [
      'is told of a name that is misspelt once',
      '- { id: a, uses: pay, with: { ▸amuont: 1, to: a } }',
      ['UNKNOWN_INPUT'],
    ],
    [
      'takes all from a map of an expression',
      "- { id: a, uses: pay, with: \"${{ {'amount': input.number, 'to': input.text} }}\" }",
      [],
    ],
    [
      'takes what is not known',
      '- { id: a, uses: pay, with: { amount: "${{ input.any }}", to: "${{ input.any.x }}" } }',
      [],
    ],
    [
      'gives what it says',
      `
      - { id: a, uses: pay, with: { amount: 1, to: a } }
      - { id: b, set: { x: "\${{ [steps.a.output.id, steps.a.output.▸reason, steps.a.output.▸ids] }}" } }
    `,
      ['MAYBE_MISSING', 'UNKNOWN_FIELD'],
    ],
    [
      'gives what the step says of it too',
      `
      - { id: a, uses: pay, with: { amount: 1, to: a }, output: { schema: { type: object, required: [reason] } } }
      - { id: b, set: { x: "\${{ [steps.a.output.id, steps.a.output.reason] }}" } }
    `,
      [],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))

  test('of which nothing is known takes and gives anything', () => {
    expectTold(
      `
      - { id: a, uses: work, with: { any: "\${{ input.list }}" } }
      - { id: b, set: { x: "\${{ steps.a.output.y.z + 1 }}" } }
    `,
      [],
    )
  })
})

describe('another workflow', () => {
  test.for<Row>([
    [
      'is called with what fits',
      '- { id: a, call: child, with: { text: "${{ input.text }}", count: "${{ input.number }}" } }',
      [],
    ],
    [
      'is called with nothing else',
      '- { id: a, call: child, with: { text: "${{ ▸input.number }}" } }',
      ['TYPE_MISMATCH'],
    ],
    [
      'is called without what it needs',
      '- { id: a, call: ▸child, with: { count: 1 } }'.replace('▸child, with', 'child, ▸with'),
      ['MISSING_INPUT'],
    ],
    ['is started with what fits', '- { id: a, start: child, with: { text: a } }', []],
    [
      'is started with nothing else',
      '- { id: a, start: child, with: { text: "${{ ▸input.list }}" } }',
      ['TYPE_MISMATCH'],
    ],
    [
      'gives its outputs',
      `
      - { id: a, call: child, with: { text: a } }
      - { id: b, set: { x: "\${{ steps.a.output.size + 1 }}", y: "\${{ ▸steps.a.output.label + 'a' }}" } }
    `,
      ['MAYBE_NULL'],
    ],
    [
      'gives its outputs where it is waited for',
      `
      - { id: a, start: child, with: { text: a } }
      - { id: b, set: { x: "\${{ steps.a.output.size + 1 }}", y: "\${{ steps.a.output.▸runId }}" } }
    `,
      ['UNKNOWN_FIELD'],
    ],
    [
      'gives the id of its run where it is not',
      `
      - { id: a, start: child, wait: false, with: { text: a } }
      - { id: b, set: { x: "\${{ steps.a.output.runId + 'a' }}", y: "\${{ steps.a.output.▸size }}" } }
    `,
      ['UNKNOWN_FIELD'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('the workflow itself', () => {
  const gives = (type: string, value: string): string =>
    `steps: [{ id: a, set: { x: 1, y: text } }]\noutput: { out: { ${type}, value: ${value} } }`

  test.for<Row>([
    ['gives what fits', gives('type: integer', '"${{ steps.a.output.x }}"'), []],
    ['gives nothing else', gives('type: integer', '"${{ ▸steps.a.output.y }}"'), ['TYPE_MISMATCH']],
    ['gives one of its values', gives('enum: [a, b]', '"${{ ▸input.kind }}"'), ['TYPE_MISMATCH']],
    ['gives what is written out', gives('type: integer', '▸text'), ['TYPE_MISMATCH']],
    ['gives nothing that may be missing', gives('type: string', '"${{ input.▸maybe }}"'), ['MAYBE_MISSING']],
    [
      'returns what fits',
      `
      steps: [{ id: a, return: { out: "\${{ input.number }}" } }]
      output: { out: { type: integer } }
    `,
      [],
    ],
    [
      'returns nothing else',
      `
      steps: [{ id: a, return: { out: "\${{ ▸input.text }}" } }]
      output: { out: { type: integer } }
    `,
      ['TYPE_MISMATCH'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('what comes from outside', () => {
  test.for<Row>([
    [
      'a form has the fields that it asks for',
      `
      - id: a
        ask: { title: Who?, form: { name: { type: string }, age: { type: integer, optional: true } } }
        timeout: 1h
      - { id: b, set: { x: "\${{ steps.a.output.form.name + 'a' }}", y: "\${{ steps.a.output.form.▸age }}" } }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'a choice is one of those',
      `
      - { id: a, ask: { title: Fine?, choices: [yes, no] }, timeout: 1h }
      - { id: b, assert: steps.a.output.choice == ▸"maybe" }
    `,
      ['IMPOSSIBLE_COMPARISON'],
    ],
    [
      'a signal has data of its schema',
      `
      - { id: a, waitFor: { signal: s, schema: { type: object, properties: { n: { type: integer } }, required: [n] } }, timeout: 1h }
      - { id: b, set: { x: "\${{ steps.a.output.n + 1 }}", y: "\${{ steps.a.output.▸m }}" } }
    `,
      ['UNKNOWN_FIELD'],
    ],
    [
      'a signal without a schema has any data',
      `
      - { id: a, waitFor: { signal: s }, timeout: 1h }
      - { id: b, set: { x: "\${{ steps.a.output.n + 1 }}" } }
    `,
      [],
    ],
    [
      'a process gives text',
      `
      - { id: a, exec: [ls], output: { from: stdout } }
      - { id: b, set: { x: "\${{ ▸steps.a.output + 1 }}", y: "\${{ steps.a.exitCode + 1 }}" } }
    `,
      ['WRONG_OPERAND'],
    ],
    [
      'a process gives lines',
      `
      - { id: a, exec: [ls], output: { from: lines } }
      - { id: b, set: { x: "\${{ steps.a.output.map(line, line + '!') }}" } }
    `,
      [],
    ],
    [
      'a process gives JSON of a schema',
      `
      - { id: a, exec: [ls], output: { from: json, schema: { type: object, properties: { n: { type: integer } }, required: [n] } } }
      - { id: b, set: { x: "\${{ steps.a.output.n + 1 }}", y: "\${{ steps.a.output.▸m }}" } }
    `,
      ['UNKNOWN_FIELD'],
    ],
    [
      'an answer of a server has a status',
      `
      - { id: a, http: { url: https://example.com } }
      - { id: b, set: { x: "\${{ steps.a.output.status + 1 }}", y: "\${{ steps.a.output.body.any }}" } }
    `,
      [],
    ],
    ['an argument is no list', '- { id: a, exec: [ls, "${{ ▸input.list }}"] }', ['TYPE_MISMATCH']],
    ['a variable is no list', '- { id: a, exec: [ls], env: { A: "${{ ▸input.list }}" } }', ['TYPE_MISMATCH']],
    ['a time limit is text', '- { id: a, uses: work, timeout: "${{ ▸input.number }}" }', ['TYPE_MISMATCH']],
    ['a loop goes over a list', '- { id: a, forEach: { in: ▸input.text }, do: [] }', ['TYPE_MISMATCH']],
    [
      'a loop has a number as its limit',
      '- { id: a, repeat: { max: "${{ ▸input.text }}", until: input.flag }, do: [] }',
      ['TYPE_MISMATCH'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('where nothing may be left open', () => {
  test.for<Row>([
    ['a field of what is not known is told', '- { id: a, set: { x: "${{ input.any.▸x }}" } }', ['UNTYPED_VALUE']],
    [
      'what is not known may be handed on to what takes anything',
      '- { id: a, uses: work, with: { x: "${{ input.any }}" } }',
      [],
    ],
    ['what is known is fine', '- { id: a, set: { x: "${{ input.person.name }}" } }', []],
  ])('%s', ([, text, codes]) => expectTold(text, codes, { typed: true }))
})
