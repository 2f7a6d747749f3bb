import type { Definition } from '@segno/schema/plan'
import { expect, test } from 'vitest'
import { createEngine } from '../src/runtime/engine.ts'
import { memoryStorage } from '../src/runtime/memory-storage.ts'

const steps = 10_000
const stretch = 1_000

// The processor's time for this thread, not the clock's: what else the machine does is
// not counted. What is counted besides, such as a collection of garbage, only ever adds,
// so the least of three stretches stands for them; the first one warms up and is left
// out. In an engine whose step costs as much as there were steps before (one that looks
// through its journal, or saves all that was), the least of the last three, around step
// 7,500, costs five times the least of those after the first, around step 1,500. In one
// whose step costs what changed, the ratio is about 1. So 3 can be asserted on any
// machine: far from what is measured, and far below what such a mistake gives.
const growthMax = 3

const loop: Definition = {
  segno: 1,
  name: 'loop',
  output: { count: { type: 'number', value: '${{ steps.loop.output.count }}' } },
  steps: [
    {
      id: 'loop',
      repeat: { max: steps, until: false, initial: { count: 0 } },
      do: [{ id: 'work', uses: 'work', with: { count: '${{ previous.count }}' } }],
      output: { count: '${{ steps.work.output }}' },
      onExhausted: { output: { count: '${{ previous.count }}' } },
    },
  ],
} as unknown as Definition

test('the last steps of a long loop cost what its first steps did', async () => {
  const marks: number[] = []
  const work = (_: unknown, { count }: { count: number }): number => {
    if (count % stretch === 0) marks.push(cpuMs())
    return count + 1
  }
  await using engine = createEngine({ storage: memoryStorage({ keep: 'tail' }), handlers: { work } })

  const run = await engine.start(loop)
  const { count } = await run.output()
  marks.push(cpuMs())

  expect(count).toBe(steps)
  const costs = marks.slice(1).map((mark, index) => mark - (marks[index] ?? 0))
  expect(costs).toHaveLength(steps / stretch)
  expect(Math.min(...costs.slice(-3))).toBeLessThan(Math.min(...costs.slice(1, 4)) * growthMax)
})

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
