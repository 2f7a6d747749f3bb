import type { Opened } from '../subject.ts'
import type { Figures } from '../task.ts'
import { warmUp } from './sequences.ts'

/** W3: one run of many steps, one after another: its time, its memory, and whether the last tenth takes longer than the first. */
export async function long(opened: Opened, steps: number): Promise<Figures> {
  await warmUp(opened)
  const marks = marksOf(steps)
  const start = performance.now()
  await opened.long?.(marks.onStep)
  const end = performance.now()
  const peakMiB = process.resourceUsage().maxRSS / 1024
  return { ms: end - start, peakMiB, ...growthOf(marks, steps) }
}

/** When each tenth of a long run began, and how much memory was resident then. */
export interface Marks {
  readonly onStep: (index: number) => void
  readonly times: readonly number[]
  readonly residentMiB: readonly number[]
}

/** Marks for a run of so many steps. */
export function marksOf(steps: number): Marks {
  const tenth = steps / 10
  const [times, residentMiB]: [number[], number[]] = [[], []]
  const onStep = (index: number): void => {
    // The last step begins the time of none: it ends that of the last tenth.
    if (index % tenth !== 0 && index !== steps - 1) return
    times.push(performance.now())
    residentMiB.push(process.memoryUsage.rss() / 2 ** 20)
  }
  return { onStep, times, residentMiB }
}

/** How much longer the last tenth took than the first one. */
export function growthOf({ times }: Marks, steps: number): { readonly lastToFirst: number } {
  const [first, second, beforeLast, last] = [times[0], times[1], times.at(-2), times.at(-1)]
  if (times.length !== 11 || first === undefined || second === undefined) {
    throw new Error(`${times.length} marks of a run of ${steps} steps, expected 11: a step was not told, or twice`)
  }
  if (beforeLast === undefined || last === undefined) throw new Error('no marks')
  // The last step is told when it begins, so its tenth is a step short.
  const whole = steps / 10
  return { lastToFirst: ((last - beforeLast) * whole) / (whole - 1) / (second - first) }
}
