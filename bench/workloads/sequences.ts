import { percentile, timed } from '../samples.ts'
import type { Opened } from '../subject.ts'
import type { Figures, Sizes } from '../task.ts'

const stepsPerRun = 10
const warmMs = 1000
/** Who is quick does more than so many runs: a tenth of a second would tell of one collection of garbage more or less. */
const leastMs = 1000

/** W1: runs of ten steps, so many at a time; more of them where they are done in less than a second. */
export async function sequences(
  opened: Pick<Opened, 'sequence'>,
  atATime: number,
  { runs, boxMs }: Pick<Sizes, 'runs' | 'boxMs'>,
): Promise<Figures> {
  await warmUp(opened, atATime, Math.min(warmMs, boxMs / 2))
  const latencies: number[] = []
  const one = async (): Promise<void> => void latencies.push(await timed(() => opened.sequence()))
  const ms = await timed(() => inTurns(one, { atATime, runs, boxMs, leastMs: Math.min(leastMs, boxMs / 10) }))
  const stepsPerSecond = (latencies.length * stepsPerRun * 1000) / ms
  return {
    stepsPerSecond,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    runs: latencies.length,
  }
}

/** The same before anything is measured, for as long as everybody gets: code is compiled, tables and files are there. */
export async function warmUp(opened: Pick<Opened, 'sequence'>, atATime = 1, ms = warmMs): Promise<void> {
  await opened.sequence()
  await inTurns(() => opened.sequence(), { atATime, runs: Number.MAX_SAFE_INTEGER, boxMs: ms })
}

/** How often a piece of work is done: for so long at least and at most. */
interface Turns {
  readonly atATime: number
  readonly runs: number
  readonly boxMs: number
  readonly leastMs?: number
}

/** Does a piece of work so often, some at a time, until its time is over. */
export async function inTurns(
  one: (index: number) => Promise<void>,
  { atATime, runs, boxMs, leastMs: least = 0 }: Turns,
): Promise<void> {
  const start = performance.now()
  const isWanted = (): boolean => {
    const ms = performance.now() - start
    return ms < boxMs && (next < runs || ms < least)
  }
  let next = 0
  const worker = async (): Promise<void> => {
    while (isWanted()) await one(next++)
  }
  await Promise.all(Array.from({ length: Math.min(atATime, runs) }, worker))
}
