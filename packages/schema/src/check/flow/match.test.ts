import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

type Row = readonly [name: string, text: string, codes: readonly string[]]

describe('a `match`', () => {
  test.for<Row>([
    ['has a case for each value of an enum', '- { id: a, match: input.kind, cases: { a: [], b: [], c: [] } }', []],
    ['lacks one', '- { id: a, match: ▸input.kind, cases: { a: [], b: [] } }', ['MATCH_NOT_EXHAUSTIVE']],
    ['has a default for the others', '- { id: a, match: input.kind, cases: { a: [] }, default: [] }', []],
    ['has a case for each boolean', '- { id: a, match: input.flag, cases: { true: [], false: [] } }', []],
    ['lacks a boolean', '- { id: a, match: ▸input.flag, cases: { true: [] } }', ['MATCH_NOT_EXHAUSTIVE']],
    ['has a case for each tag', '- { id: a, match: input.shape.is, cases: { circle: [], square: [] } }', []],
    ['lacks a tag', '- { id: a, match: ▸input.shape.is, cases: { circle: [] } }', ['MATCH_NOT_EXHAUSTIVE']],
    ['of any text needs a default', '- { id: a, match: ▸input.text, cases: { a: [] } }', ['MATCH_NOT_EXHAUSTIVE']],
    ['of any number needs a default', '- { id: a, match: ▸input.number, cases: { 1: [] } }', ['MATCH_NOT_EXHAUSTIVE']],
    [
      'of what may be null needs a case for it',
      `
      - { id: a, match: "▸input.nullable == null ? null : 'x'", cases: { x: [] } }
      - { id: b, match: "input.nullable == null ? null : 'x'", cases: { x: [], 'null': [] } }
    `.replace('"▸', '▸"'),
      ['MATCH_NOT_EXHAUSTIVE'],
    ],
    ['of what is not known is not looked at', '- { id: a, match: input.any, cases: { a: [] } }', []],
    [
      'has a case that cannot be',
      '- { id: a, match: input.kind, cases: { a: [], b: [], c: [], ▸d: [] } }',
      ['IMPOSSIBLE_COMPARISON'],
    ],
    [
      'has a case that was ruled out before',
      `
      - { id: a, if: input.kind == "a", fail: { code: A, message: a } }
      - { id: b, match: input.kind, cases: { ▸a: [], b: [], c: [] } }
    `,
      ['IMPOSSIBLE_COMPARISON'],
    ],
    [
      'needs no case that was ruled out before',
      `
      - { id: a, if: input.kind == "a", fail: { code: A, message: a } }
      - { id: b, match: input.kind, cases: { b: [], c: [] } }
    `,
      [],
    ],
    ['is of text, a number or a boolean', '- { id: a, match: ▸input.list, cases: {}, default: [] }', ['TYPE_MISMATCH']],
    [
      'is of the answer to a question',
      `
      - { id: a, ask: { title: Fine?, choices: [yes, no] }, timeout: 1h }
      - { id: b, match: ▸steps.a.output.choice, cases: { 'yes': [] } }
    `,
      ['MATCH_NOT_EXHAUSTIVE'],
    ],
    [
      'is of what a handler says that it gives',
      `
      - { id: a, uses: pay, with: { amount: 1, to: b } }
      - { id: b, match: ▸steps.a.output.state, cases: { paid: [] } }
    `,
      ['MATCH_NOT_EXHAUSTIVE'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('a case', () => {
  test.for<Row>([
    [
      'proves the variant of its tag',
      `
      - id: a
        match: input.shape.is
        cases:
          circle: [{ id: b, set: { x: "\${{ input.shape.radius }}" } }]
          square: [{ id: c, set: { x: "\${{ input.shape.▸radius }}" } }]
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'proves the value',
      `
      - id: a
        match: input.kind
        cases:
          a: [{ id: b, if: ▸input.kind == "a", set: {} }]
        default:
          - { id: c, set: { x: "\${{ ▸input.kind == 'a' ? 1 : 2 }}" } }
    `,
      ['CONSTANT_CONDITION', 'CONSTANT_CONDITION'],
    ],
    [
      'that ends rules its value out afterwards',
      `
      - id: a
        match: input.shape.is
        cases: { circle: [{ id: b, fail: { code: A, message: a } }], square: [] }
      - { id: c, set: { x: "\${{ input.shape.side }}" } }
    `,
      [],
    ],
    [
      'that is lacking is not taken for one that never is',
      `
      - { id: a, match: ▸input.kind, cases: { a: [] } }
      - { id: b, if: input.kind == "b", set: {} }
    `,
      ['MATCH_NOT_EXHAUSTIVE'],
    ],
    [
      'that cannot be is looked at all the same',
      `
      - id: a
        match: input.kind
        cases: { ▸d: [{ id: b, set: { x: "\${{ input.▸maybe }}" } }] }
        default: []
    `,
      ['IMPOSSIBLE_COMPARISON', 'MAYBE_MISSING'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('a block without an `output` gives what its last step does', () => {
  test.for<Row>([
    [
      'of the branch taken',
      `
      - { id: a, if: input.flag, do: [{ id: b, set: { x: 1 } }], else: [{ id: c, set: { x: text } }] }
      - { id: d, set: { x: "\${{ steps.a.output.x == ▸true }}" } }
    `,
      ['IMPOSSIBLE_COMPARISON'],
    ],
    [
      'where there is a branch for each value',
      `
      - { id: a, match: input.kind, cases: { a: [{ id: b, set: { x: 1 } }], b: [{ id: c, set: { x: 2 } }] }, default: [{ id: d, set: { x: 3 } }] }
      - { id: e, set: { x: "\${{ steps.a.output.x + 1 }}" } }
    `,
      [],
    ],
    [
      'but a branch may be empty',
      `
      - { id: a, if: input.flag, do: [{ id: b, set: { x: 1 } }] }
      - { id: c, set: { x: "\${{ steps.a.▸output.x }}" } }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'but the last step may be skipped',
      `
      - { id: a, do: [{ id: b, set: { x: 1 } }, { id: c, if: input.flag, set: { x: 1 } }] }
      - { id: d, set: { x: "\${{ steps.a.▸output.x }}" } }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'but the last step may give nothing',
      `
      - { id: a, do: [{ id: b, set: { x: 1 } }, { id: c, sleep: 1s }] }
      - { id: d, set: { x: "\${{ steps.a.▸output }}" } }
    `,
      ['OUTPUT_NOT_DECLARED'],
    ],
    [
      'of a parallel block there is none',
      `
      - { id: a, parallel: [{ id: b, set: { x: 1 } }] }
      - { id: c, set: { x: "\${{ steps.a.▸output }}" } }
    `,
      ['OUTPUT_NOT_DECLARED'],
    ],
    [
      'of what was tried or handled',
      `
      - { id: a, try: [{ id: b, set: { x: 1 } }], catch: [{ do: [{ id: c, set: { x: 2 } }] }] }
      - { id: d, set: { x: "\${{ steps.a.output.x + 1 }}" } }
    `,
      [],
    ],
    [
      'of the list that did not end',
      `
      - { id: a, if: input.flag, do: [{ id: b, set: { x: 1 } }], else: [{ id: c, fail: { code: A, message: a } }] }
      - { id: d, set: { x: "\${{ steps.a.output.x + 1 }}" } }
    `,
      [],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})
