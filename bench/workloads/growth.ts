import type { Opened } from '../subject.ts'
import { marksOf } from './long.ts'

/** How long the first and the last tenth of each of several long runs took, in milliseconds. */
export interface Tenths {
  readonly first: readonly number[]
  readonly last: readonly number[]
}

/** Does a long run so many times, each with a subject opened anew, after `warm` that are not counted: code is compiled then. */
export async function tenthsOf(
  open: () => Promise<Pick<Opened, 'long' | 'close'>>,
  { steps, times, warm = 1 }: { readonly steps: number; readonly times: number; readonly warm?: number },
): Promise<Tenths> {
  const [first, last]: [number[], number[]] = [[], []]
  for (let time = -warm; time < times; time++) {
    const opened = await open()
    const marks = marksOf(steps)
    await opened.long?.(marks.onStep)
    await opened.close()
    if (time < 0) continue
    const tenths = marks.tenths()
    first.push(tenths.firstMs)
    last.push(tenths.lastMs)
  }
  return { first, last }
}
