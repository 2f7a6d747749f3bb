import { describe, expect, test } from 'vitest'
import { Environment } from './environment.ts'
import { environmentOf, inferredFrom, treeOf } from './infer.fixture.ts'
import { inferType } from './infer.ts'
import { narrow } from './narrow.ts'
import { readField } from './read.ts'
import { booleanType, integerType, listType, literalType, mapType, nullType, textType, type Type } from './type.ts'
import { union } from './union.ts'
import { wordsOf } from './words.ts'

const maybe = (type: Type): { type: Type; isOptional: true } => ({ type, isOptional: true })

const environment = environmentOf({
  index: integerType,
  input: mapType({
    ...{ name: textType, isUrgent: booleanType, rounds: integerType, other: union([integerType, textType]) },
    ...{ note: maybe(textType), author: union([mapType({ name: textType }), nullType]) },
    ...{ verdict: union(['approve', 'revise', 'block'].map(literalType)), labels: mapType({}, textType) },
    votes: mapType({ approve: maybe(integerType), block: integerType }),
    ...{ files: listType(textType), rows: listType(mapType({ id: maybe(textType) })) },
    shape: union([
      mapType({ kind: literalType('circle'), radius: integerType }),
      mapType({ kind: literalType('square'), side: integerType }),
    ]),
  }),
  'steps.review': union([
    mapType({ status: literalType('completed'), output: mapType({ score: integerType }) }),
    mapType({ status: literalType('failed'), failure: mapType({ code: textType }) }),
    mapType({ status: literalType('skipped') }),
  ]),
})

describe('what a condition proves is known', () => {
  test.for([
    ['has(input.note) ? input.note : ""', 'text'],
    ['!has(input.note) ? "" : input.note', 'text'],
    ['!has(input.note) || input.note == ""', 'true or false'],
    ['!(has(input.note) && input.isUrgent) || input.note == ""', 'true or false'],
    ['has(steps.review.output) ? steps.review.output.score : 0', 'an integer'],
    ['has(steps.review.output.score) ? steps.review.output.score : 0', 'an integer'],
    ['steps.review.status == "completed" && steps.review.output.score > 1', 'true or false'],
    ['steps["review"].status == "failed" ? steps.review.failure.code : ""', 'text'],
    ['input.author != null ? input.author.name : ""', 'text'],
    ['null == input.author || input.author.name == ""', 'true or false'],
    ['input.shape.kind == "circle" ? input.shape.radius : input.shape.side', 'an integer'],
    ['has(input.shape.side) ? input.shape.side : input.shape.radius', 'an integer'],
    ['input.verdict == "block" ? "" : input.verdict', 'one of "", "approve" or "revise"'],
    ['input.verdict in ["block", "revise"] ? input.verdict : "x"', '"revise", "block" or "x"'],
    ['input.verdict in ["block", "revise"] ? "x" : input.verdict', '"x" or "approve"'],
    ['input.name in {"a": 1, "b": 2} ? {"a": 1, "b": 2}[input.name] : 0', '1, 2 or 0'],
    ['input.verdict in input.votes ? "" : input.verdict', '"", "approve" or "revise"'],
    ['input.isUrgent ? input.isUrgent : 1', 'true or 1'],
    ['input.other == input.rounds ? input.other : 0', 'an integer'],
    ['size(input.files) > 0 ? input.files[0] : ""', 'text'],
    ['input.files.size() >= 2 ? input.files[1] : ""', 'text'],
    ['2 == size(input.files) ? input.files : []', 'a list of text and text or an empty list'],
    ['size(input.files) > 0 ? input.files + [1] : []', 'a list of at least 1 or an empty list'],
    ['size(input.files) > 0 ? size(input.files) == 2 && input.files[1] == "" : true', 'true or false'],
    ['size(input.files) != 0 ? input.files[0] : ""', 'text'],
    ['size(input.files) == 0 ? "" : input.files[0]', 'text'],
    ['input.files != [] ? input.files[0] : ""', 'text'],
    ['has(input.files[1]) ? input.files[0] + input.files[1] : ""', 'text'],
    ['"urgent" in input.labels ? input.labels.urgent : ""', 'text'],
    ['input.name in input.labels ? input.labels[input.name] : ""', 'text'],
    ['has(input.files[index]) ? input.files[index] : ""', 'text'],
    ['has(input.rows[index + 1].id) ? input.rows[index + 1].id : ""', 'text'],
    ['input.rows.filter(row, has(row.id)).map(row, row.id)', 'a list of text'],
    ['input.rows.map(row, has(row.id), row.id)', 'a list of text'],
    ['input.rows.exists(row, has(row.id) && row.id == "")', 'true or false'],
    ['input.rows.map(input, has(input.id) ? input.id : "")', 'a list of text'],
  ])('%s', ([text = '', type = '']) => {
    expect(inferredFrom(text, environment)).toEqual({ type: type.replace('one of ', ''), problems: [] })
  })
})

