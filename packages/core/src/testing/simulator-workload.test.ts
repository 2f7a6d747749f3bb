import { checkDefinition, parseDefinition } from '@segno/schema'
import { expect, test } from 'vitest'
import { seededRandom } from './random.ts'
import { onceHandler, randomWorkflow } from './simulator-workload.ts'

test('random workflows are workflows that a user could write', () => {
  for (let seed = 0; seed < 300; seed++) {
    const { definition } = randomWorkflow(seededRandom(seed))
    const errors = [
      ...parseDefinition(definition).diagnostics,
      ...checkDefinition(definition, { handlers: ['work', onceHandler] }),
    ].filter(({ severity }) => severity === 'error')
    expect(errors, `seed ${seed}`).toEqual([])
  }
})
