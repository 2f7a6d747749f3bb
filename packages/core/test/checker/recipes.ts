import fc from 'fast-check'

/** What a random definition is made from; fewer choices make a smaller one of the same beginning. */
export interface RandomRecipe {
  readonly seed: number
  readonly choices: number
}

export const recipes: fc.Arbitrary<RandomRecipe> = fc.record({
  seed: fc.noShrink(fc.noBias(fc.nat({ max: 2 ** 31 - 1 }))),
  choices: fc.noBias(fc.integer({ min: 20, max: 1200 })),
})

const isDeep = process.env['SEGNO_DEEP'] !== undefined

/** How many definitions each property looks at. */
export const numRuns = isDeep ? 10_000 : 1000

/** Always the same definitions, so that a change is what makes a test fail; others each time in deep runs. */
export const parameters: { readonly numRuns: number; readonly seed?: number } = {
  numRuns,
  ...(isDeep ? {} : { seed: 20_261_121 }),
}

/** What is slow on a busy machine is not taken for what hangs. */
export const timeout = 1_800_000
