import { describe, expect, test } from 'vitest'
import { crashEverywhere, expectationOf, isFoundOut, play, same } from './crash-check.ts'
import { keepFigures } from './figures.ts'
import { workloads } from './workloads.ts'

const timeoutMs = 60_000

describe('after a crash at any change of the disk', () => {
  const states: Record<string, number> = {}

  test.for(workloads)(
    '$name: nothing acknowledged is lost or changed, nothing is there by half, and everything goes on',
    { timeout: timeoutMs },
    async (workload) => {
      const report = await crashEverywhere(workload)
      expect(report.wrong.slice(0, 3)).toEqual([])
      expect(report.states).toBeGreaterThan(0)
      states[workload.name] = report.states
    },
  )

  test('the states of the disk are counted', async () => {
    const total = Object.values(states).reduce((sum, count) => sum + count, 0)
    await keepFigures('file-crash-states', { total, workloads: states })
    expect(total).toBeGreaterThan(0)
  })
})

test.for(workloads)('$name: files answer as memory does', async (workload) => {
  const { answers } = await expectationOf(workload)
  const played = await play(workload)
  expect(played.answers.map((answer, index) => same(answer, answers[index]))).toEqual(answers.map(() => true))
})

// If the states of the disk could not show what is missing here, they would prove nothing.
test.for(['sync', 'syncFolder'] as const)(
  'a disk whose %s does nothing is found out',
  { timeout: timeoutMs },
  async (unsynced) => {
    const foundBy: string[] = []
    for (const workload of workloads) if (await isFoundOut(workload, { unsynced })) foundBy.push(workload.name)
    await keepFigures(`file-crash-states-without-${unsynced}`, { foundBy: foundBy.length, workloads: workloads.length })
    expect(foundBy).toEqual(workloads.map(({ name }) => name))
  },
)
