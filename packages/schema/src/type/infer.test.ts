import { describe, expect, test } from 'vitest'
import { environmentOf, inferredFrom } from './infer.fixture.ts'
import {
  anyType,
  booleanType,
  integerType,
  listType,
  literalType,
  mapType,
  nullType,
  numberType,
  textType,
  type Type,
} from './type.ts'
import { union } from './union.ts'

const words = (...values: readonly string[]): Type => union(values.map(literalType))
const maybe = (type: Type): { type: Type; isOptional: true } => ({ type, isOptional: true })

const environment = environmentOf({
  index: integerType,
  input: mapType({
    ...{ name: textType, rounds: integerType, ratio: numberType, isUrgent: booleanType, raw: anyType },
    ...{ note: maybe(textType), count: union([integerType, nullType]), mixed: union([textType, integerType]) },
    verdict: words('approve', 'revise', 'block'),
    author: union([mapType({ name: textType }), nullType]),
    files: listType(mapType({ path: textType, lines: maybe(integerType) })),
    labels: mapType({}, textType),
  }),
  'steps.review': union([
    mapType({ status: literalType('completed'), output: mapType({ score: numberType }) }),
    mapType({ status: literalType('failed'), failure: mapType({ code: textType }) }),
  ]),
})

const infer = (text: string): ReturnType<typeof inferredFrom> => inferredFrom(text, environment)
const problemsOf = (text: string): unknown => infer(text).problems

describe('the type of', () => {
  test.for([
    ['1 + 2', 'an integer'],
    ['input.rounds + 1', 'an integer'],
    ['input.rounds * 1.5', 'a number'],
    ['input.rounds / 2', 'a number'],
    ['-input.rounds', 'an integer'],
    ['-1', '-1'],
    ['input.name + "!"', 'text'],
    ['[1] + ["a"]', 'a list of 1 and "a"'],
    ['input.files + [1]', 'a list of maps or 1'],
    ['timestamp(input.name) - timestamp(0)', 'a duration'],
    ['duration("1h") + timestamp(0)', 'a timestamp'],
    ['timestamp(0).getHours()', 'an integer'],
    ['size(input.files)', 'an integer'],
    ['string(input.rounds)', 'text'],
    ['input.name.split(",")[0]', 'text'],
    ['input.isUrgent ? 1 : "a"', '1 or "a"'],
    ['input.rounds > 1 && input.isUrgent', 'true or false'],
    ['{"a": 1, "b": [input.name]}', 'a map with a and b'],
    ['{"a": 1}.a', '1'],
    ['input.files.map(file, file.path)', 'a list of text'],
    ['[1, 2].map(x, x > 1)[0]', 'true or false'],
    ['input.files.filter(file, has(file.lines)).map(file, file.lines)', 'a list of integers'],
    ['input.files.map(file, has(file.lines), file.lines)', 'a list of integers'],
    ['input.labels.map(label, label)', 'a list of text'],
    ['{"a": 1, "b": 2}.map(key, key)', 'a list of "a" or "b"'],
    ['has(input.name)', 'true'],
    ['has(input.note)', 'true or false'],
    ['has(input.author.name)', 'true or false'],
    ['input.raw.anything[0]', 'anything'],
    ['nowhere.at.all', 'anything'],
  ])('%s is %s', ([text = '', type]) => {
    expect(infer(text)).toEqual({ type, problems: [] })
  })
})

