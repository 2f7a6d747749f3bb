import { describe, expect, test } from 'vitest'
import { darkStatusColors, statusColors } from './status-colors.ts'

/** Relative luminance by WCAG 2. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string, other: string): number {
  const [light = 1, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

describe.for([
  ['light', statusColors, '#ffffff'],
  ['dark', darkStatusColors, '#0d1117'],
] as const)('on a %s ground', ([, colors, ground]) => {
  test.for(Object.entries(colors))(
    'what is %s can be read, and its border be seen',
    ([status, { fill, line, text }]) => {
      const isDimmed = status === 'unreached' || status === 'skipped'
      expect(contrast(text, fill)).toBeGreaterThan(isDimmed ? 4.5 : 7)
      if (!isDimmed) expect(contrast(line, ground)).toBeGreaterThan(3)
    },
  )
})
