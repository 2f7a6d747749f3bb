import type { JsonObject } from '@segno/schema/plan'
import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { checked, problemsIn } from './checked.ts'
import { Dice } from './dice.ts'
import { numRuns, parameters, recipes, timeout } from './recipes.ts'
import { reduced } from './reduce.ts'
import { wellTyped, type HandlerFace } from './well-typed.fixture.ts'
import { wild } from './wild.ts'

const seen = { accepted: 0, refused: 0 }

describe('a definition in which anything was changed', () => {
  test('runs without a bad reference or a mistyped value where it is accepted', { timeout }, () => {
    fc.assert(
      fc.property(recipes, fc.noShrink(fc.nat()), (recipe, way) => {
        const { definition, handlers } = wellTyped(recipe)
        const changed = wild(definition, new Dice(way))
        const problems = problemsOf(changed, handlers, recipe.seed)
        if (problems === undefined) seen.refused++
        else seen.accepted++
        if (problems !== undefined && problems.length > 0) assert.fail(story(changed, handlers, problems))
      }),
      parameters,
    )
  })

  test('was accepted often, and refused often', () => {
    assert.ok(seen.accepted > numRuns / 4 && seen.refused > numRuns / 10, JSON.stringify(seen))
  })
})

// `undefined` where the checker refuses it.
function problemsOf(
  definition: JsonObject,
  handlers: readonly HandlerFace[],
  seed: number,
): readonly string[] | undefined {
  const { definition: accepted } = checked(definition, handlers, true)
  return accepted && problemsIn(accepted, handlers, { seed, runs: 3 })
}

// The same failure in as little as it takes.
function story(definition: JsonObject, handlers: readonly HandlerFace[], problems: readonly string[]): string {
  const code = /: ([A-Z_]+) /.exec(problems[0] ?? '')?.[1] ?? ''
  const small = reduced(definition, (smaller) => {
    const { definition: accepted } = checked(smaller, handlers, true)
    return (
      accepted !== undefined && problemsIn(accepted, handlers, { seed: 0, runs: 12 }).some((one) => one.includes(code))
    )
  })
  return `${problems[0]}\n${JSON.stringify(small)}`
}
