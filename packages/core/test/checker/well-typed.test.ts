import type { Diagnostic } from '@segno/schema/plan'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { checked, problemsIn } from './checked.ts'
import { numRuns, parameters, recipes, timeout } from './recipes.ts'
import { reduced } from './reduce.ts'
import { Coverage } from './seen.ts'
import { wellTyped, type WellTyped } from './well-typed.fixture.ts'

const coverage = new Coverage()

describe('a definition that is well-typed by construction', () => {
  test('is accepted, and runs without a bad reference or a mistyped value, whatever happens to it', { timeout }, () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const made = wellTyped({ ...recipe, coverage })
        const { definition, errors } = checked(made.definition, made.handlers, false)
        if (definition === undefined) assert.fail(refusal(made, errors[0]))
        assert.deepEqual(problemsIn(definition, made.handlers, { seed: recipe.seed, runs: 2 }), [])
      }),
      parameters,
    )
  })

  test('had every construct, every kind of guard and every reason for one in it, and often', () => {
    assert.deepEqual(coverage.fewerThan(numRuns / 200), [])
  })
})

// The same mistake in as little as it takes.
function refusal({ definition, handlers }: WellTyped, error: Diagnostic | undefined): string {
  const small = reduced(definition, (smaller) => {
    const [found, ...others] = checked(smaller, handlers, false).errors
    return found !== undefined && found.message === error?.message && others.length === 0
  })
  return `${error?.code} ${error?.pointer} ${error?.message}\n${JSON.stringify(small)}`
}
