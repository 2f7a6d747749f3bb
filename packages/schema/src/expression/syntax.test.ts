import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { failureOf, mistakeOf, scopeOf, valueOf } from './evaluate.fixture.ts'
import { parseExpression } from './parse.ts'

describe('a mistake says what and where:', () => {
  test.for([
    ['', 'the expression is empty', ''],
    ['  ', 'the expression is empty', '  '],
    ['1 +', 'the expression ends too early', ''],
    ['(1 + 2', 'the expression ends too early, `)` is missing', ''],
    ['a ? b', 'the expression ends too early, `:` is missing', ''],
    ['[1, 2', 'the expression ends too early, `]` is missing', ''],
    ['a.', 'the expression ends too early, a name is missing', ''],
    ['a b', 'unexpected `b`', 'b'],
    ['1 + * 2', 'unexpected `*`', '*'],
    ['a # b', 'unexpected `#`', '#'],
    ['f(1, 2', 'the expression ends too early, `)` is missing', ''],
    ['a = 1', '`=` does not compare; write `==`', '='],
    ['a & b', '`&` is written `&&`', '&'],
    ['a | b', '`|` is written `||`', '|'],
    ['${{ a }} == 1', '`${{ }}` stands around the whole expression or not at all', '$'],
    ['a ?? b', '`.?`, `[?` and `??` do not exist here; write `has(a.b) ? a.b : c`', '?'],
    ['a.?b', '`.?`, `[?` and `??` do not exist here; write `has(a.b) ? a.b : c`', '?'],
    ['a[?0]', '`.?`, `[?` and `??` do not exist here; write `has(a.b) ? a.b : c`', '?'],
    ['Message{a: 1}', 'messages such as `Name{…}` do not exist here', '{'],
    ['"abc', 'the string is not closed', '"abc'],
    ["'''abc'", 'the string is not closed', "'''abc'"],
    ['"a\nb"', 'a string ends before its line does; write \\n, or use three quotes', '\n'],
    ['"\\q"', 'invalid escape sequence: \\q', '\\q'],
    ['"a\\u12g4"', '`\\u` takes 4 hexadecimal digits', '\\u12g4'],
    ['"\\U0001"', '`\\U` takes 8 hexadecimal digits', '\\U0001'],
    ['"\\U00110000"', 'there is no character \\U00110000', '\\U00110000'],
    ['"\\ud83d"', '\\ud83d is half of a character; write it whole, with `\\U`', '\\ud83d'],
    ['"\\x4"', '`\\x` takes 2 hexadecimal digits', '\\x4'],
    ['"\\400"', 'an octal escape is `\\000` to `\\377`', '\\400'],
    ['"""\na\\q"""', 'invalid escape sequence: \\q', '\\q'],
    ['r"a', 'the string is not closed', 'r"a'],
    ['1 + 0xg', 'after `0x` stand hexadecimal digits', '0x'],
    ['1e + 1', 'the exponent has no digits', '1e'],
    ['1.', 'the expression ends too early, a name is missing', ''],
    ['.5', 'unexpected `.`', '.'],
    ['a.in', 'unexpected `in`, a name is missing', 'in'],
    ['a 😀', 'unexpected `😀`', '😀'],
    ['f(,)', 'unexpected `,`', ','],
    ['a.b(while = 1)', '`while` is a reserved word and cannot begin a name', 'while'],
    ['18446744073709551616u', 'a whole number has at most 2^53-1 (9007199254740991)', '18446744073709551616u'],
    ['while + 1', '`while` is a reserved word and cannot begin a name', 'while'],
    ['b"abc"', 'bytes do not exist here: every value is JSON', 'b"abc"'],
    ['bR"a\\b"', 'bytes do not exist here: every value is JSON', 'bR"a\\b"'],
    ['a.`b-c`', 'a name in backquotes does not exist here; write `a["b-c"]`', '`'],
    ['9007199254740992', 'a whole number has at most 2^53-1 (9007199254740991)', '9007199254740992'],
    ['1 + 0xFFFFFFFFFFFFFFFF', 'a whole number has at most 2^53-1 (9007199254740991)', '0xFFFFFFFFFFFFFFFF'],
    ['1e400', 'the number is too large', '1e400'],
    ['{1: 2}', 'a key of a map is a string, not a number', '1'],
    ['{"a": 1, "a": 2}', 'the key "a" is written twice', '"a"'],
    ['{"__proto__": 1}', '"__proto__" cannot be a key', '"__proto__"'],
    ['{"constructor": 1}', '"constructor" cannot be a key', '"constructor"'],
  ] as const)('%j', ([text, message, place]) => {
    const mistake = mistakeOf(text)
    expect(mistake.message).toBe(message)
    expect(text.slice(mistake.start, mistake.end)).toBe(place)
  })

  test('the second of two equal keys is the one pointed at', () => {
    expect(mistakeOf('{"a": 1, "a": 2}')).toMatchObject({ start: 9, end: 12 })
  })
})

