import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from './random.ts'

const draws = (random: { next(): number }, count: number) => Array.from({ length: count }, () => random.next())

describe('seededRandom', () => {
  test('a seed gives the same draws for ever', () => {
    const words = draws(seededRandom(1), 4).map((draw) => (draw * 2 ** 32).toString(16))
    expect(words).toEqual(['5e2d1772', '14e498f0', 'd20ea1fd', 'b382f339'])
  })

  test('draws lie in [0, 1) and differ from seed to seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        fc.pre((a | 0) !== (b | 0))
        const [first, second] = [draws(seededRandom(a), 20), draws(seededRandom(b), 20)]
        expect(first.every((draw) => draw >= 0 && draw < 1)).toBe(true)
        expect(first).not.toEqual(second)
      }),
    )
  })

  test('whole numbers fall evenly into their range', () => {
    const random = seededRandom(7)
    const counts = Array.from({ length: 10 }, () => 0)
    for (let draw = 0; draw < 100_000; draw += 1) {
      const hit = random.integer(10)
      counts[hit] = (counts[hit] ?? 0) + 1
    }
    expect(counts.every((count) => count > 9_500 && count < 10_500)).toBe(true)
  })

  test('a chance of 0 never comes and a chance of 1 always does', () => {
    const random = seededRandom(7)
    const outcomes = Array.from({ length: 1_000 }, () => [random.chance(0), random.chance(1)])
    expect(outcomes.every(([never, always]) => never === false && always === true)).toBe(true)
  })

  test('a named stream does not depend on what was drawn before, nor on its siblings', () => {
    const [fresh, used] = [seededRandom(3), seededRandom(3)]
    draws(used, 100)
    draws(used.stream('b'), 100)
    expect(draws(used.stream('a'), 10)).toEqual(draws(fresh.stream('a'), 10))
    expect(draws(fresh.stream('a'), 10)).not.toEqual(draws(fresh.stream('b'), 10))
  })

  test('one of the items is picked, and nothing cannot be', () => {
    const random = seededRandom(3)
    expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c']))).size).toBe(3)
    expect(() => random.pick([])).toThrow(RangeError)
  })
})
