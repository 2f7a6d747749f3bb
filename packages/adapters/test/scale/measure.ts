import { loadavg } from 'node:os'
import { keepFigures } from '../file/figures.ts'

/** Whether the sizes are those that the page tells of, and not the small ones that keep the code alive. */
const isScale = process.env['SEGNO_SCALE'] !== undefined

/** What may take minutes, on a machine that does other things too. */
export const timeout = isScale ? 3_600_000 : 120_000

/** The size of a test: as large as it says, or small. */
export function sizeOf(large: number, small: number): number {
  return isScale ? large : small
}

/** Milliseconds with two decimals. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return rounded(performance.now() - start)
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100
}

/** The value that so many per cent are not above. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const at = Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))
  return rounded(sorted[at] ?? 0)
}

/** Of this process, in MiB, after what can be collected was. */
export function residentMiB(): number {
  ;(globalThis as { gc?: () => void }).gc?.()
  return Math.round(process.memoryUsage().rss / 2 ** 20)
}

/** Does so many pieces of work, some at a time. */
export async function inTurns(
  count: number,
  atATime: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(index)
  }
  await Promise.all(Array.from({ length: Math.min(count, atATime) }, worker))
}

/** Keeps the figures under `scale-<name>`, with how busy the machine was. Those of small sizes say nothing. */
export async function keepScale(name: string, figures: Readonly<Record<string, unknown>>): Promise<void> {
  if (isScale) await keepFigures(`scale-${name}`, { ...figures, machineLoad: rounded(loadavg()[0] ?? 0) })
}
