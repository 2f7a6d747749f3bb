import { parseExpression } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import {
  all,
  at,
  bool,
  contains,
  double,
  duration,
  endsWith,
  exists,
  existsOne,
  filter,
  indexOf,
  int,
  join,
  keys,
  lowerAscii,
  map,
  replace,
  size,
  split,
  startsWith,
  stepOf,
  string,
  substring,
  timePart,
  timestamp,
  trim,
  upperAscii,
} from './functions.ts'
import { choose, coalesce, has, isNull, orElse, sure } from './guards.ts'
import { add, and, div, eq, ge, gt, isIn, le, lt, mod, mul, ne, neg, not, or, sub, when } from './operators.ts'
import { outputOf } from './place.ts'
import { referenceOf } from './reference-of.ts'
import type { Expr, Ref, StepRef } from './reference.ts'
import { slotOf, templateOf } from './template.ts'
import { expr, text } from './text.ts'

interface Input {
  readonly name: string
  readonly count: number
  readonly ok: boolean
  readonly names: readonly string[]
  readonly rows: readonly { readonly id: string; readonly tags: readonly string[] }[]
  readonly prices: Readonly<Record<string, number>>
  readonly 'odd-key': string
  readonly in: string
  readonly note?: string
  readonly nick: string | null
  readonly at: string
}

const input = referenceOf<Input>({ kind: 'name', name: 'input' })
const step = outputOf<{ readonly kind: 'a' | 'b' }>('step') as StepRef<{ readonly kind: 'a' | 'b' }>
const union = outputOf<{ readonly kind: 'a'; readonly n: number } | { readonly kind: 'b'; readonly m: string }>('step')
const result = outputOf<{ readonly ok: true; readonly n: number } | { readonly ok: false; readonly code: string }>('r')

describe('an expression is the text that a person would write:', () => {
  test.for<readonly [text: string, expression: Expr<unknown>]>([
    ['input.name', input.name],
    ['input["odd-key"]', input['odd-key']],
    ['input["in"]', input.in],
    ['steps.step.output.kind', step.kind],
    ['steps.step.status', stepOf(step).status],
    ['steps.step.failure.code', sure(stepOf(step).failure).code],
    ['input.name == "Ada \\"A\\""', eq(input.name, 'Ada "A"')],
    ['input.names != ["a", "b"]', ne(input.names, ['a', 'b'])],
    ['input.count < 1', lt(input.count, 1)],
    ['input.count <= -1', le(input.count, -1)],
    ['1.5 > input.count', gt(1.5, input.count)],
    ['input.name >= "b"', ge(input.name, 'b')],
    ['input.ok && input.count > 1 && input.name == "x"', and(input.ok, gt(input.count, 1), eq(input.name, 'x'))],
    ['input.ok || input.ok && true', or(input.ok, and(input.ok, true))],
    ['(input.ok || input.count > 1) && input.ok', and(or(input.ok, gt(input.count, 1)), input.ok)],
    ['input.ok && input.ok && input.ok', and(input.ok, and(input.ok, input.ok))],
    ['!(input.ok && input.ok)', not(and(input.ok, input.ok))],
    ['!input.ok', not(input.ok)],
    ['(input.count < 1) == input.ok', eq(lt(input.count, 1), input.ok)],
    ['input.ok ? input.name : "none"', when(input.ok, input.name, 'none')],
    ['input.ok ? 1 : input.count > 1 ? 2 : 3', when(input.ok, 1, when(gt(input.count, 1), 2, 3))],
    ['input.ok ? (input.ok ? 1 : 2) : 3', when(input.ok, when(input.ok, 1, 2), 3)],
    ['(input.ok ? 1 : 2) + 3', add(when(input.ok, 1, 2), 3)],
    ['input.count + 1 + 2', add(input.count, 1, 2)],
    ['(input.count + 1) * 2', mul(add(input.count, 1), 2)],
    ['input.count + 1 * 2', add(input.count, mul(1, 2))],
    ['input.count - (1 - 2)', sub(input.count, sub(1, 2))],
    ['input.count - 1 - 2', sub(sub(input.count, 1), 2)],
    ['input.count / (2 / 3)', div(input.count, div(2, 3))],
    ['input.count % 2', mod(input.count, 2)],
    ['-input.count', neg(input.count)],
    ['-(input.count + 1)', neg(add(input.count, 1))],
    ['input.name + "!"', add(input.name, '!')],
    ['input.names + ["x"]', add(input.names, ['x'])],
    ['input.name in input.names', isIn(input.name, input.names)],
    ['input.name in ["a", "b"]', isIn(input.name, ['a', 'b'])],
    ['size(input.names) - 1', sub(size(input.names), 1)],
    ['int(input.count / 2)', int(div(input.count, 2))],
    ['double(input.name)', double(input.name)],
    ['string(input.count)', string(input.count)],
    ['bool(input.name)', bool(input.name)],
    ['input.name.contains("a")', contains(input.name, 'a')],
    ['(input.name + "a").startsWith("b")', startsWith(add(input.name, 'a'), 'b')],
    ['input.name.endsWith("c")', endsWith(input.name, 'c')],
    ['input.name.indexOf("c")', indexOf(input.name, 'c')],
    ['input.name.substring(1)', substring(input.name, 1)],
    ['input.name.substring(1, 2)', substring(input.name, 1, 2)],
    ['input.name.split(",")', split(input.name, ',')],
    ['input.names.join()', join(input.names)],
    ['input.names.join("-")', join(input.names, '-')],
    ['input.name.replace("a", "b")', replace(input.name, 'a', 'b')],
    ['input.name.trim().lowerAscii()', lowerAscii(trim(input.name))],
    ['input.name.upperAscii()', upperAscii(input.name)],
    ['input.names[0]', at(input.names, 0)],
    ['input.rows[input.count].id', at(input.rows, input.count).id],
    ['input.prices.tea', at(input.prices, 'tea')],
    ['input.prices["green tea"]', at(input.prices, 'green tea')],
    ['input.prices[input.name]', at(input.prices, input.name)],
    ['timestamp(input.at) + duration("1h")', add(timestamp(input.at), duration('1h'))],
    [
      'timestamp(input.at) - timestamp(input.name) > duration("1h")',
      gt(sub(timestamp(input.at), timestamp(input.name)), duration('1h')),
    ],
    ['timestamp(input.at).getMonth()', timePart(timestamp(input.at), 'Month')],
    ['input.names.map(x, x + "!")', map(input.names, (name) => add(name, '!'))],
    [
      'input.names.filter(x, x != "").map(x, {"name": x})',
      map(
        filter(input.names, (x) => ne(x, '')),
        (name) => ({ name }),
      ),
    ],
    [
      'input.rows.filter(x, x.tags.exists(y, y == x.id))',
      filter(input.rows, (row) => exists(row.tags, (tag) => eq(tag, row.id))),
    ],
    ['input.names.all(x, size(x) > 1)', all(input.names, (name) => gt(size(name), 1))],
    ['input.names.exists_one(x, x == "a")', existsOne(input.names, (name) => eq(name, 'a'))],
    ['input.prices.map(x, x)', keys(input.prices)],
    ['has(input.note)', has(input.note)],
    ['has(input.note) ? input.note : "none"', orElse(input.note, 'none')],
    ['has(input.note) ? size(input.note) : 0', when(has(input.note), (note) => size(note), 0)],
    ['input.nick != null ? input.nick : "none"', coalesce(input.nick, 'none')],
    ['input.nick != null ? size(input.nick) : 0', when(ne(input.nick, null), (nick) => size(nick), 0)],
    ['input.nick == null', isNull(input.nick)],
    ['size(input.note)', size(sure(input.note))],
    [
      'steps.step.output.kind == "a" ? steps.step.output.n : size(steps.step.output.m)',
      choose(union, 'kind', { a: (a) => a.n, b: (b) => size(b.m) }),
    ],
    [
      'steps.r.output.ok ? steps.r.output.n : steps.r.output.code',
      choose(result, 'ok', { false: (r) => r.code, true: (r) => r.n }),
    ],
    ['(input.count + 1) * 2', mul(expr<number>`${input.count} + 1`, 2)],
    ['input.count * 2', mul(expr<number>('input.count'), 2)],
    ['"Hello " + string(input.name) == input.name', eq(text`Hello ${input.name}`, input.name)],
  ])('%s', ([written, expression]) => {
    expect(slotOf(expression)).toBe(written)
    expect(parseExpression(written)).toHaveProperty('expression')
  })
})

