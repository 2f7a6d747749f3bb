import { describe, expect, test } from 'vitest'
import { typesIn, type TypedPlace } from './types-in.ts'

const text = `segno: 1
name: a
input: { kind: { enum: [a, b] }, items: { type: array, items: { type: object, properties: { n: { type: integer } } } } }
imports: { other: other.yaml }
steps:
  - id: review
    uses: judge
  - id: called
    call: other
  - id: maybe
    if: input.kind == "a"
    set: { note: x }
  - id: end
    assert: input.kind == "b"
`

const handlers = [
  {
    name: 'judge',
    output: {
      type: 'object',
      required: ['verdict'],
      properties: { verdict: { enum: ['yes', 'no'] }, why: { type: 'string' } },
    },
  },
]
const other = 'segno: 1\nname: other\noutput: { sum: { type: number, value: 1 } }\nsteps: [{ id: x, set: {} }]\n'

function placeAt(pointer: string, source = text): TypedPlace | undefined {
  return typesIn(source, { handlers, read: () => other }).find((place) => place.pointer === pointer)
}

describe('at the place of an expression', () => {
  const end = placeAt('/steps/3/assert')

  test('the fields of an output are known, with their types', () => {
    expect(end?.typeOf('steps.review.output')).toMatchObject({
      kind: 'map',
      fields: [
        { name: 'verdict', words: '"yes" or "no"', isOptional: false },
        { name: 'why', words: 'text', isOptional: true },
      ],
    })
  })

  test('the values are known where they are few', () => {
    expect(end?.typeOf('input.kind')?.values).toEqual(['a', 'b'])
    expect(end?.typeOf('steps.review.output.why')?.values).toBeUndefined()
  })

  test('what another workflow gives is known', () => {
    expect(end?.typeOf('steps.called.output')?.fields.map(({ name }) => name)).toEqual(['sum'])
  })

  test('a step shows its fields', () => {
    expect(end?.typeOf('steps.maybe')?.fields.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['status', 'output', 'startedAt']),
    )
  })

  test('variables of macros have what their lists hold', () => {
    expect(end?.typeOf('x', [{ name: 'x', list: 'input.items' }])?.fields.map(({ name }) => name)).toEqual(['n'])
  })

  test('nothing is known of what cannot be parsed', () => {
    expect(end?.typeOf('input.')).toBeUndefined()
  })

  test('conditions on the way have proved something', () => {
    const guarded = text.replace('assert: input.kind == "b"', 'if: input.kind == "b"\n    set: { x: "${{ 1 }}" }')
    expect(placeAt('/steps/3/set/x', guarded)?.typeOf('input.kind')?.values).toEqual(['b'])
  })
})

test('an expression that cannot be parsed has its place all the same', () => {
  const place = placeAt('/steps/3/assert', text.replace('input.kind == "b"', 'steps.review.output.'))
  expect(place?.typeOf('steps.review.output')?.fields).toHaveLength(2)
})
