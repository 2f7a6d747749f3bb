import { SegnoError } from '../error.ts'

/** States by name; each maps the events that it takes to the state that follows. */
export type MachineStates = Readonly<Record<string, Readonly<Record<string, string>>>>

/** The names of all events of a machine. */
export type MachineEvent<S extends MachineStates> = { [K in keyof S]: keyof S[K] & string }[keyof S]

/** A typed state machine: pure, without actions; what follows from a state is the caller's to derive. */
export interface Machine<S extends MachineStates> {
  readonly initial: keyof S & string
  readonly states: S
  /** The state that follows. An event that the state does not take does not compile. */
  next<const From extends keyof S & string, const E extends keyof S[From] & string>(from: From, event: E): S[From][E]
  /** The same for a state known only at run time: throws `ILLEGAL_TRANSITION` where the state does not take the event. */
  apply(from: keyof S & string, event: MachineEvent<S>): keyof S & string
  /** Whether the state takes the event. */
  can(from: keyof S & string, event: MachineEvent<S>): boolean
  /** Whether the state takes no event at all. */
  isFinal(state: keyof S & string): boolean
}

/**
 * Defines a machine from its table. Throws `ARGUMENT_INVALID` where the table
 * names a state that it does not define.
 *
 * @example
 * ```ts
 * const door = defineMachine({ initial: 'closed', states: { closed: { open: 'opened' }, opened: { close: 'closed' } } })
 * door.next('closed', 'open') // 'opened'
 * ```
 */
export function defineMachine<const S extends MachineStates>(table: {
  readonly initial: keyof S & string
  readonly states: S & { readonly [K in keyof S]: Readonly<Record<string, keyof S & string>> }
}): Machine<S> {
  const { initial, states } = table
  for (const [state, events] of Object.entries<Readonly<Record<string, string>>>(states)) {
    for (const [event, to] of Object.entries(events)) {
      if (!Object.hasOwn(states, to)) {
        throw new SegnoError('ARGUMENT_INVALID', `"${state}" goes to "${to}" on "${event}", which is not a state`)
      }
    }
  }
  const known = new Map(Object.entries(states).map(([state, events]) => [state, new Map(Object.entries(events))]))
  const follow = (from: string, event: string): string | undefined => known.get(from)?.get(event)
  const apply = (from: string, event: string): string => {
    const to = follow(from, event)
    if (to === undefined) {
      throw new SegnoError('ILLEGAL_TRANSITION', `"${from}" does not take "${event}"`)
    }
    return to
  }
  return {
    initial,
    states,
    next: apply as Machine<S>['next'],
    apply,
    can: (from, event) => follow(from, event) !== undefined,
    isFinal: (state) => known.get(state)?.size === 0,
  }
}
