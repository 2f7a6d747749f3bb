import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { failureWhen, scopeOf } from './evaluate.fixture.ts'
import type { Template } from './expression.ts'
import { parseTemplate, stripMarks } from './template.ts'
import type { TemplateMistake } from './template.ts'

const scope = scopeOf({
  input: { n: 2, s: 'text', yes: true, none: null, list: [1], map: { a: 1 }, long: 'x'.repeat(600_000) },
})

describe('a template gives', () => {
  test.for([
    ['${{ input.n }}', 2],
    ['${{input.list}}', [1]],
    ['${{ input.none }}', null],
    ['${{ input.map }}', { a: 1 }],
    [' ${{ input.n }}', ' 2'],
    ['${{ input.n }} ', '2 '],
    ['${{ input.n }}${{ input.n }}', '22'],
    ['a ${{ input.s }} b ${{ input.yes }}', 'a text b true'],
    ['at ${{ timestamp(0) }}', 'at 1970-01-01T00:00:00Z'],
    ['plain', 'plain'],
    ['', ''],
    ['$ { { }} ${ }', '$ { { }} ${ }'],
    ['$${{ input.n }}', '${{ input.n }}'],
    ['$$${{ input.n }}', '$${{ input.n }}'],
    ['a $${{ b ${{ input.n }}', 'a ${{ b 2'],
    ['${{ input.n }}$${{', '2${{'],
    ['${{ "}}" }}', '}}'],
    ["${{ '}}' + \"'}}\" }}!", "}}'}}!"],
    ['${{ """ "}} """ }}', ' "}} '],
    ['${{ "\\"}}" }}', '"}}'],
    ['${{ {"a": {"b": 1}} }}', { a: { b: 1 } }],
    ['${{{"a": 1}}}', { a: 1 }],
    ['${{ 1 // }}\n + 1 }}', 2],
    [
      { a: ['${{ input.n }}', { b: 'n=${{ input.n }}' }], c: 1 },
      { a: [2, { b: 'n=2' }], c: 1 },
    ],
    [
      { a: undefined, b: '${{ input.n }}' },
      { a: undefined, b: 2 },
    ],
    [
      [1, null, true, ['$${{']],
      [1, null, true, ['${{']],
    ],
  ] as const)('%j as %j', ([value, expected]) => {
    expect(templateOf(value).evaluate(scope)).toStrictEqual(expected)
  })
})

describe('a template without expressions is constant', () => {
  test('and gives back the very value', () => {
    const value = { a: [1, { b: 'plain' }], c: null }
    const template = templateOf(value)
    expect(template.constant).toBe(true)
    expect(template.evaluate(scope)).toBe(value)
  })

  test('also where marks are written as text', () => {
    const template = templateOf({ a: ['$${{ x }}'] })
    expect(template.constant).toBe(true)
    expect(template.evaluate(scope)).toEqual({ a: ['${{ x }}'] })
    expect(template.evaluate(scope)).toBe(template.evaluate(scope))
  })

  test('and one with an expression is not', () => {
    expect(templateOf(['${{ 1 }}']).constant).toBe(false)
  })
})

test('what has no expression in it is not copied', () => {
  const same = { deep: [1, 2] }
  expect(templateOf({ same, other: '${{ 1 }}' }).evaluate(scope)).toHaveProperty('same', same)
  expect((templateOf({ same, other: '${{ 1 }}' }).evaluate(scope) as { same: Json }).same).toBe(same)
})

test('fields keep their order, and `__proto__` from JSON stays a field', () => {
  const template = templateOf(JSON.parse('{"b": 1, "__proto__": "${{ input.n }}", "a": "${{ 1 }}"}') as Json)
  const value = template.evaluate(scope)
  expect(JSON.stringify(value)).toBe('{"b":1,"__proto__":2,"a":1}')
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
})

describe('in the middle of a text', () => {
  test.for([
    ['a ${{ input.none }}', 'input.none is null, which cannot stand in the middle of a text; convert it first'],
    ['a ${{ input.list }}', 'input.list is a list, which cannot stand in the middle of a text; convert it first'],
    ['${{ input.map }} ', 'input.map is a map, which cannot stand in the middle of a text; convert it first'],
  ] as const)('%s fails with TYPE_MISMATCH', ([text, message]) => {
    expect(failureWhen(() => templateOf(text).evaluate(scope))).toEqual({
      code: 'TYPE_MISMATCH',
      message,
      retryable: false,
    })
  })

  test('values may add up to 1 MiB and no more', () => {
    expect(templateOf('a${{ input.long }}').evaluate(scope)).toHaveLength(600_001)
    expect(failureWhen(() => templateOf('${{ input.long }}${{ input.long }}').evaluate(scope)).code).toBe(
      'EXPRESSION_COST',
    )
  })
})

