import { expect, test } from 'vitest'
import { runMachine, stepMachine } from './life-cycle.ts'
import { defineMachine } from './machine.ts'

const newDoor = () =>
  defineMachine({
    initial: 'closed',
    states: { closed: { open: 'opened', lock: 'locked' }, opened: { close: 'closed' }, locked: {} },
  })

test('an event leads to the state that the table names', () => {
  const door = newDoor()
  expect(door.initial).toBe('closed')
  expect(door.next('closed', 'open')).toBe('opened')
  expect(door.apply('opened', 'close')).toBe('closed')
})

test('an event that a state does not take is refused with a code', () => {
  const door = newDoor()
  expect(() => door.apply('opened', 'lock')).toThrow(
    expect.objectContaining({ code: 'ILLEGAL_TRANSITION', message: '"opened" does not take "lock"' }),
  )
  expect(door.can('opened', 'lock')).toBe(false)
  expect(door.can('closed', 'lock')).toBe(true)
})

test('names that every object has are neither states nor events, and a state that there is not takes none', () => {
  const door = newDoor()
  expect(door.can('closed', 'toString' as 'open')).toBe(false)
  expect(door.can('constructor' as 'closed', 'name' as 'open')).toBe(false)
  expect(door.can('ajar' as 'closed', 'open')).toBe(false)
})

test('a state that takes no event is final', () => {
  const door = newDoor()
  expect(door.isFinal('locked')).toBe(true)
  expect(door.isFinal('closed')).toBe(false)
})

test('a table that names a state it does not define is refused', () => {
  const table = { initial: 'on', states: { on: { flip: 'off' } } } as unknown as Parameters<typeof defineMachine>[0]
  expect(() => defineMachine(table)).toThrow(
    expect.objectContaining({
      code: 'ARGUMENT_INVALID',
      message: '"on" goes to "off" on "flip", which is not a state',
    }),
  )
})

test.for([
  [runMachine, ['completed', 'failed', 'cancelled']],
  [stepMachine, ['completed', 'failed', 'skipped', 'cancelled']],
] as const)('exactly the ends of a life are final: %#', ([machine, ends]) => {
  const finals = Object.keys(machine.states).filter((state) => Object.keys(machine.states[state as never]).length === 0)
  expect(finals).toEqual(ends)
})
