import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BoxedMap } from './boxed-map.ts'
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

const kinds = [
  ['few', () => new FewMap<string, number>()],
  ['boxed', () => new BoxedMap<string, number>()],
] as const

test.for(kinds)('it holds what a map holds, in the same order, however many there are (%s)', ([, make]) => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const held = make()
      const map = new Map<string, number>()
      for (const one of moves) {
        if (one.type === 'clear') [held, map].forEach((each) => each.clear())
        else if (one.type === 'delete') expect(held.delete(one.key)).toBe(map.delete(one.key))
        else [held, map].forEach((each) => each.set(one.key, one.value))
        expect([...held]).toEqual([...map])
        expect([...held.keys()]).toEqual([...map.keys()])
        expect([...held.values()]).toEqual([...map.values()])
        expect(held.size).toBe(map.size)
        for (const name of names) expect(held.get(name)).toBe(map.get(name))
      }
    }),
  )
})

test('it begins with the entries that it is given', () => {
  const entries: readonly (readonly [number, string])[] = [
    [0, 'zero'],
    [1, 'one'],
  ]
  const few = new FewMap(entries)
  expect([...few]).toEqual(entries)
  expect([few.has(0), few.has(2)]).toEqual([true, false])
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
