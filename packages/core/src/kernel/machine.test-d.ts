import { expectTypeOf, test } from 'vitest'
import { stepMachine } from './life-cycle.ts'
import { defineMachine } from './machine.ts'

const door = defineMachine({ initial: 'closed', states: { closed: { open: 'opened' }, opened: { close: 'closed' } } })

test('the state that follows is known to the compiler', () => {
  expectTypeOf(door.next('closed', 'open')).toEqualTypeOf<'opened'>()
  expectTypeOf(stepMachine.next('pending', 'skip')).toEqualTypeOf<'skipped'>()
})

test('an event that a state does not take does not compile', () => {
  // @ts-expect-error an open door cannot be opened
  door.next('opened', 'open')
  // @ts-expect-error a completed step takes no event
  stepMachine.next('completed', 'start')
})

test('a table with an unknown state does not compile', () => {
  // @ts-expect-error `ajar` is no state
  defineMachine({ initial: 'closed', states: { closed: { open: 'ajar' } } })
  // @ts-expect-error `ajar` is no state
  defineMachine({ initial: 'ajar', states: { closed: {} } })
})
