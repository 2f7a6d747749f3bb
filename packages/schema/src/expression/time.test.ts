import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failureOf, valueOf } from './evaluate.fixture.ts'
import { parseDuration, parseTimestamp, timeValue } from './time.ts'

describe('a timestamp or duration leaves as text', () => {
  test.for([
    ['timestamp("2026-01-31T09:30:00Z")', '2026-01-31T09:30:00Z'],
    ['timestamp("2026-01-31T09:30:00.120+05:30")', '2026-01-31T04:00:00.12Z'],
    ['timestamp("2024-02-29T00:00:00.000000001-01:00")', '2024-02-29T01:00:00.000000001Z'],
    ['timestamp(-1)', '1969-12-31T23:59:59Z'],
    ['timestamp(timestamp(1))', '1970-01-01T00:00:01Z'],
    ['duration("1h30m")', '5400s'],
    ['duration("-1.5s")', '-1.5s'],
    ['duration("250ms")', '0.25s'],
    ['duration("1us1ns")', '0.000001001s'],
    ['duration(duration("0"))', '0s'],
    ['timestamp(0) + duration("36h")', '1970-01-02T12:00:00Z'],
    ['duration("1s") + timestamp(0)', '1970-01-01T00:00:01Z'],
    ['timestamp(0) - duration("1s")', '1969-12-31T23:59:59Z'],
    ['timestamp(90) - timestamp(30)', '60s'],
    ['duration("1m") + duration("1s")', '61s'],
    ['duration("1m") - duration("1s")', '59s'],
    ['[{"at": timestamp(0), "none": null}]', [{ at: '1970-01-01T00:00:00Z', none: null }]],
  ] as const)('%s is %j', ([text, expected]) => {
    expect(valueOf(text)).toEqual(expected)
  })
})

describe('a part of it is a number, in UTC', () => {
  const at = 'timestamp("2024-12-31T23:59:58.765Z")'
  const span = 'duration("26h3m4.005s")'
  test.for([
    [`${at}.getFullYear()`, 2024],
    [`${at}.getMonth()`, 11],
    [`${at}.getDate()`, 31],
    [`${at}.getDayOfMonth()`, 30],
    [`${at}.getDayOfWeek()`, 2],
    [`${at}.getDayOfYear()`, 365],
    [`${at}.getHours()`, 23],
    [`${at}.getMinutes()`, 59],
    [`${at}.getSeconds()`, 58],
    [`${at}.getMilliseconds()`, 765],
    [`${span}.getHours()`, 26],
    [`${span}.getMinutes()`, 1563],
    [`${span}.getSeconds()`, 93784],
    [`${span}.getMilliseconds()`, 5],
  ] as const)('%s is %j', ([text, expected]) => {
    expect(valueOf(text)).toBe(expected)
  })
})

describe('fails:', () => {
  test.for([
    ['timestamp("2026-02-30T00:00:00Z")', 'EXPRESSION_TYPE'],
    ['timestamp("2026-01-01T24:00:00Z")', 'EXPRESSION_TYPE'],
    ['timestamp("2026-01-01T00:00:60Z")', 'EXPRESSION_TYPE'],
    ['timestamp("2026-01-01T00:00:00")', 'EXPRESSION_TYPE'],
    ['timestamp("2026-01-01")', 'EXPRESSION_TYPE'],
    ['timestamp("0000-01-01T00:00:00Z")', 'EXPRESSION_TYPE'],
    ['timestamp(true)', 'EXPRESSION_TYPE'],
    ['timestamp(0.5)', 'ARITHMETIC'],
    ['timestamp(1e15)', 'ARITHMETIC'],
    ['duration("1d")', 'EXPRESSION_TYPE'],
    ['duration("")', 'EXPRESSION_TYPE'],
    ['duration("90")', 'EXPRESSION_TYPE'],
    ['duration("999999999999999h")', 'EXPRESSION_TYPE'],
    ['duration(90)', 'EXPRESSION_TYPE'],
    ['timestamp(0) + timestamp(0)', 'EXPRESSION_TYPE'],
    ['duration("1s") - timestamp(0)', 'EXPRESSION_TYPE'],
    ['duration("1s") * 2', 'EXPRESSION_TYPE'],
    ['timestamp("9999-12-31T23:59:59Z") + duration("1s")', 'ARITHMETIC'],
    ['timestamp("0001-01-01T00:00:00Z") - duration("1ns")', 'ARITHMETIC'],
    ['(1).getHours()', 'EXPRESSION_TYPE'],
    ['duration("1s").getFullYear()', 'EXPRESSION_TYPE'],
  ] as const)('%s with %s', ([text, code]) => {
    expect(failureOf(text).code).toBe(code)
  })
})

test('what is written reads back as the same value', () => {
  const nanos = fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n })
  fc.assert(
    fc.property(nanos, (at) => {
      expect(parseTimestamp(String(timeValue('timestamp', at)))?.nanos).toBe(at)
      expect(parseDuration(String(timeValue('duration', at)))?.nanos).toBe(at)
    }),
  )
})
