import { describe, expect, test } from 'vitest'
import { failureOf, mistakeOf, scopeOf, valueOf } from './evaluate.fixture.ts'

const scope = scopeOf({ input: { m: { a: 1, gone: undefined } } })

describe('a function gives', () => {
  test.for([
    ['size("héé😀")', 4],
    ['"abc".size()', 3],
    ['size([1, 2])', 2],
    ['size(input.m)', 1],
    ['int(3.9)', 3],
    ['int(-3.9)', -3],
    ['int(-0.5)', 0],
    ['int("-12")', -12],
    ['int(timestamp("1970-01-01T00:01:00.9Z"))', 60],
    ['int(timestamp("1969-12-31T23:59:59.5Z"))', -1],
    ['double("-1.5e2")', -150],
    ['double(2)', 2],
    ['string(1.50)', '1.5'],
    ['string(1e21)', '1e+21'],
    ['string(true)', 'true'],
    ['string("a")', 'a'],
    ['string(duration("1m30.5s"))', '90.5s'],
    ['string(timestamp(0))', '1970-01-01T00:00:00Z'],
    ['bool("true")', true],
    ['bool("false")', false],
    ['bool(true)', true],
    ['"abc".contains("bc")', true],
    ['"abc".contains("x")', false],
    ['"abc".startsWith("ab")', true],
    ['"abc".startsWith("bc")', false],
    ['"abc".endsWith("bc")', true],
    ['"abc".endsWith("ab")', false],
    ['"a😀b".indexOf("b")', 2],
    ['"abc".indexOf("x")', -1],
    ['"TaCÖ".lowerAscii()', 'tacÖ'],
    ['"tacö".upperAscii()', 'TACö'],
    ['" \\t a b \\n".trim()', 'a b'],
    ['"\\u0085\\u00a0\\u1680\\u3000a\\u2028".trim()', 'a'],
    ['"\\u180ea\\u200b\\ufeff".trim()', '\u180ea\u200b\ufeff'],
    ['"a,b,,c".split(",")', ['a', 'b', '', 'c']],
    ['"a😀".split("")', ['a', '😀']],
    ['["a", "b"].join("-")', 'a-b'],
    ['["a", "b"].join()', 'ab'],
    ['[].join(",")', ''],
    ['"a.b.c".replace(".", "$&")', 'a$&b$&c'],
    ['"a.b.c".replace("x", "y")', 'a.b.c'],
    ['"a😀bc".substring(1)', '😀bc'],
    ['"a😀bc".substring(1, 3)', '😀b'],
    ['"abc".substring(3)', ''],
  ] as const)('%s is %j', ([text, expected]) => {
    expect(valueOf(text, scope)).toEqual(expected)
  })
})

describe('a function fails:', () => {
  test.for([
    ['size(1)', 'EXPRESSION_TYPE', 'size() takes a string, a list or a map, not a number'],
    ['int(true)', 'EXPRESSION_TYPE', 'int() takes a number, a string or a timestamp, not a bool'],
    ['int("1.5")', 'EXPRESSION_TYPE', '"1.5" is not a whole number'],
    ['int("9007199254740993")', 'EXPRESSION_TYPE', 'is not a whole number'],
    ['double("0x10")', 'EXPRESSION_TYPE', '"0x10" is not a number'],
    ['double("1e999")', 'EXPRESSION_TYPE', '"1e999" is not a number'],
    ['double(null)', 'EXPRESSION_TYPE', 'double() takes a number or a string, not a null'],
    ['string(null)', 'EXPRESSION_TYPE', 'string() takes a string, number, bool, timestamp or duration, not a null'],
    ['string([1])', 'EXPRESSION_TYPE', 'not a list'],
    ['string({})', 'EXPRESSION_TYPE', 'not a map'],
    ['bool("yes")', 'EXPRESSION_TYPE', '"yes" is not "true" or "false"'],
    ['bool(1)', 'EXPRESSION_TYPE', 'bool() takes a bool or a string, not a number'],
    ['(1).contains("a")', 'EXPRESSION_TYPE', 'contains() takes a string, not a number'],
    ['"a".contains(1)', 'EXPRESSION_TYPE', 'contains() takes a string, not a number'],
    ['(1).trim()', 'EXPRESSION_TYPE', 'trim() takes a string, not a number'],
    ['"a".replace("", "b")', 'EXPRESSION_TYPE', 'an empty string cannot be replaced'],
    ['["a", 1].join()', 'EXPRESSION_TYPE', 'join() takes strings, not a number'],
    ['"a".join()', 'EXPRESSION_TYPE', 'join() takes a list of strings, not a string'],
    ['"abc".substring(4)', 'MISSING_VALUE', 'there is no character 4'],
    ['"abc".substring(-1)', 'MISSING_VALUE', 'there is no character -1'],
    ['"abc".substring(2, 1)', 'MISSING_VALUE', 'the end is before the start'],
    ['"abc".substring(0.5)', 'EXPRESSION_TYPE', 'substring() takes whole numbers as positions, not a number'],
  ] as const)('%s with %s', ([text, code, message]) => {
    const failure = failureOf(text)
    expect(failure.code).toBe(code)
    expect(failure.message).toContain(message)
  })
})

describe('a call is refused where it is written:', () => {
  test.for([
    ['sise("a")', 'there is no function "sise"; did you mean "size"?', 'sise'],
    ['("a").contain("a")', 'there is no function "contain"; did you mean "contains"?', 'contain'],
    ['[1].fliter(x, x)', 'there is no function "fliter"; did you mean "filter"?', 'fliter'],
    ['unheardOf()', 'there is no function "unheardOf"', 'unheardOf'],
    ['contains("a", "b")', 'contains is written as a method: x.contains(…)', 'contains'],
    ['"1".int()', 'int is written as a function: int(x)', 'int'],
    ['"a".contains()', 'contains() takes 1 argument, not 0', 'contains'],
    ['"a".substring(1, 2, 3)', 'substring() takes 1 or 2 arguments, not 3', 'substring'],
    ['size()', 'size() takes 1 argument, not 0', 'size'],
    ['"a".size(1)', 'size() takes 0 arguments, not 1', 'size'],
    ['"a".matches("a+")', 'matches() does not exist here: a regular expression can take exponential time', 'matches'],
    ['now()', 'now() does not exist here: an expression gives the same value every time', 'now'],
    ['uint(1)', 'uint() does not exist here: there is one type of number', 'uint'],
  ] as const)('%s', ([text, message, place]) => {
    const mistake = mistakeOf(text)
    expect(mistake.message).toContain(message)
    expect(text.slice(mistake.start, mistake.end)).toBe(place)
  })
})
