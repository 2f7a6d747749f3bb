import { performance } from 'node:perf_hooks'
import { afterAll, describe, expect, test } from 'vitest'
import { ExpressionError } from '../../src/expression/expression.ts'
import type { Scope } from '../../src/expression/expression.ts'
import { expressionLimits } from '../../src/expression/limits.ts'
import { parseExpression } from '../../src/expression/parse.ts'
import { parseTemplate } from '../../src/expression/template.ts'
import type { Json } from '../../src/json.ts'

/*
 * Expressions written to cost as much as they can. Each is refused with its place while it is read, or stopped with
 * EXPRESSION_COST, or PAYLOAD_TOO_LARGE where little is made but much would have to be written down. That the work is bounded is shown by what is read of the scope until then, which no machine makes
 * slower; milliseconds are printed only.
 */
const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index)
const links = (count: number, link: (name: string) => string): string =>
  range(count)
    .map((index) => link(`x${index}`))
    .join('')

const text = 'a'.repeat(64_000)
const values: Readonly<Record<string, Json>> = {
  few: range(100),
  many: range(1_000_000),
  same: range(1_000_000),
  rows: range(1000).map(() => range(1000)),
  deep: nested(5_000),
  alsoDeep: nested(5_000),
  wide: Object.fromEntries(range(100_000).map((index) => [`key ${index}`, index])),
  text,
  // The worst place for a search by characters to find out that a part is not there.
  part: `${'a'.repeat(500)}b${'a'.repeat(500)}`,
  digits: '1'.repeat(8_000_000),
  texts: range(1000).map(() => text),
}

// An element of a list costs at most three reads, as where two lists are compared: one each, and whether it is there.
const readsMax = 3 * expressionLimits.costMax

const timings: string[] = []
afterAll(() => {
  process.stdout.write(`${timings.join('\n')}\n`)
})

describe('refused while it is read, with its place:', () => {
  test.for([
    ['brackets without end', '('.repeat(30_000), 'the expression nests too deeply', 250],
    ['operators without end', `1${' + 1'.repeat(16_000)}`, 'the expression nests too deeply', 0],
    ['a chain without end', `a${'.b'.repeat(30_000)}`, 'the expression nests too deeply', 500],
    ['macros within macros', '[1].all(x, '.repeat(2_000), 'the expression nests too deeply', 1372],
    ['a long list', `[${'1,'.repeat(30_000)}]`, 'a list, a map or a call has at most 1000 elements', 2001],
    ['a long text', `"${text}${text}"`, 'an expression has at most 65536 characters', 0],
    ['many parts', `[${`[${'1,'.repeat(900)}],`.repeat(12)}]`, 'the expression has 10813 parts', 0],
  ] as const)('%s', ([name, source, message, start]) => {
    const parsed = timed(name, () => parseExpression(source))
    expect(parsed).toMatchObject({ mistake: { message: expect.stringContaining(message), start } })
  })
})

