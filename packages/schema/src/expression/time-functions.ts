import { refused, unreadable } from './function-row.ts'
import type { CallPlace, FunctionRow } from './function-row.ts'
import { failed } from './evaluation.ts'
import { TimeValue, parseDuration, parseTimestamp, timeValue, utcDate } from './time.ts'
import type { Value } from './value.ts'

const constructor = { form: 'function', operandsMin: 1, operandsMax: 1, givesTime: true } as const

/** `timestamp()`, `duration()` and what can be read from them, all in UTC. */
export const timeFunctions: Readonly<Record<string, FunctionRow>> = {
  timestamp: { ...constructor, apply: ([value = null], _, place) => timestampOf(value, place) },
  duration: { ...constructor, apply: ([value = null], _, place) => durationOf(value, place) },
  getFullYear: ofTimestamp((date) => date.getUTCFullYear()),
  getMonth: ofTimestamp((date) => date.getUTCMonth()),
  getDate: ofTimestamp((date) => date.getUTCDate()),
  getDayOfMonth: ofTimestamp((date) => date.getUTCDate() - 1),
  getDayOfWeek: ofTimestamp((date) => date.getUTCDay()),
  getDayOfYear: ofTimestamp(dayOfYear),
  getHours: ofEither((date) => date.getUTCHours(), 3_600_000_000_000n),
  getMinutes: ofEither((date) => date.getUTCMinutes(), 60_000_000_000n),
  getSeconds: ofEither((date) => date.getUTCSeconds(), 1_000_000_000n),
  getMilliseconds: ofEither((date) => date.getUTCMilliseconds(), 1_000_000n, 1000n),
}

function timestampOf(value: Value, place: CallPlace): TimeValue {
  if (value instanceof TimeValue && value.kind === 'timestamp') return value
  if (typeof value === 'number') return fromSeconds(value, place)
  if (typeof value !== 'string') throw refused(value, 'a string or a number of seconds', place)
  const timestamp = parseTimestamp(value)
  if (timestamp === undefined) throw unreadable(value, 'a timestamp such as "2026-01-31T09:30:00Z"', place)
  return timestamp
}

function fromSeconds(seconds: number, place: CallPlace): TimeValue {
  const timestamp = Number.isInteger(seconds) ? timeValue('timestamp', BigInt(seconds) * 1_000_000_000n) : undefined
  if (timestamp === undefined)
    throw failed('ARITHMETIC', `${place.quote}: ${seconds} is not a whole number of seconds in range`)
  return timestamp
}

function durationOf(value: Value, place: CallPlace): TimeValue {
  if (value instanceof TimeValue && value.kind === 'duration') return value
  if (typeof value !== 'string') throw refused(value, 'a string', place)
  const duration = parseDuration(value)
  if (duration === undefined) throw unreadable(value, 'a duration such as "1h30m" or "90s"', place)
  return duration
}

function ofTimestamp(read: (date: Date) => number): FunctionRow {
  return {
    form: 'method',
    operandsMin: 1,
    operandsMax: 1,
    apply: ([value = null], _, place) => {
      if (value instanceof TimeValue && value.kind === 'timestamp') return read(utcDate(value))
      throw refused(value, 'a timestamp', place)
    },
  }
}

/** Of a duration, all of it in that unit, cut off; milliseconds are those of its last second. */
function ofEither(read: (date: Date) => number, unit: bigint, modulus?: bigint): FunctionRow {
  return {
    form: 'method',
    operandsMin: 1,
    operandsMax: 1,
    apply: ([value = null], _, place) => {
      if (!(value instanceof TimeValue)) throw refused(value, 'a timestamp or a duration', place)
      if (value.kind === 'timestamp') return read(utcDate(value))
      const count = value.nanos / unit
      return Number(modulus === undefined ? count : count % modulus)
    },
  }
}

function dayOfYear(date: Date): number {
  const first = new Date(date)
  first.setUTCMonth(0, 1)
  return Math.round((date.getTime() - first.getTime()) / 86_400_000)
}
