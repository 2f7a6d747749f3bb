import fc from 'fast-check'
import type { Value } from '../expression/value.ts'
import { Environment, scopeOf } from './environment.ts'
import { membersOf } from './operand.ts'
import { anyTypeOf, valuesOf } from './type.fixture.ts'
import { listType, literalType, mapType, nullType, textType, type MapType, type Type } from './type.ts'
import { union } from './union.ts'

/** An expression, the types of what it can read, and values of these types. */
export interface TypedExpression {
  readonly text: string
  readonly environment: Environment
  readonly values: readonly Roots[]
}

/** By `input`, `item` and `steps.one`. */
export type Roots = Readonly<Record<string, Value>>

/**
 * Expressions over a few roots of random types. Most of what they read is there
 * or may be, most conditions ask for what is read elsewhere: of blind chance
 * almost nothing would check. `withFailures` makes some that fail for what no
 * type says, as by a division by zero.
 */
export function typedExpressions(kind: 'value' | 'condition', withFailures = false): fc.Arbitrary<TypedExpression> {
  return fc
    .tuple(mapTypes, anyTypeOf().map(asLeft), mapTypes)
    .map(([input, item, output]) => ({ input, item, 'steps.one': stepType(output) }))
    .filter((types) => Object.values(types).every((type) => valuesOf(type) !== undefined))
    .chain((types) => {
      const values = fc.record(
        Object.fromEntries(Object.entries(types).map(([root, type]) => [root, valuesOf(type) ?? fc.constant(null)])),
        { noNullPrototype: true },
      )
      return fc.record({
        text: texts(
          Object.entries(types).flatMap(([root, type]) => [...pathsOf(type, root, 3)]),
          withFailures,
        )[kind],
        environment: fc.constant(new Environment(scopeOf(new Map<string, Type>(Object.entries(types))))),
        values: fc.array(values, { minLength: 4, maxLength: 4 }),
      })
    })
}

// Null and lists more often than by chance: they are what guards are about.
const fieldTypes: fc.Arbitrary<Type> = fc.oneof(
  { weight: 2, arbitrary: anyTypeOf().map(asLeft) },
  anyTypeOf().map((type) => union([asLeft(type), nullType])),
  anyTypeOf().map((type) => listType(asLeft(type))),
)

const mapTypes: fc.Arbitrary<Type> = fc
  .array(
    fc.dictionary(fc.constantFrom('a', 'b', 'kind'), fc.record({ type: fieldTypes, isOptional: fc.boolean() }), {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    }),
    { minLength: 1, maxLength: 2 },
  )
  .map((members) =>
    union(members.map((fields): MapType => ({ ...mapType({}), fields: new Map(Object.entries(fields)) }))),
  )

function stepType(output: Type): Type {
  return union([
    mapType({ status: literalType('completed'), output }),
    mapType({ status: literalType('failed'), failure: mapType({ code: textType }) }),
    mapType({ status: literalType('skipped') }),
  ])
}

/** The type as it is outside of an expression, where times are text. */
export function asLeft(type: Type): Type {
  switch (type.kind) {
    case 'timestamp':
    case 'duration':
      return textType
    case 'union':
      return union(type.members.map(asLeft))
    case 'list':
      return { ...type, first: type.first.map(asLeft), rest: asLeft(type.rest) }
    case 'map': {
      const fields = [...type.fields].map(([name, field]) => [name, { ...field, type: asLeft(field.type) }] as const)
      return { ...type, fields: new Map(fields), rest: asLeft(type.rest) }
    }
    default:
      return type
  }
}

interface Path {
  readonly text: string
  readonly type: Type
}

/** What can be read of a value of a type, with what is not certainly there. */
function* pathsOf(type: Type, text: string, depth: number): Generator<Path> {
  if (text.includes('.') || text !== 'steps') yield { text, type }
  if (depth === 0) return
  for (const member of membersOf(type)) {
    if (member.kind === 'map') {
      for (const [name, field] of member.fields) yield* pathsOf(field.type, `${text}.${name}`, depth - 1)
      if (member.rest.kind !== 'never') yield* pathsOf(member.rest, `${text}["c"]`, depth - 1)
    }
    if (member.kind === 'list') {
      for (const index of [0, 1]) yield* pathsOf(member.first[index] ?? member.rest, `${text}[${index}]`, depth - 1)
    }
  }
}

const literals = ['"x"', '"y"', '""', '0', '1', '1.5', 'true', 'false', 'null', '"completed"', '[]', '{}']

interface Words {
  readonly literal: fc.Arbitrary<string>
  readonly order: fc.Arbitrary<string>
  readonly equal: fc.Arbitrary<string>
  readonly logic: fc.Arbitrary<string>
  readonly arithmetic: fc.Arbitrary<string>
  /** What can be read that may be of one of these kinds; of any without them. */
  path(...kinds: readonly string[]): fc.Arbitrary<string>
}

function texts(all: readonly Path[], withFailures: boolean): fc.LetrecValue<Texts> {
  // A step by itself is no value.
  const paths = all.filter(({ text }) => text !== 'steps.one')
  const words: Words = {
    literal: fc.constantFrom(...literals),
    order: fc.constantFrom(' < ', ' <= ', ' > ', ' >= '),
    equal: fc.constantFrom(' == ', ' != '),
    logic: fc.constantFrom(' && ', ' || '),
    arithmetic: fc.constantFrom(...(withFailures ? [' / ', ' % ', ' * ', ' + '] : [' * ', ' + ', ' - '])),
    path: (...kinds) => {
      const found = paths.filter(
        ({ type }) => kinds.length === 0 || membersOf(type).some((member) => isOf(member, kinds)),
      )
      return fc.constantFrom(...(found.length === 0 ? literals : found.map(({ text }) => text)))
    },
  }
  return fc.letrec<Texts>((tie) => {
    const parts: Parts = {
      value: tie('value'),
      condition: tie('condition'),
      number: tie('number'),
      text: tie('text'),
      list: tie('list'),
    }
    return {
      value: valueTexts(parts, words),
      condition: conditionTexts(parts, words),
      number: numberTexts(parts, words),
      text: textTexts(parts, words),
      list: listTexts(parts, words),
    }
  })
}

