import { describe, expect, test } from 'vitest'
import { expressionsIn, namesSeenAt } from './expressions-in.ts'

const text = `segno: 1
name: a
steps:
  - id: first
    set: { x: 'at \${{ run.id }}', y: [ '\${{ input.a }} and \${{ 1 + }}' ] }
  - id: loop
    forEach: { in: steps.first.output.y, as: one }
    do:
      - id: inner
        if: \${{ one == index }}
        set: { x: 1 }
`

describe('expressions of a text', () => {
  test('are found in slots and templates, with their place in the string', () => {
    expect(expressionsIn(text).map(({ pointer, text: source, offset }) => [pointer, source, offset])).toEqual([
      ['/steps/0/set/x', ' run.id ', 6],
      ['/steps/0/set/y/0', ' input.a ', 3],
      ['/steps/0/set/y/0', ' 1 + ', 22],
      ['/steps/1/forEach/in', 'steps.first.output.y', 0],
      ['/steps/1/do/0/if', ' one == index ', 3],
    ])
  })

  test('have no references where they cannot be parsed', () => {
    expect(expressionsIn(text).map(({ references }) => references?.map(({ root }) => root))).toEqual([
      ['run'],
      ['input'],
      undefined,
      ['steps'],
      ['one', 'index'],
    ])
  })

  test('are found in a text that is not YAML, and one without an end reaches to the end of its string', () => {
    const broken = text.replace('as: one }', 'as: one').replace('{ run.id }}', '{ run.id ')
    expect(expressionsIn(broken).map(({ text: source }) => source)).toContain(' run.id ')
  })
})

describe('the names that an expression sees', () => {
  test('are the steps before it and the variables around it, the nearest first', () => {
    expect(namesSeenAt(text, '/steps/1/do/0/set/x')).toEqual({
      steps: ['first'],
      variables: ['one', 'index', 'input', 'run', 'steps'],
    })
  })

  test('are none where no expression may stand', () => {
    expect(namesSeenAt(text, '/steps/0/id')).toBeUndefined()
  })
})
