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
  const { firstMs, lastMs } = marks.tenths()
  return { ms: end - start, peakMiB, lastToFirst: lastMs / firstMs }
}

/** When each tenth of a long run began, and how much memory was resident then. */
export interface Marks {
  readonly onStep: (index: number) => void
  readonly residentMiB: readonly number[]
  /** Once the run has ended. */
  tenths(): { readonly firstMs: number; readonly lastMs: number }
}

/** Marks for a run of so many steps. */
export function marksOf(steps: number): Marks {
  const tenth = steps / 10
  const [times, residentMiB]: [number[], number[]] = [[], []]
  const onStep = (index: number): void => {
    // No step begins after the last one: it ends the last tenth.
    if (index % tenth !== 0 && index !== steps - 1) return
    times.push(performance.now())
    residentMiB.push(process.memoryUsage.rss() / 2 ** 20)
  }
  const tenths: Marks['tenths'] = () => {
    const [first, second, beforeLast, last] = [times[0], times[1], times.at(-2), times.at(-1)]
    if (first === undefined || second === undefined || beforeLast === undefined || last === undefined) {
      throw new Error('no step was told')
    }
    if (times.length !== 11) {
      throw new Error(`${times.length} marks of a run of ${steps} steps, expected 11: a step was not told, or twice`)
    }
    // The last step is told when it begins, so that its tenth is a step short.
    return { firstMs: second - first, lastMs: ((last - beforeLast) * tenth) / (tenth - 1) }
  }
  return { onStep, residentMiB, tenths }
}
