import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

type Row = readonly [name: string, text: string, codes: readonly string[]]

describe('in a state', () => {
  test.for<Row>([
    [
      'the steps before are seen',
      `
      - id: m
        initial: open
        states:
          open: { do: [{ id: a, set: { x: 1 } }, { id: b, set: { x: "\${{ steps.a.output.x + 1 }}" } }] }
    `,
      [],
    ],
    [
      'its own steps have run where it is left',
      `
      - id: m
        initial: open
        states:
          open: { do: [{ id: a, set: { x: "\${{ input.number }}" } }], next: [{ if: steps.a.output.x > 1, to: done }, { to: open }] }
          done: {}
    `,
      [],
    ],
    [
      'it is known which one it is',
      `
      - id: m
        initial: open
        states:
          open: { do: [{ id: a, if: ▸state == "open", set: {} }], next: [{ to: done }] }
          done: { do: [{ id: b, set: { x: "\${{ state == ▸'closed' }}" } }] }
    `,
      ['CONSTANT_CONDITION', 'IMPOSSIBLE_COMPARISON'],
    ],
    [
      'a signal that leads there has data of its schema',
      `
      - id: m
        initial: open
        states:
          open: { on: { go: { to: done, schema: { type: object, properties: { n: { type: integer } }, required: [n] } } } }
          done: { do: [{ id: a, set: { x: "\${{ signal.data.n + 1 }}", y: "\${{ signal.data.▸m }}" } }] }
    `,
      ['UNKNOWN_FIELD'],
    ],
    [
      'one of several signals has data of its own',
      `
      - id: m
        initial: open
        states:
          open:
            on:
              go: { to: done, schema: { type: object, properties: { n: { type: integer } }, required: [n] } }
              stop: { to: done, schema: { type: object, properties: { why: { type: string } }, required: [why] } }
          done:
            do:
              - { id: a, set: { x: "\${{ signal.name == 'go' ? signal.data.n + 1 : size(signal.data.why) }}" } }
              - { id: b, set: { x: "\${{ signal.data.▸n }}" } }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'that something else leads to too, there may be no signal',
      `
      - id: m
        initial: open
        states:
          open: { on: { go: { to: done } }, after: { 1h: { to: done } } }
          done: { do: [{ id: a, set: { x: "\${{ signal.▸name }}", y: "\${{ has(signal.name) ? signal.name : '' }}" } }] }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'the condition of a signal sees the data of that one',
      `
      - id: m
        initial: open
        states:
          open:
            on:
              go:
                - to: done
                  schema: { type: object, properties: { n: { type: integer } }, required: [n] }
                  if: signal.data.n > 1 && signal.data.▸m > 1
          done: {}
    `,
      ['UNKNOWN_FIELD'],
    ],
    [
      'a step that was guarded by another state is there after it was asked for',
      `
      - id: m
        initial: open
        states:
          open: { on: { go: { to: busy }, stop: { to: done } } }
          busy: { do: [{ id: a, set: { x: 1 } }], next: [{ to: done }] }
          done: { do: [{ id: b, set: { x: "\${{ has(steps.a.output) ? steps.a.output.x : 0 }}", y: "\${{ steps.a.▸output.x }}" } }] }
    `,
      ['STEP_MAY_NOT_HAVE_RUN'],
    ],
    [
      'steps of states in a circle know of each other what they give',
      `
      - id: m
        initial: one
        states:
          one:
            do: [{ id: a, set: { n: "\${{ has(steps.b.output) ? steps.b.output.n + 1 : 0 }}", t: "\${{ has(steps.b.output) ? steps.b.output.▸t : '' }}" } }]
            next: [{ to: two }]
          two:
            do: [{ id: b, set: { n: "\${{ steps.a.output.n + 1 }}" } }]
            next: [{ if: steps.b.output.n > 10, to: end }, { to: one }]
          end: {}
    `,
      ['UNKNOWN_FIELD'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('after a machine', () => {
  test.for<Row>([
    [
      'its output is that of its final state',
      `
      - id: m
        initial: open
        states:
          open: { do: [{ id: a, set: { n: 1 } }] }
      - { id: z, set: { x: "\${{ steps.m.output.n + 1 }}" } }
    `,
      [],
    ],
    [
      'its output is one of those of its final states',
      `
      - id: m
        initial: open
        states:
          open: { on: { go: { to: good }, stop: { to: bad } } }
          good: { do: [{ id: a, set: { n: 1 } }] }
          bad: { do: [{ id: b, set: { why: text } }] }
      - { id: y, set: { x: "\${{ has(steps.m.output.n) ? steps.m.output.n + 1 : size(steps.m.output.why) }}" } }
      - { id: z, set: { x: "\${{ steps.m.output.▸n }}" } }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'it is known in which state it can have ended',
      `
      - id: m
        initial: open
        states:
          open: { on: { go: { to: good }, stop: { to: bad } } }
          good: {}
          bad: {}
        output: { x: "\${{ state == 'good' ? 1 : 2 }}", y: "\${{ state == ▸'open' ? 1 : 2 }}" }
    `,
      ['IMPOSSIBLE_COMPARISON'],
    ],
    [
      'nothing follows where no state ends it',
      `
      - id: m
        initial: open
        states:
          open: { on: { go: { to: open } } }
      - { id: ▸z, set: {} }
    `,
      ['UNREACHABLE_STEP'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})
