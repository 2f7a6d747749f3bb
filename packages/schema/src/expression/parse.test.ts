import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { failureCodes } from '../failure.ts'
import { ExpressionError } from './expression.ts'
import type { Expression, Scope } from './expression.ts'
import { parseExpression } from './parse.ts'
import { parseTemplate, stripMarks } from './template.ts'

const value = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>

/** Texts of expressions that parse, most of them with steps of every kind in them. */
const { text } = fc.letrec<{ text: string }>((tie) => {
  const inner = tie('text')
  const infix = ['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', '&&', '||', 'in']
  const names = ['a', 'b', 'length', 'constructor', '__proto__', 'toString']
  const unary = ['size', 'int', 'double', 'string', 'bool', 'timestamp', 'duration']
  const methods = ['trim', 'size', 'upperAscii', 'getHours', 'join']
  const binaryMethods = ['contains', 'startsWith', 'indexOf', 'split', 'join', 'substring']
  return {
    text: fc.oneof(
      { maxDepth: 5, depthIdentifier: 'expression' },
      fc.constantFrom('input', 'item', 'x', 'nope', 'steps.s.output', 'steps.t.output', 'steps.t.failure.code'),
      fc.constantFrom(
        'null',
        'true',
        'false',
        '0',
        '1',
        '2.5',
        '"a"',
        '"é😀"',
        '"90s"',
        '"2026-01-01T00:00:00Z"',
        '[]',
        '{}',
      ),
      fc.tuple(inner, fc.constantFrom(...infix), inner).map((parts) => `(${parts.join(' ')})`),
      fc.tuple(fc.constantFrom('!', '-'), inner).map(([operator, operand]) => `${operator}(${operand})`),
      fc.tuple(inner, inner, inner).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc.tuple(inner, fc.constantFrom(...names)).map(([of, name]) => `(${of}).${name}`),
      fc.tuple(inner, fc.constantFrom(...names)).map(([of, name]) => `has((${of}).${name})`),
      fc.tuple(inner, inner).map(([of, index]) => `(${of})[${index}]`),
      fc.tuple(inner, inner).map(([one, other]) => `[${one}, ${other}]`),
      fc.tuple(inner, inner).map(([one, other]) => `{"a": ${one}, "b": ${other}}`),
      fc.tuple(fc.constantFrom(...unary), inner).map(([name, operand]) => `${name}(${operand})`),
      fc.tuple(inner, fc.constantFrom(...methods)).map(([of, name]) => `(${of}).${name}()`),
      fc.tuple(inner, fc.constantFrom(...binaryMethods), inner).map(([of, name, by]) => `(${of}).${name}(${by})`),
      fc
        .tuple(inner, fc.constantFrom('all', 'exists', 'exists_one', 'map', 'filter'), inner)
        .map(([of, name, body]) => `(${of}).${name}(x, ${body})`),
    ),
  }
})

const scope = fc.tuple(value, value, value).map(([input, item, output]): Scope => {
  const variables = new Map([
    ['input', deepFreeze(input)],
    ['item', deepFreeze(item)],
  ])
  const done = { status: 'completed', output: deepFreeze(output) }
  const failed = { status: 'failed', failure: { code: 'HANDLER_FAILED', message: 'no', retryable: false } }
  return {
    variable: (name) => variables.get(name),
    step: (id) => (id === 's' ? done : id === 't' ? failed : undefined),
  }
})

test('an expression gives JSON or fails with a code of the list, the same each time, and changes nothing', () => {
  fc.assert(
    fc.property(text, scope, (source, values) => {
      const first = outcome(expressionOf(source), values)
      expect(outcome(expressionOf(source), values)).toEqual(first)
      if ('failure' in first) expect(failureCodes).toHaveProperty(first.failure)
      else expect(isJson(first.value)).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test('any text is an expression or has a mistake inside of it', () => {
  const scraps = fc.constantFrom(
    'steps',
    '.',
    'a',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '${{',
    '}}',
    '$',
    '//',
    '\n',
    '1',
    '1e',
    '0x',
    '?',
    ':',
    ',',
    '==',
    '!',
    '-',
    'has',
    'map',
    'in',
    'bind',
    '\\',
    '\ud83d',
    'b',
    'r',
    '"""',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(scraps).map((parts) => parts.join('')),
      ),
      (source) => {
        const parsed = parseExpression(source)
        if ('expression' in parsed) return
        const { message, start, end } = parsed.mistake
        expect(message).not.toBe('')
        expect(start).toBeGreaterThanOrEqual(0)
        expect(end).toBeGreaterThanOrEqual(start)
        expect(end).toBeLessThanOrEqual(source.length)
        const { text: inner, offset } = stripMarks(source)
        expect(source.slice(offset, offset + inner.length)).toBe(inner)
      },
    ),
    { numRuns: 3000 },
  )
})

test('each reference of an expression stands where it says', () => {
  fc.assert(
    fc.property(text, (source) => {
      for (const { root, path, names } of expressionOf(source).references) {
        expect(names.map(({ start, end }) => source.slice(start, end))).toEqual([root, ...path])
      }
    }),
  )
})

test('a template around an expression keeps its value', () => {
  fc.assert(
    fc.property(text, scope, (source, values) => {
      const parsed = parseTemplate(`\${{ ${source} }}`)
      if ('mistakes' in parsed) throw new Error(JSON.stringify(parsed.mistakes))
      expect(outcome(parsed.template, values)).toEqual(outcome(expressionOf(source), values))
    }),
  )
})

test('a template without marks gives any JSON back', () => {
  fc.assert(
    fc.property(value, (json) => {
      if (JSON.stringify(json).includes('${{')) return
      expect(parseTemplate(json)).toMatchObject({ template: { constant: true } })
      expect(outcome(templateOf(json), nothing)).toEqual({ value: json })
    }),
  )
})

type Outcome = { readonly value: Json } | { readonly failure: string }

const nothing: Scope = { variable: () => undefined, step: () => undefined }

function outcome(evaluable: { evaluate(scope: Scope): Json }, values: Scope): Outcome {
  try {
    return { value: evaluable.evaluate(values) }
  } catch (error) {
    if (error instanceof ExpressionError) return { failure: error.failure.code }
    throw error
  }
}

function expressionOf(source: string): Expression {
  const parsed = parseExpression(source)
  if ('mistake' in parsed) throw new Error(`${source}: ${parsed.mistake.message}`)
  return parsed.expression
}

function templateOf(json: Json): { evaluate(scope: Scope): Json } {
  const parsed = parseTemplate(json)
  if ('mistakes' in parsed) throw new Error(JSON.stringify(parsed.mistakes))
  return parsed.template
}

function deepFreeze<Value>(json: Value): Value {
  if (typeof json === 'object' && json !== null) for (const inner of Object.values(json)) deepFreeze(inner)
  return Object.freeze(json)
}

function isJson(json: unknown): boolean {
  if (typeof json === 'number') return Number.isFinite(json)
  if (typeof json !== 'object' || json === null) return json === null || ['string', 'boolean'].includes(typeof json)
  return [Array.prototype, Object.prototype].includes(Object.getPrototypeOf(json)) && Object.values(json).every(isJson)
}
