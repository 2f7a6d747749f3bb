import { describe, expect, test } from 'vitest'
import { failureOf, scopeOf, valueOf } from './evaluate.fixture.ts'

const scope = scopeOf({
  input: { n: 2, o: { a: 1, gone: undefined }, xs: [1, 'a', null, { k: [1] }], big: 'x'.repeat(70) },
})

describe('an operator gives', () => {
  test.for([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 / 2', 3.5],
    ['-7 % 3', -1],
    ['7.5 % 2', 1.5],
    ['0x1F + 1u', 32],
    ['1 - 2 - 3', -4],
    ['-(-3)', 3],
    ['0.1 + 0.2', 0.30000000000000004],
    ['"a" + "b"', 'ab'],
    ['[1] + ["a", null]', [1, 'a', null]],
    ['input.n + 1', 3],
    ['!true', false],
    ['!!true', true],
    ['true ? 1 : "a"', 1],
    ['false ? 1 : "a"', 'a'],
    ['[1, "a", null, [true], {"k": 1.5}]', [1, 'a', null, [true], { k: 1.5 }]],
    ['{"a": {"b": input.n}, "c" + "d": null}', { a: { b: 2 }, cd: null }],
    ["r'\\n' + '\\u00e9'", '\\né'],
    ["'''two\nlines'''", 'two\nlines'],
  ] as const)('%s is %j', ([text, expected]) => {
    expect(valueOf(text, scope)).toEqual(expected)
  })
})

describe('equality holds by value over any two types', () => {
  test.for([
    ['1 == 1.0', true],
    ['1 == "1"', false],
    ['0 == false', false],
    ['null == 0', false],
    ['null == null', true],
    ['[] == {}', false],
    ['null == {}', false],
    ['[1, [2]] == [1, [2.0]]', true],
    ['[1] == [1, 2]', false],
    ['[1, 2] == [1, 3]', false],
    ['{"a": 1, "b": 2} == {"b": 2, "a": 1}', true],
    ['{"a": 1} == {"b": 1}', false],
    ['{"a": 1} == {"a": 1, "b": 1}', false],
    ['{"a": 1} == {"a": 2}', false],
    ['input.o == {"a": 1}', true],
    ['input.xs == [1, "a", null, {"k": [1]}]', true],
    ['input.big == input.big + "x"', false],
    ['input.big + "x" == input.big + "y"', false],
    ['"a" != "b"', true],
    ['timestamp("2026-01-01T01:00:00+01:00") == timestamp("2026-01-01T00:00:00Z")', true],
    ['timestamp(90) == duration("90s")', false],
    ['duration("90s") == duration("1m30s")', true],
    ['duration("90s") == {}', false],
    ['duration("90s") == "90s"', false],
  ] as const)('%s is %j', ([text, expected]) => {
    expect(valueOf(text, scope)).toBe(expected)
  })
})

describe('order', () => {
  test.for([
    ['1 < 2', true],
    ['2 <= 2', true],
    ['2 > 2', false],
    ['2 >= 2', true],
    ['"a" < "b"', true],
    ['"a" < "aa"', true],
    ['"b" <= "a"', false],
    ['"a" >= "a"', true],
    ['false < true', true],
    ['duration("1m") > duration("59s")', true],
    ['timestamp(0) < timestamp(1)', true],
    ['timestamp(1) < timestamp(1)', false],
  ] as const)('%s is %j', ([text, expected]) => {
    expect(valueOf(text)).toBe(expected)
  })

  test('of strings is by code point, not by UTF-16 unit', () => {
    expect(valueOf('"\\uFFFD" < "\\U0001F600"')).toBe(true)
    expect(valueOf('"\\U0001F600" < "\\uFFFD"')).toBe(false)
    expect(valueOf('"\\U0001F600" < "\\U0001F601"')).toBe(true)
  })
})

describe('membership', () => {
  test.for([
    ['2 in [1, 2]', true],
    ['[1] in [[1]]', true],
    ['"2" in [1, 2]', false],
    ['"a" in input.o', true],
    ['"gone" in input.o', false],
    ['"toString" in input.o', false],
    ['1 in input.o', false],
  ] as const)('%s is %j', ([text, expected]) => {
    expect(valueOf(text, scope)).toBe(expected)
  })
})

describe('a side that decides makes the failure of the other irrelevant', () => {
  test.for([
    ['false && nope', false],
    ['nope && false', false],
    ['true || nope', true],
    ['nope || true', true],
    ['1 && false', false],
    ['true || 1', true],
    ['true && true', true],
    ['true && false', false],
    ['false || false', false],
  ] as const)('%s is %j', ([text, expected]) => {
    expect(valueOf(text)).toBe(expected)
  })

  test.for([
    ['nope && true', 'MISSING_VALUE'],
    ['true && nope', 'MISSING_VALUE'],
    ['nope || false', 'MISSING_VALUE'],
    ['1 && true', 'EXPRESSION_TYPE'],
    ['false || "a"', 'EXPRESSION_TYPE'],
  ] as const)('where none decides, %s fails with %s', ([text, code]) => {
    expect(failureOf(text).code).toBe(code)
  })
})

describe('a result that is not a finite number fails with ARITHMETIC', () => {
  test.for(['1 / 0', '0 / 0', '1 % 0', '1e308 * 10', '1e308 + 1e308', '-1e308 - 1e308'])('%s', (text) => {
    expect(failureOf(text)).toEqual({
      code: 'ARITHMETIC',
      message: `${text}: the result is not a finite number`,
      retryable: false,
    })
  })

  test('and a zero has no sign', () => {
    for (const text of ['-0', '0 * -1', '0 / -1', '-4 % 2']) expect(valueOf(text)).toBe(0)
  })
})

describe('an operator refuses types that it does not take', () => {
  test.for([
    ['"a" + 1', '"a" + 1: `+` does not take a string and a number'],
    ['[1] + {}', '[1] + {}: `+` does not take a list and a map'],
    ['null - 1', 'null - 1: `-` does not take a null and a number'],
    ['"a" * 2', '"a" * 2: `*` does not take a string and a number'],
    ['1 / true', '1 / true: `/` does not take a number and a bool'],
    ['1 % "a"', '1 % "a": `%` does not take a number and a string'],
    ['1 < "a"', '1 < "a": a number and a string have no order'],
    ['[1] < [2]', '[1] < [2]: a list and a list have no order'],
    ['null <= null', 'null <= null: a null and a null have no order'],
    ['timestamp(0) < duration("0")', 'timestamp(0) < duration("0"): a timestamp and a duration have no order'],
    ['"a" in "abc"', '"a" in "abc": after `in` stands a list or a map, not a string'],
    ['!1', '!1: `!` takes a bool, not a number'],
    ['-"a"', '-"a": `-` takes a number, not a string'],
    ['-duration("1s")', '-duration("1s"): `-` takes a number, not a duration'],
    ['1 ? 2 : 3', '1 is a number; before `?` stands a bool'],
    ['{input.n: 2}', '{input.n: 2}: a key of a map is a string, not a number'],
    ['{"a": 1, string(true ? "a" : ""): 2}', '{"a": 1, string(true ? "a" : ""): 2}: the key "a" is written twice'],
    ['{input.big.replace("x", ""): 1, "__proto_" + (true ? "_" : ""): 2}', '"__proto__" cannot be a key'],
  ] as const)('%s', ([text, message]) => {
    const failure = failureOf(text, scope)
    expect(failure.code).toBe('EXPRESSION_TYPE')
    expect(failure.message).toContain(message)
  })
})
