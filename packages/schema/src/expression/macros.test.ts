import { describe, expect, test } from 'vitest'
import { failureOf, mistakeOf, scopeOf, valueOf } from './evaluate.fixture.ts'

const scope = scopeOf({ input: { xs: [1, 2, 3], m: { b: 1, a: 2, gone: undefined } } })

describe('a macro goes over a list, or over the sorted keys of a map', () => {
  test.for([
    ['input.xs.all(x, x > 0)', true],
    ['input.xs.all(x, x > 1)', false],
    ['[].all(x, x)', true],
    ['input.xs.exists(x, x == 3)', true],
    ['input.xs.exists(x, x == 4)', false],
    ['[].exists(x, x)', false],
    ['input.xs.exists_one(x, x > 2)', true],
    ['input.xs.exists_one(x, x > 1)', false],
    ['input.xs.map(x, x * 2)', [2, 4, 6]],
    ['input.xs.map(x, x > 1, x * 2)', [4, 6]],
    ['input.xs.filter(x, x != 2)', [1, 3]],
    ['input.m.map(k, input.m[k])', [2, 1]],
    ['input.m.all(k, k in ["a", "b"])', true],
    [
      'input.xs.map(x, input.xs.map(y, x * y))',
      [
        [1, 2, 3],
        [2, 4, 6],
        [3, 6, 9],
      ],
    ],
    ['input.xs.map(x, [x].map(x, x + 1)[0] + x)', [3, 5, 7]],
    ['input.xs.map(x, x).filter(x, x > 2).exists(x, x == 3)', true],
  ] as const)('%s is %j', ([text, expected]) => {
    expect(valueOf(text, scope)).toEqual(expected)
  })
})

describe('an element that decides makes the failures of others irrelevant', () => {
  test.for([
    ['[0, 1].all(x, 1 / x > 1)', false],
    ['[0, 1].exists(x, 1 / x == 1)', true],
    ['[1, "a"].exists(x, x)', 'EXPRESSION_TYPE'],
    ['[0, 1].all(x, 1 / x == 1)', 'ARITHMETIC'],
    ['[0, 1].exists(x, 1 / x > 1)', 'ARITHMETIC'],
    ['[1, 0].exists_one(x, 1 / x == 1)', 'ARITHMETIC'],
    ['[1, 0].filter(x, 1 / x == 1)', 'ARITHMETIC'],
    ['[1, 0].map(x, 1 / x)', 'ARITHMETIC'],
  ] as const)('%s is %j', ([text, expected]) => {
    if (typeof expected === 'boolean') expect(valueOf(text)).toBe(expected)
    else expect(failureOf(text).code).toBe(expected)
  })
})

test('a macro over what has no elements fails', () => {
  expect(failureOf('"abc".all(x, true)').message).toBe('"abc".all(x, true): a string has no elements')
})

test('a condition that is not a bool fails', () => {
  expect(failureOf('[1].filter(x, x)').message).toBe('[1].filter(x, x): the condition gives a number, not a bool')
})

describe('is refused:', () => {
  test.for([
    ['[1].map(1, 2)', 'the first argument of map() names the variable, as in `list.map(x, x > 0)`', '1'],
    ['[1].all(x.y, true)', 'the first argument of all() names the variable, as in `list.all(x, x > 0)`', 'x.y'],
    ['[1].all(x)', 'all() takes a variable and an expression, as in `list.all(x, x > 0)`', 'x'],
    ['[1].filter()', 'filter() takes a variable and an expression, as in `list.filter(x, x > 0)`', '[1].filter()'],
    ['[1].exists(x, true, x)', 'exists() takes a variable and an expression, as in `list.exists(x, x > 0)`', 'x'],
    ['[1].all(steps, true)', '`steps` cannot be the name of a variable', 'steps'],
  ] as const)('%s', ([text, message, place]) => {
    const mistake = mistakeOf(text)
    expect(mistake.message).toBe(message)
    expect(text.slice(mistake.start, mistake.end)).toBe(place)
  })
})
