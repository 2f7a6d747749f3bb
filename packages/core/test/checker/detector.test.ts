import type { Definition } from '@segno/schema/plan'
import assert from 'node:assert/strict'
import { test } from 'vitest'
import { problemsIn } from './checked.ts'
import { placesOf } from './mistaken.ts'
import { Spoiler, unmarked, type Mistake } from './spoiler.ts'
import { wellTyped, type HandlerFace } from './well-typed.fixture.ts'

// A proof of nothing failing is one only where something could: run unchecked, these fail, and are seen to.
test.for([
  'no guard: field',
  'no guard: element',
  'no guard: tag',
  'no guard: null',
  'a step read without a guard against its `if`',
  'a step read without a guard against another branch',
  'a step read without a guard against its own failure',
  'a step read without a guard against the end of the run',
  'a mistyped input of a handler',
  'a mistyped output of the workflow',
  'a condition that is no boolean',
  'null in a text',
  'a list as an argument',
] as const)('a run of a definition with %s fails for it, where nobody checks', { timeout: 600_000 }, (mistake) => {
  let failing = 0
  for (let seed = 0; seed < 1500 && failing < 3; seed++) {
    const made = spoiled(seed, mistake)
    if (made !== undefined && problemsIn(made.definition, made.handlers, { seed, runs: 12 }).length > 0) failing++
  }
  assert.equal(failing, 3)
})

interface Spoiled {
  readonly definition: Definition
  readonly handlers: readonly HandlerFace[]
}

function spoiled(seed: number, mistake: Mistake): Spoiled | undefined {
  const places = placesOf(seed, 600).get(mistake) ?? 0
  if (places === 0) return undefined
  const { definition, handlers } = wellTyped({ seed, choices: 600, spoiler: new Spoiler(mistake, seed % places) })
  return { definition: JSON.parse(unmarked(JSON.stringify(definition)).text) as Definition, handlers }
}
