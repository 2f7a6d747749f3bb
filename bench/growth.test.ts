import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { memoryStorage } from '@segno/core'
import { expect, test } from 'vitest'
import { openSegno } from './subjects/segno.ts'
import { tenthsOf, type Tenths } from './workloads/growth.ts'

const steps = 5000
const times = 4
/** Of a machine that does other things too, the shortest time tells the most; a cost that grows with history is many times this. */
const growthMax = 3
/** The text of a number has twice as many. */
const bytesAStepMax = 12

test.for(['all', 'tail'] as const)(
  'a step costs as much at the end of a long run as at its beginning (%s)',
  async (keep) => {
    const tenths = await tenthsOf(async () => openSegno(memoryStorage({ keep }), steps), { steps, times })
    expect(growthOf(tenths)).toBeLessThan(growthMax)
  },
)

test('a step that costs more the more steps there are before it is found out', async () => {
  const history: number[] = []
  let sum = 0
  const long = async (onStep: (index: number) => void): Promise<void> => {
    history.length = 0
    for (let index = 0; index < steps; index++) {
      onStep(index)
      history.push(index)
      sum += history.reduce((one, other) => one + other, 0)
    }
  }
  const tenths = await tenthsOf(async () => ({ long, close: async () => undefined }), { steps, times })
  expect(sum).toBeGreaterThan(0)
  expect(growthOf(tenths)).toBeGreaterThan(growthMax)
})

// What outlives its young garbage is not collected for a long while: the space for the young grows, and what is resident with it.
test('hardly anything of a step outlives it, where only the tail is kept', () => {
  const fixture = fileURLToPath(new URL('outlive.fixture.ts', import.meta.url))
  const bytes = execFileSync(process.execPath, ['--conditions=@segno/source', fixture], { encoding: 'utf8' })
  expect(Number(bytes)).toBeLessThan(bytesAStepMax)
})

function growthOf({ first, last }: Tenths): number {
  return Math.min(...last) / Math.min(...first)
}