describe('what is read', () => {
  test('has to be a field that there is', () => {
    expect(problemsOf('input.nmae + "!"')).toEqual([
      {
        code: 'UNKNOWN_FIELD',
        message: 'input has no field "nmae"',
        hint: 'did you mean "name"?',
        replacement: 'name',
        root: 'input',
        path: ['nmae'],
        at: 'nmae',
      },
    ])
    expect(problemsOf('steps.review.failure.why')).toMatchObject([{ code: 'MAYBE_MISSING', at: 'failure' }])
    expect(problemsOf('has(input.files[0].size)')).toMatchObject([
      { code: 'UNKNOWN_FIELD', hint: 'the fields are path, lines', at: 'size' },
    ])
  })

  test('has to be there', () => {
    const found = { code: 'MAYBE_MISSING', message: 'input.note may be missing', at: 'note' }
    const hint = 'guard it: has(input.note) ? input.note : …'
    expect(problemsOf('input.note + input.note')).toMatchObject([
      { ...found, hint },
      { ...found, hint },
    ])
    expect(problemsOf('steps.review.output.score')).toMatchObject([{ root: 'steps.review', path: ['output'] }])
    expect(problemsOf('input.files[0].path')).toMatchObject([{ code: 'MAYBE_MISSING', at: '0' }])
    expect(problemsOf('input.files[index].path')).toMatchObject([{ code: 'MAYBE_MISSING', at: 'index' }])
    expect(problemsOf('input.labels.urgent')).toMatchObject([{ code: 'MAYBE_MISSING', at: 'urgent' }])
    expect(problemsOf('[1, 2][-1]')).toMatchObject([{ code: 'MAYBE_MISSING' }])
    expect(problemsOf('[1, 2][2]')).toMatchObject([{ message: '[1, 2][2] is missing here' }])
  })

  test('is not read of null', () => {
    expect(problemsOf('input.author.name')).toEqual([
      {
        code: 'MAYBE_NULL',
        message: 'input.author may be null, so its field "name" cannot be read',
        hint: 'guard it: input.author != null && …',
        found: 'a map with name or null',
        root: 'input',
        path: ['author'],
        at: 'author',
      },
    ])
    expect(problemsOf('input.count + 1')).toMatchObject([{ code: 'MAYBE_NULL', at: 'input.count' }])
    expect(problemsOf('-input.count')).toMatchObject([{ code: 'MAYBE_NULL', at: 'input.count' }])
  })

  test('is read of a map or a list', () => {
    expect(problemsOf('input.name.first')).toMatchObject([
      { code: 'WRONG_OPERAND', message: 'input.name is text, which has no field "first"', at: 'first' },
    ])
    expect(problemsOf('has(input.name.first)')).toMatchObject([{ code: 'WRONG_OPERAND' }])
    expect(problemsOf('input.files["a"]')).toMatchObject([{ code: 'WRONG_OPERAND' }])
    expect(problemsOf('input.files[input.ratio]')).toMatchObject([{ expected: 'an integer', at: 'input.ratio' }])
    expect(problemsOf('has(input.files[input.name])')).toMatchObject([{ code: 'WRONG_OPERAND' }])
    expect(problemsOf('input.labels[0]')).toMatchObject([{ expected: 'text', at: '0' }])
  })

  test('is warned of where nothing is known of it, once a chain, if that is asked for', () => {
    const { problems } = inferredFrom('input.raw.a.b + input.raw.c', environment, true)
    expect(problems).toMatchObject([
      { code: 'UNTYPED_VALUE', severity: 'warning', at: 'a' },
      { code: 'UNTYPED_VALUE', severity: 'warning', at: 'c' },
    ])
    expect(inferredFrom('input.raw == 1 || nowhere.a', environment, true).problems).toEqual([])
  })

  test.for([
    ...['string(input.raw)', 'size(input.raw)', '-input.raw', 'input.raw / 2', '"a" + input.raw', 'input.raw < 1'],
    ...['input.raw ? 1 : 2', '!input.raw', 'input.raw && true', '1 in input.raw', 'input.raw.map(x, 1)'],
    ...['input.raw.trim()', '[input.raw].join()', 'input.raw + nowhere'],
  ])('is warned of where nothing is known of what is computed with: %s', (text) => {
    const codes = inferredFrom(text, environment, true).problems.map(({ code }) => code)
    expect(codes).toEqual(['UNTYPED_VALUE'])
    expect(inferredFrom(text, environment, false).problems).toEqual([])
  })

  test('may be compared, and handed on, where nothing is known of it', () => {
    const text = '[input.raw == 1, input.raw in [1], {"a": input.raw}.a == null]'
    expect(inferredFrom(text, environment, true).problems).toEqual([])
  })
})