describe('all mistakes are told, each with its place:', () => {
  test('in several strings', () => {
    const value = { 'a/b~c': ['ok', 'x ${{ 1 + }} ${{ = }}'], d: '${{ 1' }
    expect(
      mistakesIn(value).map(({ pointer, mistake }) => [pointer, mistake.message, mistake.start, mistake.end]),
    ).toEqual([
      ['/a~1b~0c/1', 'the expression ends too early', 10, 10],
      ['/a~1b~0c/1', '`=` does not compare; write `==`', 17, 18],
      ['/d', '`${{` is not closed by `}}`', 0, 5],
    ])
  })

  test.for([
    ['a ${{ b', '`${{` is not closed by `}}`', 2, 7],
    ['${{ "b }}', 'the string is not closed', 4, 9],
    ['${{ a // b }}', '`${{` is not closed by `}}`', 0, 13],
    ['${{ {"a": 1 }}', '`${{` is not closed by `}}`', 0, 14],
    ['${{ a } }}', 'unexpected `}`', 6, 7],
    ['${{ }}', 'the expression is empty', 3, 4],
  ] as const)('%s', ([text, message, start, end]) => {
    expect(mistakesIn(text)).toEqual([{ pointer: '', mistake: { message, start, end } }])
  })

  test('in a key', () => {
    expect(mistakesIn({ 'a ${{ b }}': 1 })).toEqual([
      { pointer: '/a ${{ b }}', mistake: { message: 'a key cannot hold `${{ }}`; only values can', start: 0, end: 0 } },
    ])
  })

  test('of a value that nests without end', () => {
    const list: Json[] = []
    list.push(list)
    expect(mistakesIn(list)).toMatchObject([{ mistake: { message: 'the value nests deeper than 64 levels' } }])
  })
})

test('a template may hold one value many times, but not be endless as JSON', () => {
  const large = scopeOf({ large: 'a'.repeat(4_000_000) })
  expect(templateOf(['${{ large }}', '${{ 1 }}']).evaluate(large)).toHaveLength(2)
  const many = templateOf({ a: ['${{ large }}', '${{ large }}'], b: '${{ large }}' })
  expect(failureWhen(() => many.evaluate(large)).code).toBe('PAYLOAD_TOO_LARGE')
})

test('references tell the string that they are in', () => {
  const value = { a: ['', 'x ${{ input.n }} ${{ has(steps.b.output) }}'] }
  const texts = templateOf(value).references.map(({ pointer, guarded, start, end, names }) => ({
    pointer,
    guarded,
    text: value.a[1]?.slice(start, end),
    names: names.map((name) => value.a[1]?.slice(name.start, name.end)),
  }))
  expect(texts).toEqual([
    { pointer: '/a/1', guarded: false, text: 'input.n', names: ['input', 'n'] },
    { pointer: '/a/1', guarded: true, text: 'steps.b.output', names: ['steps', 'b', 'output'] },
  ])
})

describe('one mark around all of a text comes off', () => {
  test.for([
    ['${{ a }}', ' a ', 3],
    ['  ${{a == "}}"}} \n', 'a == "}}"', 5],
    ['a == b', 'a == b', 0],
    [' a', ' a', 0],
    ['', '', 0],
    ['${{ a }} && ${{ b }}', '${{ a }} && ${{ b }}', 0],
    ['${{ a }} && b', '${{ a }} && b', 0],
    ['"${{ a }}"', '"${{ a }}"', 0],
    ['$${{ a }}', '$${{ a }}', 0],
    ['${{ a', '${{ a', 0],
  ] as const)('%j', ([text, inner, offset]) => {
    expect(stripMarks(text)).toEqual({ text: inner, offset })
  })
})

function templateOf(value: Json): Template {
  const parsed = parseTemplate(value)
  if ('mistakes' in parsed) throw new Error(JSON.stringify(parsed.mistakes))
  return parsed.template
}

function mistakesIn(value: Json): readonly TemplateMistake[] {
  const parsed = parseTemplate(value)
  return 'mistakes' in parsed ? parsed.mistakes : []
}
