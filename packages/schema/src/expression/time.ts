/** A timestamp (nanoseconds since 1970, UTC) or a duration, as expressions calculate with them. */
export class TimeValue {
  readonly kind: 'timestamp' | 'duration'
  readonly nanos: bigint

  constructor(kind: 'timestamp' | 'duration', nanos: bigint) {
    this.kind = kind
    this.nanos = nanos
  }

  /** RFC 3339 in UTC, or seconds with the suffix `s`. */
  toString(): string {
    return this.kind === 'timestamp' ? timestampText(this.nanos) : durationText(this.nanos)
  }
}

const second = 1_000_000_000n

/** The years 1 to 9999, and plus or minus 10,000 years: the ranges of CEL. */
const ranges = {
  timestamp: { min: -62_135_596_800n * second, max: 253_402_300_800n * second - 1n },
  duration: { min: -315_576_000_000n * second, max: 315_576_000_000n * second },
}

/** `undefined` where the value would leave the range of its kind. */
export function timeValue(kind: 'timestamp' | 'duration', nanos: bigint): TimeValue | undefined {
  return nanos < ranges[kind].min || nanos > ranges[kind].max ? undefined : new TimeValue(kind, nanos)
}

const timestampPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/

/** Reads RFC 3339, as `2026-01-31T09:30:00Z`; `undefined` where the text is not that. */
export function parseTimestamp(text: string): TimeValue | undefined {
  const match = timestampPattern.exec(text)
  if (match === null) return undefined
  const [, local = '', fraction = '', sign, hours = '0', minutes = '0'] = match
  const ms = Date.parse(`${local}Z`)
  // February 30 and 24:00:00 parse as the next day: what reads back differently was no date.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(local)) return undefined
  const offset = (BigInt(hours) * 60n + BigInt(minutes)) * 60n * (sign === '-' ? -1n : 1n)
  const nanos = BigInt(ms / 1000) * second - offset * second + BigInt(fraction.padEnd(9, '0'))
  return timeValue('timestamp', nanos)
}

const unitNanos: Readonly<Record<string, bigint>> = {
  h: 3600n * second,
  m: 60n * second,
  s: second,
  ms: 1_000_000n,
  us: 1_000n,
  µs: 1_000n,
  ns: 1n,
}
const durationPattern = /^[+-]?(?:\d{1,15}(?:\.\d{1,9})?(?:h|ms|us|µs|ns|m|s))+$/
const durationPartPattern = /(\d+)(?:\.(\d+))?([a-zµ]+)/g

/** Reads `1h30m`, `90s`, `1.5s`, `250ms`; `undefined` where the text is not that. */
export function parseDuration(text: string): TimeValue | undefined {
  if (text === '0') return new TimeValue('duration', 0n)
  if (text.length > 64 || !durationPattern.test(text)) return undefined
  let nanos = 0n
  for (const [, whole = '0', fraction = '', unit = ''] of text.matchAll(durationPartPattern)) {
    const size = unitNanos[unit] ?? 0n
    nanos += BigInt(whole) * size + (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length)
  }
  return timeValue('duration', text.startsWith('-') ? -nanos : nanos)
}

/** The time of day and date of a timestamp, in UTC. */
export function utcDate(timestamp: TimeValue): Date {
  return new Date(Number(floorDivide(timestamp.nanos, 1_000_000n)))
}

function timestampText(nanos: bigint): string {
  const fraction = nanos - floorDivide(nanos, second) * second
  const seconds = new Date(Number(floorDivide(nanos, second)) * 1000).toISOString().slice(0, 19)
  return `${seconds}${fractionText(fraction)}Z`
}

function durationText(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos
  return `${nanos < 0n ? '-' : ''}${size / second}${fractionText(size % second)}s`
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? '' : `.${nanos.toString().padStart(9, '0').replace(/0+$/, '')}`
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  return dividend % divisor < 0n ? quotient - 1n : quotient
}
