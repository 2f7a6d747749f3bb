import { createEngine, memoryStorage, type HandlerContext } from '@segno/core'
import { loopOf, iterationOf, openSegno } from '../subjects/segno.ts'
import { payload } from '../subject.ts'
import type { Measure } from '../task.ts'
import { marksOf } from '../workloads/long.ts'

const warmSteps = 50_000

/** W3 with very many steps, on a storage that keeps only the last snapshot and what came after it. */
export const measure: Measure = async ({ sizes: { tailSteps } }) => {
  // What is measured is whether it grows, and not how long code takes to be compiled.
  const warm = openSegno(memoryStorage({ keep: 'tail' }), Math.min(tailSteps, warmSteps))
  await warm.long?.(() => undefined)
  await warm.close()
  const marks = marksOf(tailSteps)
  const told = async ({ path }: HandlerContext): Promise<typeof payload> => {
    marks.onStep(iterationOf(path))
    return payload
  }
  await using engine = createEngine({ storage: memoryStorage({ keep: 'tail' }), handlers: { told } })
  const start = performance.now()
  const result = await (await engine.start(loopOf(tailSteps, 'told'))).result()
  const ms = performance.now() - start
  if (result.status !== 'completed') throw new Error(`the run ended ${result.status}`)
  // At the first mark the heap has not grown to what a run needs.
  const [early, late] = [marks.residentMiB[1] ?? Number.NaN, marks.residentMiB.at(-1) ?? Number.NaN]
  const peakMiB = process.resourceUsage().maxRSS / 1024
  const { firstMs, lastMs } = marks.tenths()
  return { steps: tailSteps, ms, peakMiB, residentLastToFirst: late / early, lastToFirst: lastMs / firstMs }
}