describe('what a condition does not prove is not known', () => {
  test.for([
    ['has(input.note) || input.note == ""', 'input.note is missing here'],
    ['has(input.note) || input.isUrgent ? input.note : ""', 'input.note may be missing'],
    ['!(has(input.note) && input.isUrgent) ? input.note : ""', 'input.note may be missing'],
    ['size(input.files) >= 0 ? input.files[0] : ""', 'input.files[0] may be missing'],
    ['size(input.files) != 2 ? input.files[0] : ""', 'input.files[0] may be missing'],
    ['size(input.files) < 5 ? input.files[0] : ""', 'input.files[0] may be missing'],
    ['size(input.files) > 0 ? input.files[1] : ""', 'input.files[1] may be missing'],
    ['input.rows.exists(row, has(row.id)) ? input.rows[0].id : ""', 'input.rows[0] may be missing'],
    ['input.rows.map(row, has(row.id)).all(is, is) ? input.rows.map(row, row.id) : []', 'row.id may be missing'],
    ['has(input.files[index]) ? input.files[index + 1] : ""', 'input.files[index + 1] may be missing'],
    ['has(input.files[index]) ? [5].map(index, input.files[index]) : []', 'input.files[index] may be missing'],
    ['has(input.rows[index].id) ? "" : input.rows[index].id', 'input.rows[index] may be missing'],
    ['has(input.note) ? input.rows.map(input, input.note) : []', 'input has no field "note"'],
  ])('%s', ([text = '', message]) => {
    expect(inferredFrom(text, environment).problems).toMatchObject([{ message }])
  })
})

describe('the environment after a condition', () => {
  const after = (text: string, outcome: boolean): Environment => narrow(treeOf(text), environment, outcome)
  const verdict = (text: string, outcome: boolean): string =>
    wordsOf(readField(after(text, outcome).typeOf('input') ?? nullType, 'verdict').type)

  test('knows the one and the other outcome', () => {
    expect(verdict('input.verdict == "block"', true)).toBe('"block"')
    expect(verdict('input.verdict == "block"', false)).toBe('"approve" or "revise"')
    expect(verdict('input.verdict == "block" || input.verdict == "revise"', true)).toBe('"block" or "revise"')
    expect(verdict('input.verdict == "block" || input.verdict == "revise"', false)).toBe('"approve"')
    expect(verdict('input.verdict == "block" && input.isUrgent', false)).toBe('"approve", "revise" or "block"')
  })

  test('is impossible where the outcome is', () => {
    expect(after('true', false).isPossible).toBe(false)
    expect(after('has(input.name)', false).isPossible).toBe(false)
    expect(after('input.verdict == "approve" && input.verdict == "block"', true).isPossible).toBe(false)
    expect(after('input.isUrgent', false).isPossible).toBe(true)
  })

  test('reports nothing where nothing gets, and has no value there', () => {
    const nowhere = after('true', false)
    expect(inferredFrom('input.nothing.of.this', nowhere)).toEqual({ type: 'nothing', problems: [] })
  })

  test('keeps nothing of elements by computed indexes', () => {
    expect(after('has(input.files[index])', true).computed.size).toBe(0)
  })
})

describe('inferring costs as much as the expression is long', () => {
  const counting = (): { environment: Environment; count: () => number } => {
    let count = 0
    const scope = {
      typeOf: (root: string) => {
        count++
        return environment.scope.typeOf(root)
      },
    }
    return { environment: new Environment(scope), count: () => count }
  }
  const lookups = (text: string): number => {
    const { environment: counted, count } = counting()
    narrow(treeOf(text), counted, true)
    narrow(treeOf(text), counted, false)
    return count()
  }
  const chain = (length: number, operator: string, operand: string): string =>
    Array.from({ length }, () => operand).join(operator)
  const nested = (depth: number, around: (inner: string) => string): string =>
    Array.from({ length: depth }).reduce<string>(around, 'has(input.note)')

  test.for([
    ['operators in a row', (size: number) => chain(size, ' && ', 'has(input.note)')],
    [
      'both operators in turn',
      (size: number) => nested(size, (inner) => `(${inner} && input.isUrgent || input.rounds > 1)`),
    ],
    [
      'operators to the right',
      (size: number) => nested(size, (inner) => `(input.isUrgent || (input.rounds > 1 && ${inner}))`),
    ],
    [
      'conditions of conditions',
      (size: number) => nested(size, (inner) => `(${inner} ? input.isUrgent : has(input.author.name))`),
    ],
    [
      'sides of conditions',
      (size: number) => nested(size, (inner) => `(input.isUrgent ? ${inner} : input.rounds > 1)`),
    ],
    ['negations', (size: number) => nested(size, (inner) => `!(${inner})`)],
    ['macros in macros', (size: number) => nested(size, (inner) => `input.files.exists(x, ${inner})`)],
  ] as const)('of %s', ([, write]) => {
    const [few, many] = [lookups(write(15)), lookups(write(60))]
    expect(many).toBeLessThanOrEqual(few * 4 + 20)
  })

  test('of 500 operators in a row', () => {
    expect(lookups(chain(500, ' && ', 'has(input.note)'))).toBeLessThan(500 * 8)
  })

  test('and ends where a tree nests deeper than the parser takes', () => {
    const tree = treeOf(chain(5000, ' + ', '1'))
    expect(inferType(tree, { environment, text: '', report: () => {} }).kind).toBe('any')
  })
})