function valueTexts({ value, condition, number, text, list }: Parts, { literal, path }: Words): fc.Arbitrary<string> {
  const guarded = path().chain((one) =>
    join(
      ...['(', fc.oneof(guardOf(one), join(guardOf(one), ' && ', condition)), ' ? '],
      ...[fc.oneof({ weight: 3, arbitrary: fc.constant(one) }, value), ' : ', value, ')'],
    ),
  )
  return fc.oneof(
    scaled,
    ...[path(), literal, guarded, guarded, condition, number, text, list],
    join('(', condition, ' ? ', value, ' : ', value, ')'),
    join('{"a": ', value, ', "b": ', value, '}'),
    join('{"a": ', value, '}.a'),
    join(list, '[', number, ']'),
  )
}

function conditionTexts({ condition, number, list }: Parts, words: Words): fc.Arbitrary<string> {
  const { literal, order, equal, logic, path } = words
  const guarded = path().chain((one) =>
    join('(', guardOf(one), logic, fc.constant(one), equal, fc.oneof(literal, path()), ')'),
  )
  const asked = path().map((text) => (/[.[]/.test(text) ? text : `${text}.nope`))
  return fc.oneof(
    scaled,
    path('boolean'),
    join('has(', asked, ')'),
    join('(', path(), equal, literal, ')'),
    join('(', literal, equal, path(), ')'),
    join('(', path(), equal, path(), ')'),
    join('(', path(), ' in [', literal, ', ', literal, '])'),
    join('(', fc.oneof(fc.constantFrom('"a"', '"b"', '"x"'), path('text')), ' in ', path('map', 'list'), ')'),
    join('(size(', path('list', 'map', 'text'), ')', fc.oneof(order, equal), fc.constantFrom('0', '1', '2'), ')'),
    join('(', condition, logic, condition, ')'),
    guarded,
    join('!', condition),
    join('(', number, order, number, ')'),
    join('(', condition, ' ? ', condition, ' : ', condition, ')'),
    join(list, fc.constantFrom('.all', '.exists', '.exists_one'), '(v, ', ofVariable(condition), ')'),
  )
}

function numberTexts({ number, text, list }: Parts, { arithmetic, path }: Words): fc.Arbitrary<string> {
  return fc.oneof(
    scaled,
    path('number'),
    fc.constantFrom('0', '1', '2', '1.5'),
    join('size(', fc.oneof(list, text, path('map')), ')'),
    { weight: 3, arbitrary: join('(', number, arithmetic, number, ')') },
    join('-', number),
    // That a text does not read as a number is no question of types.
    join(fc.constantFrom('int', 'double'), '(1 * ', path('number'), ')'),
  )
}

function textTexts({ number, text, list }: Parts, { path }: Words): fc.Arbitrary<string> {
  return fc.oneof(
    scaled,
    path('text'),
    fc.constantFrom('"x"', '"y"'),
    join('(', text, ' + ', text, ')'),
    join('string(', fc.oneof(path('number', 'boolean', 'text'), number), ')'),
    join(text, '.trim()'),
    join(list, '.join(', text, ')'),
    join('timestamp(', fc.constantFrom('0', '"2026-01-31T09:30:00Z"'), ')'),
  )
}

function listTexts({ value, condition, text, list }: Parts, { path }: Words): fc.Arbitrary<string> {
  return fc.oneof(
    scaled,
    path('list'),
    path('list', 'map'),
    join('[', value, ']'),
    join('[', value, ', ', value, ']'),
    join('(', list, ' + ', list, ')'),
    join(text, '.split(",")'),
    join(list, '.filter(v, ', ofVariable(condition), ')'),
    join(list, '.map(v, ', ofVariable(value), ')'),
    join(list, '.map(v, ', ofVariable(condition), ', ', ofVariable(value), ')'),
  )
}

const scaled = { maxDepth: 3, depthSize: 'small' } as const

function join(...parts: readonly (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> {
  return fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((words) => words.join(''))
}

type Parts = { readonly [Name in keyof Texts]: fc.Arbitrary<string> }

type Texts = { readonly [Name in 'value' | 'condition' | 'number' | 'text' | 'list']: string }

function isOf(type: Type, kinds: readonly string[]): boolean {
  return kinds.includes(type.kind === 'literal' ? kindOfLiteral(typeof type.value) : type.kind)
}

function kindOfLiteral(kind: string): string {
  return kind === 'string' ? 'text' : kind
}

/** Conditions after which a path can be read, or almost. */
function guardOf(path: string): fc.Arbitrary<string> {
  const around = /^(.*)(?:\.\w+|\[[^\]]+\])$/.exec(path)?.[1]
  const outer =
    around !== undefined && around !== 'steps.one' && around !== 'steps'
      ? [`${around} != null`, `size(${around}) > 0`, `size(${around}) != 0`, `2 <= size(${around})`]
      : []
  return fc.constantFrom(
    ...(/[.[]/.test(path) ? [`has(${path})`, `has(${path})`, `has(${path})`] : []),
    `${path} != null`,
    ...outer,
    'steps.one.status == "completed"',
  )
}

/** A text in which some of what is read is read of a macro's variable instead. */
function ofVariable(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(text, fc.constantFrom('input', 'item', 'steps.one.output', 'none'))
    .map(([found, root]) => found.replaceAll(root, 'v'))
}
