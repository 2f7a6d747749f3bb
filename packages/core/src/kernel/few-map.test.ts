import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FewMap, FewSet } from './few-map.ts'

// More of them than are held one by one.
const names = Array.from({ length: 12 }, (_, index) => `name ${index}`)
const key = fc.constantFrom(...names)
const set = fc.record({ type: fc.constant('set' as const), key, value: fc.integer() })
const move = fc.oneof(
  { arbitrary: set, weight: 6 },
  { arbitrary: fc.record({ type: fc.constant('delete' as const), key }), weight: 4 },
  { arbitrary: fc.record({ type: fc.constant('clear' as const) }), weight: 1 },
)

test('it holds what a map holds, in the same order, however many there are', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const few = new FewMap<string, number>()
      const map = new Map<string, number>()
      for (const one of moves) {
        if (one.type === 'clear') [few, map].forEach((held) => held.clear())
        else if (one.type === 'delete') expect(few.delete(one.key)).toBe(map.delete(one.key))
        else [few, map].forEach((held) => held.set(one.key, one.value))
        expect([...few]).toEqual([...map])
        expect([...few.keys()]).toEqual([...map.keys()])
        expect([...few.values()]).toEqual([...map.values()])
        expect(few.size).toBe(map.size)
        for (const name of names) {
          expect(few.get(name)).toBe(map.get(name))
          expect(few.has(name)).toBe(map.has(name))
        }
      }
    }),
  )
})

test('it begins with the entries that it is given', () => {
  const entries: readonly (readonly [number, string])[] = [
    [0, 'zero'],
    [1, 'one'],
  ]
  expect([...new FewMap(entries)]).toEqual(entries)
  expect([...new FewMap(entries.slice(0, 1))]).toEqual([[0, 'zero']])
})

test.for([3, 12])('what is deleted while it is gone through is left out (%d entries)', (size) => {
  const few = new FewMap(names.slice(0, size).map((name, index) => [name, index + 1] as const))
  const seen: number[] = []
  for (const value of few.values()) {
    seen.push(value)
    few.delete('name 1')
  }
  expect(seen).toEqual(Array.from({ length: size }, (_, index) => index + 1).filter((value) => value !== 2))
})

test('a set holds each thing once', () => {
  const [one, other] = [{}, {}]
  const set = new FewSet<object>()
  for (const item of [one, other, one]) set.add(item)
  expect([...set.values()]).toEqual([one, other])
  expect(set.has(other)).toBe(true)
  expect(set.delete(one)).toBe(true)
  expect(set.size).toBe(1)
})
