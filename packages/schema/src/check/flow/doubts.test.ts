import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

type Row = readonly [name: string, text: string, codes: readonly string[]]

describe('beside a mistake of shape', () => {
  test.for<Row>([
    [
      'what is wrong with a type elsewhere is told',
      `
      - { id: a, sleep: ▸5 }
      - { id: b, set: { x: "\${{ input.▸maybe }}" } }
    `,
      ['INVALID_VALUE', 'MAYBE_MISSING'],
    ],
    [
      'what is wrong with a type before it is told',
      `
      - { id: a, set: { x: "\${{ input.▸maybe }}" } }
      - { id: b, set: {}, ▸titel: x }
    `,
      ['MAYBE_MISSING', 'UNKNOWN_KEY'],
    ],
    [
      'what its step gives is not known',
      `
      - { id: a, set: { x: 1 }, ▸titel: x }
      - { id: b, set: { x: "\${{ steps.a.output.y + 'a' }}" } }
    `,
      ['UNKNOWN_KEY'],
    ],
    [
      'whether its step has run is not known',
      `
      - { id: a, ▸iff: input.flag, set: { x: 1 } }
      - { id: b, set: { x: "\${{ steps.a.output.x }}" } }
    `,
      ['UNKNOWN_KEY'],
    ],
    [
      'what its block gives is not known',
      `
      - { id: a, ▸fi: input.flag, do: [{ id: b, set: { x: 1 } }] }
      - { id: c, set: { x: "\${{ steps.a.output.y }}" } }
    `,
      ['UNKNOWN_KEY'],
    ],
    [
      'what an assertion was to prove is proved',
      `
      - { id: a, assert: has(input.maybe), ▸titel: x }
      - { id: b, set: { x: "\${{ input.maybe }}" } }
    `,
      ['UNKNOWN_KEY'],
    ],
    [
      'what follows a step is reached',
      `
      - { id: a, fail: { code: A, message: a }, ▸titel: x }
      - { id: b, set: {} }
    `,
      ['UNKNOWN_KEY'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('beside a name that means nothing', () => {
  test.for<Row>([
    [
      'the type of what it was to give is not told',
      '- { id: a, exec: [ls, "${{ steps.▸no.output }}"] }',
      ['UNKNOWN_STEP'],
    ],
    [
      'the rest of the expression is looked at',
      '- { id: a, set: { x: "${{ [input.▸no, input.▸maybe] }}" } }',
      ['UNKNOWN_INPUT', 'MAYBE_MISSING'],
    ],
    [
      'a condition of it is not taken to be constant',
      `
      - { id: a, if: input.▸no == "x", set: { x: 1 } }
      - { id: b, if: steps.a.status == "skipped", set: {} }
    `,
      ['UNKNOWN_INPUT'],
    ],
    [
      'an expression that cannot be parsed gives anything',
      `
      - { id: a, set: { x: "\${{ 1 + ▸* 2 }}" } }
      - { id: b, set: { x: "\${{ steps.a.output.x.y }}" } }
    `,
      ['EXPRESSION_SYNTAX'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('one mistake is told once', () => {
  test.for<Row>([
    [
      'where a field is read of what was told',
      '- { id: a, set: { x: "${{ input.▸maybe.y.z + 1 }}" } }',
      ['MAYBE_MISSING'],
    ],
    [
      'where a value of it is handed on',
      `
      - { id: a, set: { x: "\${{ input.▸maybe }}" } }
      - { id: b, set: { x: "\${{ steps.a.output.x + 'a' }}" } }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'in a loop with a memory',
      `
      - id: a
        repeat: { max: 3, until: input.flag, initial: { n: 0 } }
        do: [{ id: b, set: { n: "\${{ input.▸maybe }}" } }]
        output: { n: 1 }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'in states that lead to each other',
      `
      - id: m
        initial: one
        states:
          one: { do: [{ id: a, set: { x: "\${{ input.▸maybe }}" } }], next: [{ to: two }] }
          two: { do: [{ id: b, set: { x: "\${{ steps.a.output.x }}" } }], on: { go: { to: one } } }
      - { id: ▸z, set: {} }
    `,
      ['MAYBE_MISSING', 'UNREACHABLE_STEP'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})
