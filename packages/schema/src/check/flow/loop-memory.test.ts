import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

type Row = readonly [name: string, text: string, codes: readonly string[]]

describe('a loop with a memory', () => {
  test.for<Row>([
    [
      'remembers what it gives',
      `
      - id: a
        repeat: { max: 3, until: previous.sum > 10, initial: { sum: 0 } }
        do: [{ id: b, set: { sum: "\${{ previous.sum + input.number }}" } }]
        output: { sum: "\${{ steps.b.output.sum }}" }
      - { id: c, set: { x: "\${{ steps.a.output.sum + 1 }}" } }
    `,
      [],
    ],
    [
      'may begin with nothing',
      `
      - id: a
        repeat: { max: 3, until: input.flag, initial: { last: null } }
        do: [{ id: b, set: { last: "\${{ previous.last == null ? 'a' : previous.last + 'b' }}" } }]
        output: { last: "\${{ steps.b.output.last }}" }
    `,
      [],
    ],
    [
      'may begin with nothing, which has to be asked',
      `
      - id: a
        repeat: { max: 3, until: input.flag, initial: { last: null } }
        do: [{ id: b, set: { last: "\${{ ▸previous.last + 'b' }}" } }]
        output: { last: text }
    `,
      ['MAYBE_NULL'],
    ],
    [
      'may begin with an empty list',
      `
      - id: a
        repeat: { max: 3, until: input.flag, initial: { all: [] } }
        do: [{ id: b, set: { all: "\${{ previous.all + [input.text] }}" } }]
        output: { all: "\${{ steps.b.output.all }}" }
      - { id: c, set: { x: "\${{ steps.a.output.all.map(one, one + 'a') }}" } }
    `,
      [],
    ],
    [
      'has one type',
      `
      - id: a
        repeat: { max: 3, until: input.flag, initial: { sum: 0 } }
        do: [{ id: b, set: { sum: text } }]
        ▸output: { sum: "\${{ steps.b.output.sum }}" }
    `,
      ['TYPE_MISMATCH'],
    ],
    [
      'gives what it began with where there was no iteration',
      `
      - id: a
        repeat: { max: 3, while: input.flag, initial: { sum: 0 } }
        do: [{ id: b, set: { sum: 1 } }]
        output: { sum: "\${{ steps.b.output.sum }}" }
      - { id: c, set: { x: "\${{ steps.a.output.sum + 1 }}" } }
    `,
      [],
    ],
    [
      'has something to remember',
      `
      - id: a
        repeat: { max: 3, until: input.flag, ▸initial: { sum: 0 } }
        do: [{ id: b, if: input.other, set: { sum: 1 } }]
    `,
      ['OUTPUT_NOT_DECLARED'],
    ],
    [
      'inside of another one remembers its own',
      `
      - id: a
        repeat: { max: 3, until: previous.n > 2, initial: { n: 0 } }
        do:
          - id: b
            repeat: { max: 3, until: previous.t == "aa", initial: { t: "" } }
            do: [{ id: c, set: { t: "\${{ previous.t + 'a' }}" } }]
            output: "\${{ steps.c.output }}"
        output: { n: "\${{ previous.n + size(steps.b.output.t) }}" }
    `,
      [],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})
