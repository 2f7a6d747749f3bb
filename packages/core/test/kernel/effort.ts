/**
 * How often something random is tried, or how many states are looked at: the usual
 * number, more in a deep run, and what `SEGNO_NUM_RUNS` says, as where thousands of
 * mutants are each judged by all tests.
 */
export function effort(usual: number, deep: number): number {
  return Number(process.env['SEGNO_NUM_RUNS'] ?? (process.env['SEGNO_DEEP'] === undefined ? usual : deep))
}
