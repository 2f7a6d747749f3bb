import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BoxedMap } from './boxed-map.ts'

const key = fc.constantFrom('a', 'b', 'c', 'd')
const move = fc.oneof(
  fc.record({ type: fc.constant('set' as const), key, value: fc.integer() }),
  fc.record({ type: fc.constant('delete' as const), key }),
  fc.record({ type: fc.constant('clear' as const) }),
)

test('it holds what a map holds, in the same order', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      const boxed = new BoxedMap<string, number>()
      const map = new Map<string, number>()
      for (const one of moves) {
        if (one.type === 'clear') [boxed, map].forEach((held) => held.clear())
        else if (one.type === 'delete') expect(boxed.delete(one.key)).toBe(map.delete(one.key))
        else [boxed, map].forEach((held) => held.set(one.key, one.value))
        expect([...boxed]).toEqual([...map])
        expect([...boxed.keys()]).toEqual([...map.keys()])
        expect([...boxed.values()]).toEqual([...map.values()])
        expect(boxed.size).toBe(map.size)
        for (const name of ['a', 'b', 'c', 'd']) expect(boxed.get(name)).toBe(map.get(name))
      }
    }),
  )
})
