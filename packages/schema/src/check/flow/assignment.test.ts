import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

type Row = readonly [name: string, text: string, codes: readonly string[]]
const mayNotHaveRun = ['STEP_MAY_NOT_HAVE_RUN']

describe('a step that is read', () => {
  test.for<Row>([
    [
      'has run where it stands before',
      `
      - { id: a, set: { x: 1 } }
      - { id: b, set: { x: "\${{ steps.a.output.x + 1 }}" } }
    `,
      [],
    ],
    [
      'may have been skipped',
      `
      - { id: a, if: input.flag, set: { x: 1 } }
      - { id: b, set: { x: "\${{ steps.a.▸output.x }}" } }
    `,
      mayNotHaveRun,
    ],
    [
      'has a status whether it was skipped or not',
      `
      - { id: a, if: input.flag, set: { x: 1 } }
      - { id: b, set: { x: "\${{ steps.a.status }}" } }
    `,
      [],
    ],
    [
      'may have failed where that does not matter',
      `
      - { id: a, uses: work, onFailure: continue }
      - { id: b, set: { x: "\${{ [steps.a.▸output, steps.a.▸failure] }}" } }
    `,
      ['STEP_MAY_NOT_HAVE_RUN', 'MAYBE_MISSING'],
    ],
    [
      'has no failure where it cannot have failed',
      `
      - { id: a, uses: work }
      - { id: b, set: { x: "\${{ steps.a.▸failure }}" } }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'has run where the block around it goes on',
      `
      - { id: a, set: { x: 1 } }
      - { id: b, if: input.flag, do: [{ id: c, repeat: { max: 2, until: input.other }, do: [{ id: d, set: { x: "\${{ steps.a.output.x }}" } }] }] }
    `,
      [],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('the output of a block sees', () => {
  test.for<Row>([
    [
      'both branches, of which one has run',
      `
      - id: a
        if: input.flag
        do: [{ id: b, set: { x: 1 } }]
        else: [{ id: c, set: { x: 2 } }]
        output: "\${{ has(steps.b.output) ? steps.b.output.x : has(steps.c.output) ? steps.c.output.x : 0 }}"
    `,
      [],
    ],
    [
      'no branch for certain',
      `
      - id: a
        if: input.flag
        do: [{ id: b, set: { x: 1 } }]
        else: [{ id: c, set: { x: 2 } }]
        output: "\${{ [steps.b.▸output.x, steps.c.▸output.x] }}"
    `,
      ['STEP_MAY_NOT_HAVE_RUN', 'STEP_MAY_NOT_HAVE_RUN'],
    ],
    [
      'the only branch that comes to its end',
      `
      - id: a
        if: input.flag
        do: [{ id: b, set: { x: 1 } }]
        else: [{ id: c, fail: { code: A, message: a } }]
        output: "\${{ steps.b.output.x }}"
    `,
      [],
    ],
    [
      'no case for certain',
      `
      - id: a
        match: input.kind
        cases: { a: [{ id: b, set: { x: 1 } }] }
        default: []
        output: "\${{ steps.b.▸output.x }}"
    `,
      mayNotHaveRun,
    ],
    [
      'a group from its end',
      `
      - { id: a, do: [{ id: b, set: { x: 1 } }], output: "\${{ steps.b.output.x }}" }
    `,
      [],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('in parallel', () => {
  test.for<Row>([
    [
      'a child sees a sibling that it needs',
      `
      - id: a
        parallel:
          - { id: b, set: { x: 1 } }
          - { id: c, needs: [b], set: { x: "\${{ steps.b.output.x }}" } }
    `,
      [],
    ],
    [
      'a child sees a sibling that one which it needs needs',
      `
      - id: a
        parallel:
          - { id: b, set: { x: 1 } }
          - { id: c, needs: [b], set: {} }
          - { id: d, needs: [c], set: { x: "\${{ steps.b.output.x }}" } }
    `,
      [],
    ],
    [
      'a sibling may have been skipped by its own condition',
      `
      - id: a
        parallel:
          - { id: b, if: input.flag, set: { x: 1 } }
          - { id: c, needs: [b], set: { x: "\${{ steps.b.▸output.x }}" } }
    `,
      mayNotHaveRun,
    ],
    [
      'a sibling that failed keeps what needs it from running, also where others go on',
      `
      - id: a
        failFast: false
        parallel:
          - { id: b, uses: work }
          - { id: c, needs: [b], set: { x: "\${{ [steps.b.output, steps.b.startedAt] }}" } }
    `,
      [],
    ],
    [
      'a sibling that may fail is no reason to skip',
      `
      - id: a
        parallel:
          - { id: b, uses: work, onFailure: continue }
          - { id: c, needs: [b], set: { x: "\${{ steps.b.▸output }}" } }
    `,
      mayNotHaveRun,
    ],
    [
      'all children have run once all are joined',
      `
      - id: a
        parallel: [{ id: b, set: { x: 1 } }, { id: c, set: { x: 2 } }]
        output: "\${{ steps.b.output.x + steps.c.output.x }}"
    `,
      [],
    ],
    [
      'some may not have run where any is enough',
      `
      - id: a
        parallel: [{ id: b, set: { x: 1 } }, { id: c, set: { x: 2 } }]
        join: any
        output: "\${{ steps.b.▸output.x }}"
    `,
      mayNotHaveRun,
    ],
    [
      'some may not have run where a number is enough',
      `
      - id: a
        parallel: [{ id: b, set: { x: 1 } }, { id: c, set: { x: 2 } }]
        join: { atLeast: 1 }
        output: "\${{ has(steps.b.output) ? steps.b.output.x : steps.c.▸output.x }}"
    `,
      mayNotHaveRun,
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('where steps are tried', () => {
  test.for<Row>([
    [
      'a handler sees none of them for certain',
      `
      - id: a
        try: [{ id: b, uses: work }]
        catch: [{ do: [{ id: c, set: { x: "\${{ [steps.b.▸output, steps.b.status, error.code] }}" } }] }]
    `,
      mayNotHaveRun,
    ],
    [
      'what tidies up sees none of them for certain, and maybe no error',
      `
      - id: a
        try: [{ id: b, uses: work }]
        finally: [{ id: c, set: { x: "\${{ [steps.b.▸output, ▸error.code] }}" } }]
    `,
      ['STEP_MAY_NOT_HAVE_RUN', 'MAYBE_NULL'],
    ],
    [
      'what tidies up may ask',
      `
      - id: a
        try: [{ id: b, uses: work }]
        finally: [{ id: c, set: { x: "\${{ [has(steps.b.output) ? 1 : 2, error != null ? error.code : '' ] }}" } }]
    `,
      [],
    ],
    [
      'the output sees them for certain where no handler comes to its end',
      `
      - id: a
        try: [{ id: b, uses: pay, with: { amount: 1, to: a } }]
        catch: [{ do: [{ id: c, fail: { code: A, message: a } }] }]
        output: "\${{ steps.b.output.id }}"
    `,
      [],
    ],
    [
      'the output does not see them for certain where one does',
      `
      - id: a
        try: [{ id: b, uses: pay, with: { amount: 1, to: a } }]
        catch: [{ do: [{ id: c, set: {} }] }]
        output: "\${{ steps.b.▸output.id }}"
    `,
      mayNotHaveRun,
    ],
    [
      'the status of one that was tried can be asked for in a handler',
      `
      - id: a
        try: [{ id: b, uses: pay, with: { amount: 1, to: a } }, { id: c, uses: work }]
        catch: [{ do: [{ id: d, set: { x: "\${{ steps.b.status == 'completed' ? steps.b.output.id : '' }}" } }] }]
    `,
      [],
    ],
    [
      'what was proved inside does not hold after',
      `
      - { id: a, try: [{ id: b, assert: has(input.maybe) }], catch: [{ do: [] }] }
      - { id: c, set: { x: "\${{ input.▸maybe }}" } }
    `,
      ['MAYBE_MISSING'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})
