import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

type Row = readonly [name: string, text: string, codes: readonly string[]]
const mayNotHaveRun = ['STEP_MAY_NOT_HAVE_RUN']

describe('in a loop', () => {
  test.for<Row>([
    [
      'the steps of an iteration have run where it is judged',
      `
      - { id: a, repeat: { max: 3, until: steps.b.output.x > 1 }, do: [{ id: b, set: { x: "\${{ iteration }}" } }] }
    `,
      [],
    ],
    [
      'the output of the last iteration is there',
      `
      - { id: a, repeat: { max: 3, until: input.flag }, do: [{ id: b, set: { x: 1 } }], output: "\${{ steps.b.output.x }}" }
      - { id: c, set: { x: "\${{ steps.a.output + 1 }}" } }
    `,
      [],
    ],
    [
      'there may have been no iteration, and so no output',
      `
      - { id: a, repeat: { max: 3, while: input.flag }, do: [{ id: b, set: { x: 1 } }] }
      - { id: c, set: { x: "\${{ steps.a.▸output.x }}" } }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'a loop over nothing gives an empty list',
      `
      - { id: a, forEach: { in: input.list }, do: [{ id: b, set: { x: "\${{ item }}" } }], output: "\${{ steps.b.output.x }}" }
      - { id: c, set: { x: "\${{ size(steps.a.output) }}" } }
    `,
      [],
    ],
    [
      'an item is of the type of the list',
      `
      - { id: a, forEach: { in: input.list, as: word }, do: [{ id: b, set: { x: "\${{ ▸word + 1 }}" } }] }
    `,
      ['WRONG_OPERAND'],
    ],
    [
      'an item that is skipped is null in the list',
      `
      - { id: a, forEach: { in: input.list }, do: [{ id: b, if: input.flag, set: { x: 1 } }] }
      - { id: c, set: { x: "\${{ steps.a.output.map(one, ▸one.x) }}" } }
    `,
      ['MAYBE_NULL'],
    ],
    [
      'items are told apart where failures are collected',
      `
      - { id: a, forEach: { in: input.list, collect: true }, do: [{ id: b, set: { x: 1 } }] }
      - { id: c, set: { x: "\${{ steps.a.output.map(one, one.ok ? one.output.x : 0) }}" } }
      - { id: d, set: { x: "\${{ steps.a.output.map(one, one.▸output.x) }}" } }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'what is given when it is exhausted sees the last iteration',
      `
      - id: a
        repeat: { max: 3, until: input.flag }
        do: [{ id: b, set: { x: 1 } }]
        onExhausted: { output: "\${{ steps.b.output.x }}" }
    `,
      [],
    ],
    [
      'what is given when it is exhausted may see none',
      `
      - id: a
        repeat: { max: "\${{ input.number }}", until: input.flag }
        do: [{ id: b, set: { x: 1 } }]
        onExhausted: { output: "\${{ steps.b.▸output.x }}" }
    `,
      mayNotHaveRun,
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('a step that takes another back', () => {
  test.for<Row>([
    [
      'sees that it has run',
      `
      - { id: a, uses: pay, with: { amount: 1, to: a }, undo: { uses: work, with: { x: "\${{ steps.a.output.id }}" } } }
    `,
      [],
    ],
    [
      'sees what that one saw',
      `
      - { id: a, if: input.flag, set: { x: 1 } }
      - { id: b, uses: work, undo: { uses: work, with: { x: "\${{ steps.a.▸output.x }}" } } }
    `,
      mayNotHaveRun,
    ],
    [
      'sees what the condition of that one proves',
      `
      - { id: a, if: has(input.maybe), uses: work, undo: { uses: work, with: { x: "\${{ input.maybe }}" } } }
    `,
      [],
    ],
    [
      'is given what fits',
      `
      - { id: a, uses: work, undo: { uses: pay, with: { amount: ▸one, to: a } } }
    `,
      ['TYPE_MISMATCH'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('at the end of the workflow', () => {
  test.for<Row>([
    [
      'what tidies up sees no step for certain',
      `
      steps: [{ id: a, set: { x: 1 } }]
      finally: [{ id: b, set: { x: "\${{ [steps.a.▸output, ▸error.message] }}" } }]
    `,
      ['STEP_MAY_NOT_HAVE_RUN', 'MAYBE_NULL'],
    ],
    [
      'what tidies up sees a block that a return has left without its output',
      `
      steps:
        - { id: a, do: [{ id: b, if: input.flag, return: { x: 1 } }, { id: c, set: { x: 1 } }] }
      finally: [{ id: d, set: { x: "\${{ steps.a.status == 'completed' ? steps.a.▸output.x : 1 }}" } }]
      output: { x: { type: integer, value: 1 } }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'the outputs see the steps and those that tidied up',
      `
      steps: [{ id: a, set: { x: 1 } }]
      finally: [{ id: b, set: { x: 2 } }]
      output: { x: { type: integer, value: "\${{ steps.a.output.x + steps.b.output.x }}" } }
    `,
      [],
    ],
    [
      'an output may not be there',
      `
      steps: [{ id: a, if: input.flag, set: { x: 1 } }]
      output: { x: { type: integer, value: "\${{ steps.a.▸output.x }}" } }
    `,
      mayNotHaveRun,
    ],
    [
      'what has been returned on every other path needs no guard',
      `
      steps:
        - { id: a, if: input.flag, set: { x: 1 } }
        - { id: b, if: steps.a.status != "completed", return: { x: 0 } }
      output: { x: { type: integer, value: "\${{ steps.a.output.x }}" } }
    `,
      [],
    ],
    [
      'outputs that nothing gets to are not looked at',
      `
      steps: [{ id: a, return: { x: 1 } }]
      output: { x: { type: integer, value: "\${{ input.maybe }}" } }
    `,
      [],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('a step that nothing leads to', () => {
  test.for<Row>([
    [
      'after a failure',
      `
      - { id: a, fail: { code: A, message: a } }
      - { id: ▸b, set: {} }
      - { id: c, set: {} }
    `,
      ['UNREACHABLE_STEP'],
    ],
    [
      'after a return',
      `
      steps:
        - { id: a, return: { x: 1 } }
        - { id: ▸b, set: {} }
      output: { x: { type: integer } }
    `,
      ['UNREACHABLE_STEP'],
    ],
    [
      'after branches that all end',
      `
      - id: a
        if: input.flag
        do: [{ id: b, fail: { code: A, message: a } }]
        else: [{ id: c, fail: { code: A, message: a } }]
      - { id: ▸d, set: {} }
    `,
      ['UNREACHABLE_STEP'],
    ],
    [
      'after a failure that is handled: none',
      `
      - { id: a, try: [{ id: b, fail: { code: A, message: a } }], catch: [{ do: [] }] }
      - { id: c, set: {} }
    `,
      [],
    ],
    [
      'after handlers that all end',
      `
      - id: a
        try: [{ id: b, fail: { code: A, message: a } }]
        catch: [{ do: [{ id: c, fail: { code: A, message: a } }] }]
      - { id: ▸d, set: {} }
    `,
      ['UNREACHABLE_STEP'],
    ],
    [
      'after a child that always fails, where all are joined',
      `
      - { id: a, parallel: [{ id: b, fail: { code: A, message: a } }] }
      - { id: ▸c, set: {} }
    `,
      ['UNREACHABLE_STEP'],
    ],
    [
      'after a failure that does not matter: none',
      `
      - { id: a, onFailure: continue, do: [{ id: b, fail: { code: A, message: a } }] }
      - { id: c, set: {} }
    `,
      [],
    ],
    [
      'after a loop that never ends well',
      `
      - { id: a, repeat: { max: 3, until: false }, do: [{ id: b, set: {} }] }
      - { id: ▸c, set: {} }
    `,
      ['UNREACHABLE_STEP'],
    ],
    [
      'after a loop that says what it gives then: none',
      `
      - { id: a, repeat: { max: 3, until: false }, do: [{ id: b, set: {} }], onExhausted: { output: 1 } }
      - { id: c, set: {} }
    `,
      [],
    ],
    [
      'in a block, told once',
      `
      - { id: a, do: [{ id: b, fail: { code: A, message: a } }, { id: ▸c, do: [{ id: d, set: {} }] }] }
    `,
      ['UNREACHABLE_STEP'],
    ],
    [
      'and what is wrong in it is not told',
      `
      - { id: a, fail: { code: A, message: a } }
      - { id: ▸b, set: { x: "\${{ input.maybe }}" } }
    `,
      ['UNREACHABLE_STEP'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})