describe('stopped while it is evaluated, for all that it reads:', () => {
  test.for([
    ['a macro over a long list', 'many.all(x, true)'],
    ['macros within macros over lists', 'rows.all(x, x.all(y, rows.exists(z, z[y] < 0) || true))'],
    ['a failure for each element', 'many.exists(x, x.gone)'],
    ['a text that doubles', `["ab"]${links(60, (x) => `.map(${x}, ${x} + ${x})`)}`],
    ['a list that doubles', `[[0]]${links(60, (x) => `.map(${x}, ${x} + ${x})`)}`],
    ['long lists, compared', 'many == same'],
    ['lists of lists, compared', 'few.exists(x, rows != rows.filter(y, true))'],
    ['deep values, compared', 'deep == alsoDeep'],
    ['`in` over a long list, again and again', 'few.exists(x, -1 in many)'],
    ['the keys of a wide map', 'few.all(x, wide.all(key, size(key) > 0))'],
    ['a wide map, compared', 'wide == {"a": wide}.a || few.exists(x, wide == {"b": 1})'],
    ['a text cut into characters', 'few.exists(x, size(text.split("")) < 0)'],
    ['a text that grows where it is replaced', 'text.replace("a", text)'],
    ['texts put together', 'texts.join(text)'],
    ['a search that goes back again and again', 'few.exists(x, text.indexOf(part) > 0)'],
    ['a long text read as a number', 'few.exists(x, double(digits) < 0)'],
    [
      'constants that grow while they are read',
      `[${range(40)
        .map(() => replaced)
        .join()}].size()`,
    ],
  ] as const)('%s', ([name, source]) => {
    const { scope, reads } = counting()
    const failure = timed(name, () => failureOf(() => evaluate(source, scope)))
    expect(failure).toBe('EXPRESSION_COST')
    expect(reads()).toBeLessThanOrEqual(readsMax)
  })

  test.for([
    ['a list that holds the one before twice', `[0]${links(60, (x) => `.map(${x}, [${x}, ${x}])`)}`],
    ['a map that holds the one before twice', `[0]${links(60, (x) => `.map(${x}, {"a": ${x}, "b": ${x}})`)}`],
    ['one text many times', 'texts.map(x, [text, text, text]) + texts'],
  ] as const)('%s', ([name, source]) => {
    const { scope, reads } = counting()
    const failure = timed(name, () => failureOf(() => evaluate(source, scope)))
    expect(failure).toBe('PAYLOAD_TOO_LARGE')
    expect(reads()).toBeLessThanOrEqual(readsMax)
  })

  test.for([
    [
      'a template of one long text',
      range(200)
        .map(() => '${{ text }}')
        .join('-'),
      'EXPRESSION_COST',
    ],
    ['a template of many long texts', range(2_000).map(() => '${{ text }}'), 'PAYLOAD_TOO_LARGE'],
    ['a template of lists of long texts', { a: range(100).map(() => ({ b: '${{ texts }}' })) }, 'PAYLOAD_TOO_LARGE'],
  ] as const)('%s', ([name, value, code]) => {
    const { scope, reads } = counting()
    const parsed = parseTemplate(value)
    if ('mistakes' in parsed) throw new Error(JSON.stringify(parsed.mistakes))
    expect(timed(name, () => failureOf(() => parsed.template.evaluate(scope)))).toBe(code)
    expect(reads()).toBeLessThanOrEqual(readsMax)
  })
})

test('what is read within the budget is counted by the same measure', () => {
  const { scope, reads } = counting()
  expect(evaluate('many[7] + size(many) + few.filter(x, x > 97).size()', scope)).toBe(1_000_009)
  expect(reads()).toBeGreaterThanOrEqual(101)
  expect(reads()).toBeLessThanOrEqual(3 * 101)
})

const replaced = `"a"${'.replace("a", "aaaaaaaaaaaaaaaa")'.repeat(4)}`

/** The values as a scope that counts how often an element or a field of theirs, or of a part of theirs, is read. */
function counting(): { readonly scope: Scope; readonly reads: () => number } {
  let reads = 0
  const counted = (value: Json | undefined): Json | undefined => {
    if (typeof value !== 'object' || value === null) return value
    return new Proxy(value as object, {
      get: (target, key) => {
        if (typeof key === 'string' && Object.hasOwn(target, key)) reads++
        return counted(Reflect.get(target, key) as Json)
      },
    }) as Json
  }
  const variable: Scope['variable'] = (name) => (Object.hasOwn(values, name) ? counted(values[name]) : undefined)
  return { scope: { variable, step: () => undefined }, reads: () => reads }
}

function evaluate(source: string, scope: Scope): Json {
  const parsed = parseExpression(source)
  if ('mistake' in parsed) throw new Error(parsed.mistake.message)
  return parsed.expression.evaluate(scope)
}

function failureOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof ExpressionError) return error.failure.code
    throw error
  }
  return 'nothing failed'
}

function timed<Value>(name: string, act: () => Value): Value {
  const start = performance.now()
  const value = act()
  timings.push(`  ${(performance.now() - start).toFixed(1).padStart(8)} ms  ${name}`)
  return value
}

function nested(depth: number): Json {
  let value: Json = 0
  for (let level = 0; level < depth; level++) value = [value]
  return value
}
