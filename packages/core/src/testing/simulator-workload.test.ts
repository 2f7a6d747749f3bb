import { checkDefinition, parseDefinition } from '@segno/schema'
import { expect, test } from 'vitest'
import { seededRandom } from './random.ts'
import { onceHandler, randomWorkflow } from './simulator-workload.ts'

test('random workflows are workflows that a user could write', () => {
  for (let seed = 0; seed < 300; seed++) {
    const { definition } = randomWorkflow(seededRandom(seed), { transactions: seed % 2 === 1 })
    const errors = [
      ...parseDefinition(definition).diagnostics,
      ...checkDefinition(definition, { handlers: ['work', onceHandler] }),
    ].filter(({ severity }) => severity === 'error')
    expect(errors, `seed ${seed}`).toEqual([])
  }
})

test('some random workflows have transactions, and are otherwise what they are without', () => {
  const found = Array.from({ length: 100 }, (_, seed) => {
    const [without, withThem] = [false, true].map((transactions) => {
      return JSON.stringify(randomWorkflow(seededRandom(seed), { transactions }).definition)
    })
    expect(withoutEffects(withThem)).toBe(withoutEffects(without))
    expect(without).not.toContain('"effect":"tx"')
    return withThem?.includes('"effect":"tx"') === true
  })
  expect(found.filter(Boolean).length).toBeGreaterThan(30)
})

function withoutEffects(json = ''): string {
  return json
    .replaceAll(/"effect":"(pure|idempotent|tx)",?/g, '')
    .replaceAll(/"retry":\{"max":\d+/g, '"retry":{"max":0')
}