describe('a variable of a macro has a name that nothing in it means otherwise:', () => {
  test.for<readonly [text: string, expression: Expr<unknown>]>([
    [
      'input.names.map(y, y + x)',
      map(input.names, (name) => add(name, referenceOf<string>({ kind: 'name', name: 'x' }))),
    ],
    ['input.names.map(y, y + x)', map(input.names, (name) => expr<string>`${name} + x`)],
  ])('%s', ([written, expression]) => {
    expect(slotOf(expression)).toBe(written)
  })

  test('outside of its callback there is none', () => {
    let kept: Ref<string> | undefined
    map(input.names, (name) => (kept = name))
    expect(() => slotOf(kept)).toThrow('used outside of its callback')
  })
})

describe('a value in a definition', () => {
  test.for<readonly [what: string, value: unknown, template: unknown]>([
    [
      'keeps the type of a reference',
      { n: input.count, list: [input.name, 1, null] },
      { n: '${{ input.count }}', list: ['${{ input.name }}', 1, null] },
    ],
    [
      'is text where text is around',
      text`Hello ${input.name}, ${input.count}x`,
      'Hello ${{ input.name }}, ${{ input.count }}x',
    ],
    ['is text where a reference stands alone in one', text`${input.count}`, '${{ string(input.count) }}'],
    ['has no field that is undefined', { a: undefined, b: 1 }, { b: 1 }],
    ['keeps a text that looks like an expression', 'costs ${{ 5', 'costs $${{ 5'],
    ['keeps a text that looks like an escape', 'costs $${{ 5 }}', 'costs $$${{ 5 }}'],
    ['keeps a dollar before an expression', text`$${input.count}`, '${{ "$" }}${{ input.count }}'],
    ['puts a text into another', text`${text`Hello ${input.name}`}!`, 'Hello ${{ input.name }}!'],
    ['takes plain values into a text', text`${1} of ${true}`, '1 of true'],
  ])('%s', ([, value, template]) => {
    expect(templateOf(value)).toEqual(template)
  })

  test('is JSON', () => {
    expect(() => templateOf({ at: new Date(0) })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
    expect(() => templateOf(() => 1)).toThrow('a function cannot stand in a definition: it is no JSON')
  })
})

test('a reference in an ordinary text is refused, where its name would come out', () => {
  const name: unknown = input.name
  expect(() => `Hello ${name as string}`).toThrow('input.name has no value yet: put it into a text with text`…`')
})
