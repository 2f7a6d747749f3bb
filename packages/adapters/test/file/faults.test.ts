import { describe, expect, test } from 'vitest'
import { faultEverywhere } from './fault-check.ts'
import { keepFigures } from './figures.ts'
import { workloads } from './workloads.ts'

describe('a disk that fails at any call, once or from there on', () => {
  const total = { injected: 0, refused: 0, ambiguous: 0, unharmed: 0 }

  test.for(workloads)(
    '$name: every answer is true, and so is every fault that says that nothing was written',
    { timeout: 60_000 },
    async (workload) => {
      const { wrong, ...counts } = await faultEverywhere(workload)
      expect(wrong.slice(0, 3)).toEqual([])
      expect(counts.injected).toBeGreaterThan(0)
      for (const name of ['injected', 'refused', 'ambiguous', 'unharmed'] as const) total[name] += counts[name]
    },
  )

  test('the faults are counted', async () => {
    await keepFigures('file-disk-faults', total)
    for (const count of Object.values(total)) expect(count).toBeGreaterThan(0)
  })
})
