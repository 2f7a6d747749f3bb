import { percentile, timed } from '../samples.ts'
import type { Opened } from '../subject.ts'
import type { Figures, Sizes } from '../task.ts'

const stepsPerRun = 10
const warmMs = 500

/** W1: runs of ten steps, so many at a time. */
export async function sequences(
  opened: Pick<Opened, 'sequence'>,
  atATime: number,
  { runs, boxMs }: Pick<Sizes, 'runs' | 'boxMs'>,
): Promise<Figures> {
  await warmUp(opened, atATime)
  const latencies: number[] = []
  const one = async (): Promise<void> => void latencies.push(await timed(() => opened.sequence()))
  const ms = await timed(() => inTurns(one, { atATime, runs, boxMs }))
  const stepsPerSecond = (latencies.length * stepsPerRun * 1000) / ms
  return {
    stepsPerSecond,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    runs: latencies.length,
  }
}

/** The same before anything is measured, for as long as everybody gets: code is compiled, tables and files are there. */
export async function warmUp(opened: Pick<Opened, 'sequence'>, atATime = 1): Promise<void> {
  await opened.sequence()
  await inTurns(() => opened.sequence(), { atATime, runs: Number.MAX_SAFE_INTEGER, boxMs: warmMs })
}

/** Does a piece of work so often, some at a time, until its time is over. */
export async function inTurns(
  one: (index: number) => Promise<void>,
  { atATime, runs, boxMs }: { readonly atATime: number; readonly runs: number; readonly boxMs: number },
): Promise<void> {
  const end = performance.now() + boxMs
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < runs && performance.now() < end) await one(next++)
  }
  await Promise.all(Array.from({ length: Math.min(atATime, runs) }, worker))
}
