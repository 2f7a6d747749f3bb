import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { expressionOf, failureOf, mistakeOf, scopeOf, valueOf } from './evaluate.fixture.ts'

const hostile = JSON.parse('{"__proto__": {"polluted": true}, "plain": 1}') as Json
const scope = scopeOf(
  { input: { a: { b: 1, 'x-y': 2 }, xs: [10, 20], none: null, gone: undefined, i: 1 }, item: 'text', hostile },
  {
    done: {
      status: 'completed',
      attempts: 2,
      output: { verdict: 'approve', list: [{ id: 7 }] },
      startedAt: '2026-01-01T00:00:00Z',
      durationMs: 5,
      exitCode: 0,
    },
    broken: { status: 'failed', failure: { code: 'HTTP_STATUS', message: 'got 500', retryable: true } },
    skipped: { status: 'skipped' },
  },
)

describe('a name reads', () => {
  test.for([
    ['item', 'text'],
    ['input.a.b', 1],
    ['input["a"]["x-y"]', 2],
    ['input.xs[0]', 10],
    ['input.xs[input.i]', 20],
    ['[[1, 2], [3]][0][1]', 2],
    ['{"a": 1}.a', 1],
    ['input.none', null],
    ['steps.done.status', 'completed'],
    ['steps.done.attempts', 2],
    ['steps["done"]["output"].verdict', 'approve'],
    ['steps.done.output.list[0].id', 7],
    ['steps.done.startedAt', '2026-01-01T00:00:00Z'],
    ['steps.done.durationMs', 5],
    ['steps.done.exitCode', 0],
    ['steps.broken.failure.code', 'HTTP_STATUS'],
    ['hostile.plain', 1],
    ['size(hostile)', 2],
  ] as const)('%s as %j', ([text, expected]) => {
    expect(valueOf(text, scope)).toEqual(expected)
  })
})

describe('what does not exist fails with MISSING_VALUE and its path', () => {
  test.for([
    ['nope', 'nope does not exist: no variable of that name is in scope here'],
    ['nope.a', 'nope does not exist: no variable of that name is in scope here'],
    ['input.c', 'input.c does not exist: there is no field "c"'],
    ['input.gone', 'input.gone does not exist: there is no field "gone"'],
    ['input.a["c"].d', 'input.a["c"] does not exist: there is no field "c"'],
    ['input.a["b" + "c"]', 'input.a["b" + "c"] does not exist: there is no field "bc"'],
    [
      'input.a["b".replace("b", "bbbbbbbbbb").replace("b", "bbbbbbbbbb")]',
      `input.a["b".replace("b", "bbbbbbbbbb").replace("b", "bbbbbbbbbb")] does not exist: there is no field "${'b'.repeat(79)}…"`,
    ],
    ['input.xs[2]', 'input.xs[2] does not exist: the list has 2 elements, and 2 was asked for'],
    ['input.xs[-1]', 'input.xs[-1] does not exist: the list has 2 elements, and -1 was asked for'],
    ['steps.nope.output', 'steps.nope.output does not exist: no step "nope" is in scope here'],
    ['steps.skipped.output.verdict', 'steps.skipped.output does not exist: the step is skipped and has no output'],
    ['steps.done.failure', 'steps.done.failure does not exist: the step is completed and has no failure'],
    ['steps.done.constructor', 'steps.done.constructor does not exist: the step is completed and has no constructor'],
    ['steps.done.output.verdicts', 'steps.done.output.verdicts does not exist: there is no field "verdicts"'],
  ] as const)('%s', ([text, message]) => {
    expect(failureOf(text, scope)).toEqual({ code: 'MISSING_VALUE', message, retryable: false })
  })
})

describe('what has no such parts fails with EXPRESSION_TYPE', () => {
  test.for([
    ['item.length', 'item.length: a string has no fields'],
    ['input.xs.length', 'input.xs.length: a list has no fields'],
    ['input.none.a', 'input.none.a: a null has no fields'],
    ['timestamp(0).nanos', 'timestamp(0).nanos: a timestamp has no fields'],
    ['item[0]', 'item[0]: a string has no elements'],
    ['input.xs[0.5]', 'input.xs[0.5]: an element of a list is named by a whole number, not 0.5'],
    ['input.xs[item]', 'input.xs[item]: an element of a list is named by a whole number, not a string'],
    ['input.a[0]', 'input.a[0]: a field of a map is named by a string, not a number'],
  ] as const)('%s', ([text, message]) => {
    expect(failureOf(text, scope)).toEqual({ code: 'EXPRESSION_TYPE', message, retryable: false })
  })
})

