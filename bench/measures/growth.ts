import { memoryStorage } from '@segno/core'
import { median } from '../samples.ts'
import { openSegno } from '../subjects/segno.ts'
import type { Measure } from '../task.ts'
import { tenthsOf } from '../workloads/growth.ts'

const times = 25
/** A tenth is five milliseconds, once all that a loop needs is compiled. */
const warm = 10

/** W3: whether a step costs more the more there are before it. One run in memory is over before it tells. */
export const measure: Measure = async ({ sizes: { longSteps } }) => {
  const open = async () => openSegno(memoryStorage(), longSteps)
  const { first, last } = await tenthsOf(open, { steps: longSteps, times, warm })
  return { firstMs: median(first), lastMs: median(last), lastToFirst: median(last) / median(first) }
}
