import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

describe('a duration', () => {
  test.for([
    ['250ms', 250],
    ['10s', 10_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['1.5s', 1500],
    ['0s', 0],
    ['PT5M', 300_000],
    ['P1D', 86_400_000],
    ['P2W', 1_209_600_000],
    ['P1DT12H', 129_600_000],
    ['PT0.25S', 250],
  ] as const)('%s is %i ms', ([text, ms]) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.for([
    '',
    '5',
    'm',
    '5 m',
    '-5m',
    '5m1h',
    '1h1h',
    'P',
    'PT',
    'P1Y',
    'P1M',
    'P1DT',
    '1e3s',
    '5M',
    '999999999999999d',
    '${{ x }}',
  ])('"%s" is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  test('has one canonical text, which gives the same duration', () => {
    expect(formatDuration(0)).toBe('0ms')
    expect(formatDuration(5_400_000)).toBe('1h30m')
    fc.assert(fc.property(fc.nat(), (ms) => parseDuration(formatDuration(ms)) === ms))
  })
})