describe('has() asks whether reading would give a value', () => {
  test.for([
    ['has(input.a.b)', true],
    ['has(input.a["x-y"])', true],
    ['has(input.none)', true],
    ['has(steps.done.exitCode)', true],
    ['has(steps.skipped.exitCode)', false],
    ['has(input.gone)', false],
    ['has(input.c.d.e)', false],
    ['has(input.none.a)', false],
    ['has(nope.a)', false],
    ['has(input.xs[1])', true],
    ['has(input.xs[2])', false],
    ['has(steps.done.output)', true],
    ['has(steps.done.output.verdict)', true],
    ['has(steps.done.failure)', false],
    ['has(steps.skipped.output)', false],
    ['has(steps.skipped.output.verdict)', false],
    ['has(steps.nope.output)', false],
    ['has({"a": 1}.a)', true],
    ['has(input.toString)', false],
  ] as const)('%s is %j', ([text, expected]) => {
    expect(valueOf(text, scope)).toBe(expected)
  })

  test('and what is not a link of the path still fails', () => {
    expect(failureOf('has(input.xs[nope])', scope).code).toBe('MISSING_VALUE')
    expect(failureOf('has(int("x").a)', scope).code).toBe('EXPRESSION_TYPE')
  })

  test.for(['has()', 'has(input)', 'has(1)', 'has(input.a, input.b)'])('%s is refused', (text) => {
    expect(mistakeOf(text)).toEqual({ message: 'has() takes one field, as in `has(input.name)`', start: 0, end: 3 })
  })
})

describe('nothing that an object inherits is a value', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf', 'prototype']
  test.for(names)('%s', (name) => {
    expect(failureOf(`input.${name}`, scope).code).toBe('MISSING_VALUE')
    expect(failureOf(`input["${name}"]`, scope).code).toBe('MISSING_VALUE')
    expect(failureOf(`input["${name}" + ""]`, scope).code).toBe('MISSING_VALUE')
    expect(failureOf(`item.${name}`, scope).code).toBe('EXPRESSION_TYPE')
    expect(mistakeOf(`input.${name}()`).message).toContain('no function')
  })

  test('nor is a prototype, unless JSON holds a field of that name', () => {
    expect(failureOf('input.__proto__', scope).code).toBe('MISSING_VALUE')
    expect(valueOf('hostile.__proto__.polluted', scope)).toBe(true)
    expect(failureOf('hostile.polluted', scope).code).toBe('MISSING_VALUE')
  })
})

describe('a step is read by its id and a field that are written out', () => {
  test.for([
    'steps',
    'steps.done',
    'steps[item].output',
    'steps.done[item]',
    'size(steps)',
    'has(steps.done)',
    'steps.done == 1',
    '[1].map(x, steps[x])',
  ])('%s is refused', (text) => {
    expect(mistakeOf(text).message).toBe(
      'a step is read by its id and a field, both written out: `steps.review.output`',
    )
  })

  test('and nothing else of the scope is asked for', () => {
    const asked: string[] = []
    const watching = {
      variable: (name: string) => (asked.push(name), 1),
      step: (id: string) => (asked.push(`steps.${id}`), { status: 'completed', output: true }),
    }
    expect(valueOf('steps.a.output ? x : steps.b.output', watching)).toBe(1)
    expect(asked).toEqual(['steps.a', 'x'])
  })
})

describe('references', () => {
  const referencesOf = (text: string) =>
    expressionOf(text).references.map(
      ({ root, path, guarded }) => `${guarded ? 'has ' : ''}${[root, ...path].join('.')}`,
    )

  test.for([
    ['1 + 2', []],
    ['item', ['item']],
    ['input.a["b"].c', ['input.a.b.c']],
    ['input.xs[0].name', ['input.xs']],
    ['input.xs[item.n].name', ['input.xs', 'item.n']],
    ['steps.a.output.x + steps["b"].output["y z"]', ['steps.a.output.x', 'steps.b.output.y z']],
    ['has(steps.a.output.x) && input.b', ['has steps.a.output.x', 'input.b']],
    ['has(input.xs[item].y)', ['has input.xs', 'item']],
    ['input.xs.map(item, item.a + index)', ['input.xs', 'index']],
    ['input.xs.map(x, x.ys.map(y, x.a + y.a + z.a)) + [x, y]', ['input.xs', 'z.a', 'x', 'y']],
    ['{"a": input.a}.a', ['input.a']],
    ['size(input.a) > 1 ? input.b : !input.c', ['input.a', 'input.b', 'input.c']],
    ['input.name.startsWith(run.id)', ['input.name', 'run.id']],
  ] as const)('of %s are %j', ([text, expected]) => {
    expect(referencesOf(text)).toEqual(expected)
  })

  test('tell the place of each name, without quotes where the text has them plain', () => {
    const text = ' 1 + steps [ "a" ] . output["x\\u0079"].b'
    const [reference] = expressionOf(text).references
    expect(text.slice(reference?.start, reference?.end)).toBe('steps [ "a" ] . output["x\\u0079"].b')
    expect(reference?.path).toEqual(['a', 'output', 'xy', 'b'])
    expect(reference?.names.map(({ start, end }) => text.slice(start, end))).toEqual([
      'steps',
      'a',
      'output',
      '"x\\u0079"',
      'b',
    ])
  })
})
