import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

const machine = (states: string): string => `
  - id: m
    initial: first
    states:
      first:
        do: [{ id: a, set: { text: x } }]
        next: [{ if: input.flag, to: left }, { to: right }]
      left:
        do: [{ id: b, set: { text: x } }]
        next: [{ to: last }]
      right:
        do: [{ id: c, set: { text: x } }]
        next: [{ if: input.flag, to: left }, { to: first }]
${states}`

describe('a state sees', () => {
  test.for<[string, string, readonly string[]]>([
    [
      'the steps of those that every way leads through',
      '      last: { do: [{ id: d, set: { a: "${{ steps.a.output.text + steps.b.output.text }}" } }] }',
      [],
    ],
    [
      'those of others under a guard only',
      '      last: { do: [{ id: d, set: { a: "${{ steps.c.▸output.text }}" } }] }',
      ['STEP_MAY_NOT_HAVE_RUN'],
    ],
    [
      'those that come after it under a guard only',
      `      last:
        do: [{ id: d, set: { a: x } }]
        next: [{ to: end }]
      end: { do: [{ id: e, set: { a: "\${{ steps.d.output.a }}", c: "\${{ steps.c.▸output.text }}" } }] }`,
      ['STEP_MAY_NOT_HAVE_RUN'],
    ],
    [
      'of one that may have been skipped what it may not have given under a guard',
      `      last:
        do: [{ id: d, if: input.other, set: { a: x } }]
        next: [{ to: end }]
      end: { do: [{ id: e, set: { a: "\${{ steps.d.▸output.a }}" } }] }`,
      ['STEP_MAY_NOT_HAVE_RUN'],
    ],
    [
      'nothing for certain where no way leads to it',
      `      last: {}
      ▸island: { do: [{ id: d, set: { a: "\${{ steps.a.▸output.text }}" } }] }`,
      ['UNREACHABLE_STATE', 'STEP_MAY_NOT_HAVE_RUN'],
    ],
  ])('%s', ([, states, codes]) => expectTold(machine(states), codes))
})

describe('the output of a machine sees', () => {
  test.for<[string, string, readonly string[]]>([
    ['the steps on every way to its end', 'a: "${{ steps.b.output.text }}"', []],
    ['those of others under a guard only', 'a: "${{ steps.c.▸output.text }}"', ['STEP_MAY_NOT_HAVE_RUN']],
  ])('%s', ([, output, codes]) => expectTold(machine(`      last: {}\n    output: { ${output} }`), codes))
})
