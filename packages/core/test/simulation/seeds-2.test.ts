import { test } from 'vitest'
import { portionsOf, simulatePortion } from './seeds.ts'

// Two files, so that two workers share the seeds.
test.for(portionsOf(1, 2))('none of $size seeds from $first breaks a law', async (portion) => {
  await simulatePortion(portion)
})
