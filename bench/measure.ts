/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** The best of several rounds: what the machine can do when nothing disturbs it. */
export async function best(
  rounds: number,
  work: () => Promise<number>,
  better: (a: number, b: number) => number,
): Promise<number> {
  let result = await work()
  for (let round = 1; round < rounds; round++) result = better(result, await work())
  return result
}

/** The value below which `share` of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
