import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

describe('a condition', () => {
  test.for<[string, string, readonly string[]]>([
    ['that can be both is fine', '- { id: a, if: input.flag, set: {} }', []],
    ['that is written out is meant so', '- { id: a, if: false, set: {} }', []],
    ['that is written out as text is meant so', '- { id: a, if: "${{ true }}", set: {} }', []],
    ['of a step is always true', '- { id: a, if: ▸has(input.text), set: {} }', ['CONSTANT_CONDITION']],
    ['of a step is always false', '- { id: a, if: ▸"!has(input.text)", set: {} }', ['CONSTANT_CONDITION']],
    [
      'of a block is always true',
      '- { id: a, if: ▸has(input.text), do: [{ id: b, set: {} }] }',
      ['CONSTANT_CONDITION'],
    ],
    ['of an assertion is always true', '- { id: a, assert: ▸has(input.text) }', ['CONSTANT_CONDITION']],
    [
      'of a loop is always true',
      '- { id: a, repeat: { max: 2, until: ▸has(input.text) }, do: [{ id: b, set: {} }] }',
      ['CONSTANT_CONDITION'],
    ],
    [
      'before an iteration is always false',
      '- { id: a, repeat: { max: 2, while: ▸"!has(input.text)" }, do: [{ id: b, set: {} }] }',
      ['CONSTANT_CONDITION'],
    ],
    [
      'of a wait is always true',
      '- { id: a, waitFor: { signal: s, if: ▸has(input.text) }, timeout: 1h }',
      ['CONSTANT_CONDITION'],
    ],
    [
      'of a transition is always true',
      '- { id: a, initial: s, states: { s: { on: { go: { to: s, if: ▸state == "s" } } } } }',
      ['CONSTANT_CONDITION'],
    ],
    [
      'was decided by one before it',
      `
      - { id: a, assert: input.flag }
      - { id: b, if: ▸input.flag, set: {} }
    `,
      ['CONSTANT_CONDITION'],
    ],
    [
      'was decided by the branch that it stands in',
      `
      - id: a
        if: input.kind == "a"
        do: [{ id: b, if: ▸input.kind != "a", set: {} }]
    `,
      ['CONSTANT_CONDITION'],
    ],
    [
      'asks whether a step has run that always has',
      `
      - { id: a, set: { x: 1 } }
      - { id: b, if: ▸has(steps.a.output), set: {} }
    `,
      ['CONSTANT_CONDITION'],
    ],
    ['asks for an input that is always there', '- { id: a, if: ▸has(input.text), set: {} }', ['CONSTANT_CONDITION']],
    ['of what is not known may be both', '- { id: a, if: has(input.any.x) || input.any == 1, set: {} }', []],
    ['takes true or false', '- { id: a, if: ▸input.text, set: {} }', ['TYPE_MISMATCH']],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('a comparison', () => {
  test.for<[string, string, readonly string[]]>([
    ['of an enum with one of its values', '- { id: a, assert: input.kind == "a" }', []],
    ['of an enum with another value', '- { id: a, assert: input.kind == ▸"d" }', ['IMPOSSIBLE_COMPARISON']],
    ['the other way round', `- { id: a, assert: "▸'d' == input.kind" }`, ['IMPOSSIBLE_COMPARISON']],
    [
      'of an enum with a list of others',
      "- { id: a, assert: \"input.kind in [▸'d', 'a']\" }",
      ['IMPOSSIBLE_COMPARISON'],
    ],
    ['of a tag', '- { id: a, assert: input.shape.is == ▸"line" }', ['IMPOSSIBLE_COMPARISON']],
    ['of a number with a text', '- { id: a, assert: input.number == ▸"1" }', ['IMPOSSIBLE_COMPARISON']],
    [
      'of the status of a step',
      `
      - { id: a, if: input.flag, set: {} }
      - { id: b, if: steps.a.status == ▸"done", set: {} }
    `,
      ['IMPOSSIBLE_COMPARISON'],
    ],
    [
      'with a value that was ruled out before',
      `
      - { id: a, if: input.kind == "a", do: [{ id: f, fail: { code: A, message: a } }] }
      - { id: b, set: { x: "\${{ ▸input.kind == 'a' ? 1 : 2 }}" } }
    `,
      ['CONSTANT_CONDITION'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))

  test('that is impossible is not also told as a condition that never holds, and rules nothing out', () => {
    expectTold(
      `
      - { id: a, assert: input.kind == ▸"d" }
      - { id: b, if: input.kind == ▸"e", do: [{ id: c, set: { x: "\${{ input.▸maybe }}" } }] }
      - { id: d, set: {} }
    `,
      ['IMPOSSIBLE_COMPARISON', 'IMPOSSIBLE_COMPARISON', 'MAYBE_MISSING'],
    )
  })
})

describe('the message of an assertion', () => {
  test('is made where it is false, and sees what that proves', () => {
    expectTold(
      `
      - { id: a, assert: "!has(input.maybe)", message: "got \${{ input.maybe }}" }
      - { id: b, assert: input.nullable != null, message: "got \${{ ▸input.nullable }}" }
    `,
      ['TYPE_MISMATCH'],
    )
  })
})
