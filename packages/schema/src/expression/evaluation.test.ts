import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { expressionOf, failureOf, failureWhen, scopeOf, valueOf } from './evaluate.fixture.ts'
import type { Scope } from './expression.ts'

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index)
const scope = scopeOf({
  few: range(100),
  many: range(20_000),
  text: 'a'.repeat(50_000),
  megabytes: 'a'.repeat(4_000_000),
  sameMegabytes: 'a'.repeat(4_000_000),
  wide: Object.fromEntries(range(20_000).map((index) => [`k${index}`, index])),
  digits: '1'.repeat(4_000_000),
  deep: nested(5_000),
  alsoDeep: nested(5_000),
})

describe('an evaluation that costs more than its budget fails with EXPRESSION_COST:', () => {
  test.for([
    'many.all(x, true)',
    'few.map(x, few.map(y, x * y))',
    'few.map(x, few.map(y, few.map(z, few.map(u, x))))',
    'many + many',
    'many == many.filter(x, true)',
    '-1 in many',
    'size(wide)',
    'megabytes == sameMegabytes',
    'megabytes < sameMegabytes',
    'megabytes.contains("b")',
    'size(megabytes)',
    'megabytes.split("")',
    'megabytes.upperAscii()',
    'text + text',
    'text.replace("a", text)',
    'few.map(x, text).join()',
    'many.map(x, string(x)).join()',
    'few.exists(x, double(digits) == 0)',
    'text.contains(text) && text.contains(text + "")',
    'deep == alsoDeep',
    '[timestamp(0), deep]',
    '[timestamp(0), wide]',
  ])('%s', (text) => {
    expect(failureOf(text, scope).code).toBe('EXPRESSION_COST')
  })

  test('and no operator makes that go away', () => {
    expect(failureOf('many.all(x, true) || true', scope).code).toBe('EXPRESSION_COST')
    expect(failureOf('false && true || (text + text == "") || true', scope).code).toBe('EXPRESSION_COST')
    expect(failureOf('few.exists(x, many.all(y, true) || true)', scope).code).toBe('EXPRESSION_COST')
  })

  test('each evaluation has the whole budget', () => {
    const expression = expressionOf('few.map(x, few[x] + 1 > 0)')
    for (let time = 0; time < 50; time++) expect(expression.evaluate(scope)).toHaveLength(100)
  })

  test('also one inside of another', () => {
    const inner = expressionOf('few.map(x, x + 1)')
    const reentrant: Scope = { ...scope, variable: (name) => (name === 'few' ? inner.evaluate(scope) : undefined) }
    expect(expressionOf('few.map(x, x + 1)').evaluate(reentrant)).toEqual(range(100).map((index) => index + 2))
  })

  test('what it makes may hold one value many times, but not be endless as JSON: that fails with PAYLOAD_TOO_LARGE', () => {
    const links = (count: number): string =>
      range(count)
        .map((link) => `.map(x${link}, [x${link}, x${link}])`)
        .join('')
    expect(JSON.stringify(valueOf(`[0]${links(15)}`))).toHaveLength(4 * 2 ** 15 - 1)
    expect(failureOf(`[0]${links(60)}`).code).toBe('PAYLOAD_TOO_LARGE')
    expect(failureOf('few.map(x, megabytes)', scope).code).toBe('PAYLOAD_TOO_LARGE')
    expect(failureOf('[megabytes] + [megabytes] + [megabytes]', scope).code).toBe('PAYLOAD_TOO_LARGE')
    expect(failureOf('{"a": [megabytes], "b": {"c": megabytes}, "d": [wide, wide, wide]}', scope).code).toBe(
      'PAYLOAD_TOO_LARGE',
    )
  })

  test('what is constant is calculated while it is read only as long as that costs no more than one evaluation', () => {
    const text = '"a"' + '.replace("a", "aaaaaaaaaaaaaaaa")'.repeat(4)
    expect(valueOf(`size(${text})`)).toBe(65_536)
    expect(
      failureOf(
        `[${range(20)
          .map(() => text)
          .join()}].size()`,
      ).code,
    ).toBe('EXPRESSION_COST')
  })

  test('and what is large costs nothing while it is only handed on', () => {
    expect(valueOf('true ? megabytes : text', scope)).toHaveLength(4_000_000)
    expect(valueOf('many[19999]', scope)).toBe(19_999)
    expect(valueOf('wide.k7', scope)).toBe(7)
    expect(valueOf('size(many)', scope)).toBe(20_000)
    expect(valueOf('has(deep.a)', scope)).toBe(false)
  })
})

test('the value that the scope gave is handed on, not copied', () => {
  const list: Json = [1, 2]
  expect(valueOf('input.list', scopeOf({ input: { list } }))).toBe(list)
})

test('what a scope throws passes through, whatever the expression makes of failures', () => {
  const need = new Error('a blob is needed first')
  const throwing: Scope = {
    variable: () => 1,
    step: () => {
      throw need
    },
  }
  for (const text of [
    'steps.a.output',
    'steps.a.output || true',
    '[1].exists(x, steps.a.output)',
    'has(steps.a.output)',
  ]) {
    expect(() => valueOf(text, throwing)).toThrow(need)
  }
})

test('a failure is data that says where it came from', () => {
  const long = `"${'x'.repeat(200)}" + 1`
  expect(failureWhen(() => valueOf(long)).message).toBe(
    `"${'x'.repeat(78)}…: \`+\` does not take a string and a number`,
  )
})

function nested(depth: number): Json {
  let value: Json = 0
  for (let level = 0; level < depth; level++) value = [value]
  return value
}
