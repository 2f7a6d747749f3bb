import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueQueue, type Due } from './due-queue.ts'

const move = fc.record({ item: fc.nat(9), dueAt: fc.option(fc.nat(5)) })

describe('dueQueue', () => {
  test('the first is always the longest due of those that are queued', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const items = Array.from({ length: 10 }, (_, order): Due => ({ dueAt: 0, order, place: -1 }))
        const queue = dueQueue<Due>()
        const queued = new Set<Due>()
        for (const { item: index, dueAt } of moves) {
          const item = items[index]
          if (item === undefined) continue
          if (dueAt === null) {
            queue.remove(item)
            queued.delete(item)
          } else {
            queue.set(item, dueAt)
            queued.add(item)
          }
          expect(queue.first()).toBe([...queued].toSorted((a, b) => a.dueAt - b.dueAt || a.order - b.order)[0])
          expect(items.every((each) => queued.has(each) === each.place >= 0)).toBe(true)
        }
      }),
    )
  })

  test('taking the first again and again gives all in order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (instants) => {
        const queue = dueQueue<Due>()
        for (const [order, dueAt] of instants.entries()) queue.set({ dueAt: 0, order, place: -1 }, dueAt)
        const taken: Due[] = []
        for (let item = queue.first(); item !== undefined; item = queue.first()) {
          taken.push(item)
          queue.remove(item)
        }
        const orders = [...instants.keys()].toSorted((a, b) => (instants[a] ?? 0) - (instants[b] ?? 0) || a - b)
        expect(taken.map(({ order }) => order)).toEqual(orders)
      }),
    )
  })
})
