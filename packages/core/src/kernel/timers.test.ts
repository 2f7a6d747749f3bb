import type { Definition } from '@segno/schema/plan'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile } from './compile.ts'
import { emptyState, newStep } from './state.ts'
import type { StepState } from './state.ts'
import { Timers, setLimit, setWait } from './timers.ts'

const definition: Definition = {
  segno: 1,
  name: 't',
  steps: [
    { id: 'a', sleep: '1s' },
    { id: 'b', sleep: '1s' },
    { id: 'w', uses: 'h' },
  ],
}

function step(id = 'a', path = id): StepState {
  const node = compile(definition).root.unit.byId.get(id)
  if (node === undefined) throw new Error(`no step "${id}"`)
  return newStep(node, undefined, path)
}

function drain(timers: Timers): StepState[] {
  const order: StepState[] = []
  for (let timer = timers.next(); timer !== undefined; timer = timers.next()) {
    order.push(timer.step)
    if (timer.limit) timer.step.deadline = 0
    else timer.step.due = 0
  }
  return order
}

test('timers come up by due time, whatever the order in which they were set', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 200 }), (dues) => {
      const state = emptyState()
      dues.forEach((due) => {
        setWait(state, step(), due)
      })
      const order: number[] = []
      for (let timer = state.restTimers.next(); timer !== undefined; timer = state.restTimers.next()) {
        order.push(timer.due)
        timer.step.due = 0
      }
      expect(order).toEqual(dues.toSorted((a, b) => a - b))
    }),
  )
})

test('timers of one instant come up in plan order, then by path, the lower iteration first', () => {
  const state = emptyState()
  const steps = [step('b', 'b'), step('a', 'l[10]/a'), step('a', 'l[3]/a'), step('a', 'l[2]/a')]
  for (const one of steps) setWait(state, one, 5)
  const other = new Timers()
  for (const one of steps.toReversed()) other.add({ due: 5, step: one, limit: false })
  for (const timers of [state.restTimers, other]) {
    for (const one of steps) one.due = 5
    expect(drain(timers).map(({ path }) => path)).toEqual(['l[2]/a', 'l[3]/a', 'l[10]/a', 'b'])
  }
})

test('put in order anew, timers come up as if they had been set after their steps changed places', () => {
  const state = emptyState()
  const steps = [step('a', 'x[2]'), step('a', 'x[1]'), step('b', 'x[4]'), step('b', 'x[3]')]
  for (const one of steps) setWait(state, one, 5)
  for (const one of steps) Object.assign(one, { node: step(one.node.id === 'a' ? 'b' : 'a').node })
  state.restTimers.sort()
  expect(drain(state.restTimers).map(({ path }) => path)).toEqual(['x[3]', 'x[4]', 'x[1]', 'x[2]'])
})

test('of one step the time limit comes before the wait, and the same timer twice is one', () => {
  const state = emptyState()
  const one = step()
  setWait(state, one, 5)
  setLimit(state, one, 5)
  setLimit(state, one, 5)
  expect(state.restTimers.next()?.limit).toBe(true)
  expect(drain(state.restTimers)).toEqual([one, one])
  setLimit(state, one, 7)
  setWait(state, one, 7)
  expect(state.restTimers.next()?.limit).toBe(true)
})

test('timers come up by due time also where many are stale, and where some of those are swept out', () => {
  const entry = fc.record({ due: fc.integer({ min: 1, max: 50 }), isStale: fc.boolean() })
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 300, size: 'max' }), (entries) => {
      const state = emptyState()
      for (const { due, isStale } of entries) {
        const one = step()
        setWait(state, one, due)
        if (isStale) one.due = 0
      }
      const dues: (number | undefined)[] = []
      for (let timer = state.restTimers.next(); timer !== undefined; timer = state.restTimers.next()) {
        dues.push(timer.due)
        timer.step.due = 0
      }
      expect(dues).toEqual(entries.flatMap(({ due, isStale }) => (isStale ? [] : [due])).toSorted((a, b) => a - b))
    }),
    { numRuns: 30 },
  )
})

test('setting a timer does not look at all others each time', () => {
  const timers = new Timers()
  let looks = 0
  const watched = step()
  const due = (): number => {
    looks++
    return 5
  }
  Object.defineProperty(watched, 'due', { get: due })
  for (let set = 0; set < 5000; set++) timers.add({ due: 5, step: watched, limit: false })
  expect(timers.size).toBe(5000)
  expect(looks).toBeLessThan(20_000)
})

test('a timer that its step no longer waits for does not come up', () => {
  const state = emptyState()
  const moved = step()
  setWait(state, moved, 5)
  setWait(state, moved, 9)
  setLimit(state, moved, 7)
  setLimit(state, moved, 0)
  expect(state.restTimers.next()?.due).toBe(9)
})

test('what an attempt waits for is apart from what a resting step waits for', () => {
  const state = emptyState()
  const attempt = step('w')
  setLimit(state, attempt, 5)
  attempt.status = 'cancelling'
  setWait(state, attempt, 6)
  expect(state.attemptTimers.size).toBe(2)
  attempt.status = 'retrying'
  setWait(state, attempt, 7)
  expect(state.restTimers.next()?.due).toBe(7)
})

test('timers that nobody waits for any more take up no room', () => {
  const state = emptyState()
  const standing = step('b')
  setWait(state, standing, 100_000)
  for (let due = 1; due < 5000; due++) {
    const passing = step()
    setLimit(state, passing, due + 900_000)
    setLimit(state, passing, 0)
  }
  expect(state.restTimers.size).toBeLessThan(200)
  expect(state.restTimers.next()?.step).toBe(standing)
})

test('none is none', () => {
  expect(new Timers().next()).toBeUndefined()
})