describe('nesting has a bound, in whatever way it is written:', () => {
  const deep = 20_000
  test.for([
    ['parentheses', '('.repeat(deep) + '1' + ')'.repeat(deep)],
    ['lists', '['.repeat(deep)],
    ['maps', '{"a":'.repeat(deep / 4)],
    ['not', '!'.repeat(deep) + 'true'],
    ['not, with comments between', '! // no\n'.repeat(deep / 4) + 'true'],
    ['minus', '- '.repeat(deep) + '1'],
    ['conditionals', 'true ? '.repeat(deep / 4)],
    ['calls', 'size('.repeat(deep / 4)],
    ['fields', 'a' + '.a'.repeat(deep)],
    ['indices', 'a' + '[0]'.repeat(deep)],
    ['operators', '1' + ' + 1'.repeat(deep / 4)],
  ] as const)('%s', ([, text]) => {
    expect(mistakeOf(text).message).toBe('the expression nests too deeply')
  })

  test('up to it, an expression evaluates', () => {
    expect(valueOf('1' + ' + 1'.repeat(120))).toBe(121)
    expect(valueOf('('.repeat(120) + '1' + ')'.repeat(120))).toBe(1)
    expect(valueOf('!'.repeat(120) + 'true')).toBe(true)
    expect(valueOf(`size("${'-'.repeat(500)}")`)).toBe(500)
    expect(valueOf('a' + '[0]'.repeat(120), scopeOf({ a: nested(120) }))).toBe(0)
  })
})

test('where it nests too deeply is said', () => {
  expect(mistakeOf('1 - ' + '- '.repeat(10_000))).toMatchObject({ start: 260, end: 261 })
  expect(mistakeOf('('.repeat(10_000))).toEqual({ message: 'the expression nests too deeply', start: 250, end: 251 })
  expect(valueOf(`${'('.repeat(249)}1${')'.repeat(249)}`)).toBe(1)
})

describe('of what stands in one pair of brackets there is a bound:', () => {
  test.for([
    ['a list', `[${'1,'.repeat(1001)}]`, 1 + 2 * 1000],
    ['a map', `{${'1:1,'.repeat(1001)}}`, 1 + 4 * 1000],
    ['a call', `f(${'1,'.repeat(1001)})`, 2 + 2 * 1000],
  ] as const)('%s', ([, text, start]) => {
    const message = 'a list, a map or a call has at most 1000 elements'
    expect(mistakeOf(text)).toEqual({ message, start, end: start + 1 })
  })

  test('up to it, a list evaluates', () => {
    expect(valueOf(`[${'1,'.repeat(1000)}] == []`)).toBe(false)
  })
})

test('a part of an expression is quoted with the parentheses in it', () => {
  expect(failureOf('((1) - ("a")).b').message).toBe('(1) - ("a"): `-` does not take a number and a string')
  expect(failureOf('(1 + 2).b').message).toBe('(1 + 2).b: a number has no fields')
})

test('a function is pointed at where it is called, whatever stands before it', () => {
  expect(mistakeOf('a // nope\n.nope()')).toMatchObject({ start: 11, end: 15 })
})

test('a text longer than 64 KiB is refused', () => {
  expect(mistakeOf(`"${'x'.repeat(65_536)}"`).message).toBe('an expression has at most 65536 characters')
})

test('an expression with more parts than its budget pays for is refused', () => {
  expect(
    mistakeOf(
      `[${Array(12)
        .fill(`[${Array(900).fill('1').join(',')}]`)
        .join(',')}]`,
    ).message,
  ).toBe('the expression has 10813 parts and may cost 10000 units to evaluate')
})

test('spaces, tabs, form feeds and ends of lines stand between tokens', () => {
  expect(valueOf('\f1\t+\r\n\f2 ')).toBe(3)
})

test('parsing a text again gives the same expression', () => {
  expect(parseExpression('input.again')).toBe(parseExpression('input.again'))
  for (let other = 0; other < 3000; other++) parseExpression(`input.again + ${other}`)
  expect(parseExpression('input.again')).toMatchObject({ expression: { source: 'input.again' } })
})

function nested(depth: number): Json {
  return depth === 0 ? 0 : [nested(depth - 1)]
}
