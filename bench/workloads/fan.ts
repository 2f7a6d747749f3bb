import { median, timed } from '../samples.ts'
import type { Opened } from '../subject.ts'
import type { Figures, Sizes } from '../task.ts'

const fansMax = 200
const fansMs = 2000

/** W2: one run whose steps are all done at a time; the first of them, and the middle of those after it. */
export async function fans(opened: Opened, { fanSteps, boxMs }: Pick<Sizes, 'fanSteps' | 'boxMs'>): Promise<Figures> {
  const fan = async (): Promise<void> => opened.fan?.(fanSteps)
  const firstMs = await timed(fan)
  const times: number[] = []
  const end = performance.now() + Math.min(fansMs, boxMs)
  do times.push(await timed(fan))
  while (times.length < fansMax && performance.now() < end)
  return { ms: median(times), firstMs }
}
