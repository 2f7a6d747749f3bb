import { parseTimestamp } from '../expression/time.ts'

/** An RFC 3339 text such as `2026-01-31T06:00:00Z` as epoch ms, rounded up; `undefined` where it is none. */
export function parseInstant(text: string): number | undefined {
  const parsed = parseTimestamp(text)
  return parsed === undefined ? undefined : Number((parsed.nanos + 999_999n) / 1_000_000n)
}
