import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ExpressionError, type Scope, type StepView } from '../expression/expression.ts'
import { parseExpression } from '../expression/parse.ts'
import { parseSyntax } from '../expression/syntax.ts'
import type { SyntaxNode } from '../expression/syntax-node.ts'
import type { Value } from '../expression/value.ts'
import type { Json } from '../json.ts'
import { inferType } from './infer.ts'
import type { TypeProblem } from './inference.ts'
import { narrow } from './narrow.ts'
import { asLeft, typedExpressions, type Roots, type TypedExpression } from './typed-expression.fixture.ts'
import { hasType } from './type.fixture.ts'
import type { Type } from './type.ts'

const numRuns = process.env['SEGNO_DEEP'] === undefined ? 1000 : 10_000

// Ten thousand take half a minute.
describe('an expression of which no error is reported', { timeout: 300_000 }, () => {
  test('gives a value of its type, and does not fail for a value that is missing or of another type', () => {
    fc.assert(
      fc.property(typedExpressions('value'), (typed) => {
        const found = inferred(typed)
        fc.pre(found !== undefined)
        for (const roots of typed.values) {
          const { value, failure } = evaluated(typed.text, roots)
          expect({ failure }).toEqual({ failure: undefined })
          expectType(value, found.type)
        }
      }),
      { numRuns: numRuns / 5 },
    )
  })

  test('gives a value of its type even where `&&` and `||` drop a failure', () => {
    fc.assert(
      fc.property(typedExpressions('value', true), (typed) => {
        const found = inferred(typed)
        if (found === undefined) return
        for (const roots of typed.values) {
          const { value } = evaluated(typed.text, roots)
          if (value !== undefined) expectType(value, found.type)
        }
      }),
      { numRuns },
    )
  })

  test('proves of what it reads only what is so', () => {
    fc.assert(
      fc.property(
        fc.boolean().chain((isFailing) => typedExpressions('condition', isFailing)),
        (typed) => {
          const found = inferred(typed)
          fc.pre(found !== undefined)
          let checked = 0
          for (const roots of typed.values) {
            const { value } = evaluated(typed.text, roots)
            if (typeof value !== 'boolean') continue
            checked++
            const environment = narrow(found.tree, typed.environment, value)
            expect(environment.isPossible).toBe(true)
            for (const [root, held] of Object.entries(roots)) {
              const type = environment.typeOf(root)
              expect({ root, fits: type !== undefined && hasType(held, type) }).toEqual({ root, fits: true })
            }
          }
          fc.pre(checked > 0)
        },
      ),
      { numRuns: numRuns / 5 },
    )
  })
})

function inferred({ text, environment }: TypedExpression): { type: Type; tree: SyntaxNode } | undefined {
  const syntax = parseSyntax(text)
  if ('mistake' in syntax || 'mistake' in parseExpression(text)) return undefined
  const problems: TypeProblem[] = []
  const type = inferType(syntax.tree, { environment, text, report: (problem) => problems.push(problem) })
  return problems.every(({ severity }) => severity === 'warning') ? { type, tree: syntax.tree } : undefined
}

function expectType(value: Value | undefined, type: Type): void {
  expect({ value, type, fits: value !== undefined && hasType(value, asLeft(type)) }).toEqual({
    value,
    type,
    fits: true,
  })
}

function evaluated(text: string, roots: Roots): { value?: Value; failure?: string } {
  const parsed = parseExpression(text)
  if ('mistake' in parsed) throw new Error(parsed.mistake.message)
  const scope: Scope = {
    variable: (name) => (Object.hasOwn(roots, name) ? (roots[name] as Json) : undefined),
    step: (id) => roots[`steps.${id}`] as StepView | undefined,
  }
  try {
    return { value: parsed.expression.evaluate(scope) }
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    const { code, message } = error.failure
    return code === 'EXPRESSION_COST' ? {} : { failure: `${code}: ${message}` }
  }
}