describe('an operator', () => {
  test.for([
    ['input.name + input.rounds', 'text and an integer', 'string(input.rounds)'],
    ['1.5 + input.name', '1.5 and text', 'string(1.5)'],
    ['input.name * 2', 'text and 2', 'double(input.name)'],
    ['input.mixed + "!"', 'text or an integer and "!"', undefined],
    ['input.name < 2', 'text and 2', 'double(input.name)'],
    ['timestamp(0) + timestamp(0)', 'a timestamp and a timestamp', undefined],
    ['input.files < input.files', 'a list of maps and a list of maps', undefined],
  ])('does not take two operands that do not go together: %s', ([text = '', found, hint]) => {
    const problem = { code: 'WRONG_OPERAND', found, at: text, ...(hint !== undefined && { hint }) }
    expect(problemsOf(text)).toMatchObject([problem])
  })

  test.for([
    ['!input.name', 'input.name', '"!" takes true or false, and input.name is text'],
    ['input.isUrgent && input.name', 'input.name', '"&&" takes true or false, and input.name is text'],
    ['input.rounds ? 1 : 2', 'input.rounds', '"?" takes true or false, and input.rounds is an integer'],
    ['"a" in input.name', 'input.name', '"in" takes a list or a map, and input.name is text'],
    ['input.rounds.contains("a")', 'input.rounds', 'contains() takes text, and input.rounds is an integer'],
    ['input.files.exists(x, x.path)', 'x.path', 'exists() takes true or false, and x.path is text'],
    ['{input.rounds: 1}', 'input.rounds', 'a key of a map takes text, and input.rounds is an integer'],
    ['int("x")', 'int("x")', 'int("x") always fails: "x" is not a whole number'],
    ['input.name.replace("", "a")', 'input.name.replace("", "a")', undefined],
  ])('or a function does not take an operand of another type: %s', ([text = '', at, message]) => {
    expect(problemsOf(text)).toMatchObject([{ code: 'WRONG_OPERAND', at, ...(message !== undefined && { message }) }])
  })
})

describe('a comparison', () => {
  test('of what shares no value is impossible', () => {
    expect(infer('input.verdict == "aprove"')).toEqual({
      type: 'false',
      problems: [
        {
          code: 'IMPOSSIBLE_COMPARISON',
          message: 'input.verdict is never "aprove"',
          hint: 'did you mean "approve"?',
          replacement: 'approve',
          expected: '"approve", "revise" or "block"',
          found: '"aprove"',
          root: 'input',
          path: ['verdict'],
          at: 'aprove',
        },
      ],
    })
    expect(infer('"aprove" != input.verdict')).toMatchObject({ type: 'true', problems: [{ at: 'aprove' }] })
    expect(problemsOf('input.rounds == "3"')).toMatchObject([{ at: '"3"', replacement: '3' }])
    expect(problemsOf('input.name == input.rounds')).toMatchObject([{ found: 'text', expected: 'an integer' }])
    expect(problemsOf('steps.review.status == "complete"')).toMatchObject([{ replacement: 'completed' }])
    expect(problemsOf('timestamp(0) == input.name')).toMatchObject([{ code: 'IMPOSSIBLE_COMPARISON' }])
  })

  test('with a list that is written out is impossible for each value that it cannot be', () => {
    expect(infer('input.verdict in ["aprove", "revise"]')).toMatchObject({
      type: 'true or false',
      problems: [{ code: 'IMPOSSIBLE_COMPARISON', replacement: 'approve', at: 'aprove' }],
    })
    expect(infer('input.verdict in [1]')).toMatchObject({ type: 'false', problems: [{ at: '1' }] })
    expect(infer('input.rounds in ["a"] + ["b"]')).toMatchObject({ problems: [{ code: 'IMPOSSIBLE_COMPARISON' }] })
    expect(problemsOf('"nmae" in {"name": 1}')).toMatchObject([{ code: 'UNKNOWN_FIELD' }])
  })

  test.for([
    ['input.name == null', 'false', 'input.name is never null'],
    ['null != input.name', 'true', 'input.name is never null'],
    ['steps.review.status == "skipped"', 'false', 'steps.review.status cannot be "skipped" here'],
  ])('that is the same each time is warned of: %s', ([text = '', type, message]) => {
    expect(infer(text)).toMatchObject({
      type,
      problems: [{ code: 'CONSTANT_CONDITION', severity: 'warning', message }],
    })
  })

  test('that only what is proved before makes impossible is warned of', () => {
    expect(infer('input.verdict == "block" ? input.verdict == "revise" : true')).toMatchObject({
      problems: [{ code: 'CONSTANT_CONDITION', severity: 'warning', at: 'input.verdict == "revise"' }],
    })
  })

  test('that is always true tells so by its type only', () => {
    expect(infer('input.verdict == "block" ? input.verdict == "block" : true')).toEqual({ type: 'true', problems: [] })
    expect(infer('true')).toEqual({ type: 'true', problems: [] })
  })
})
