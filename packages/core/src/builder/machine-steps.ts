import { SegnoError } from '../error.ts'
import { blockVerb } from './block-steps.ts'
import type { Said } from './block-steps.ts'
import { ended, settle, write } from './branch.ts'
import type { Branch } from './branch.ts'
import { ownedName, placeInside, scopeOf, slot } from './place.ts'
import type { Place } from './place.ts'
import type { Verb } from './plain-verbs.ts'
import { referenceOf } from './reference-of.ts'
import type { TypedSignal } from './signal.ts'
import type { GivenOptions } from './work-fields.ts'

type StateCallback = (w: object) => unknown

/** The verb of state machines. */
export function machineVerbs(place: Place): Readonly<Record<string, Verb>> {
  return {
    states: blockVerb(
      place,
      (id, initial: string, states: Readonly<Record<string, StateCallback>>, options: GivenOptions = {}) =>
        machine(place, { id, initial, states, options }),
    ),
  }
}

interface Given {
  readonly id: string
  readonly initial: string
  readonly states: Readonly<Record<string, StateCallback>>
  readonly options: GivenOptions
}

function machine(place: Place, { id, initial, states, options }: Given): Said {
  const owner = {}
  const written = Object.entries(states).map(([name, steps]) => ({ name, ...state(place, owner, steps) }))
  const finals = written.filter(({ exits }) => Object.keys(exits).length === 0)
  assertAllGive(id, finals)
  settle(finals.map((final) => ({ ...final, id: `${id}_${final.name}` })))
  const verb = {
    initial,
    states: Object.fromEntries(
      written.map(({ name, exits, place: { steps } }) => [name, { ...(steps.length > 0 && { do: steps }), ...exits }]),
    ),
  }
  return { verb, options }
}

interface State extends Branch {
  readonly exits: Exits
}

interface Exits {
  on?: Record<string, object[]>
  after?: Record<string, object[]>
  next?: object[]
}

function state(around: Place, owner: object, steps: StateCallback): State {
  const place = placeInside(around, new Map([...['state', 'signal'].map((name) => [name, owner] as const)]))
  const exits: Exits = {}
  const ifField = (seen: Place, condition: unknown): object =>
    condition === undefined ? {} : { if: slot(seen, condition) }
  const data = (): unknown => referenceOf({ kind: 'field', of: { kind: 'name', name: 'signal', owner }, key: 'data' })
  const scope = {
    ...scopeOf(place),
    state: ownedName('state', owner),
    dataOf: data,
    next: (to: string, options: GivenOptions = {}) => {
      exits.next = [...(exits.next ?? []), { to, ...ifField(place, options['if']) }]
    },
    on: ({ name, schema }: TypedSignal<unknown>, to: string, options: GivenOptions = {}) => {
      const { if: fits } = options
      const condition: unknown = typeof fits === 'function' ? fits(data()) : fits
      const transition = { to, ...ifField(place, condition), ...(schema !== undefined && { schema }) }
      exits.on = { ...exits.on, [name]: [...(exits.on?.[name] ?? []), transition] }
    },
    after: (duration: string, to: string, options: GivenOptions = {}) => {
      const transition = { to, ...ifField(place, options['if']) }
      exits.after = { ...exits.after, [duration]: [...(exits.after?.[duration] ?? []), transition] }
    },
  }
  const branch = write(place, scope, steps)
  return { ...branch, exits }
}

// The compiler takes it that the machine gives what one of its last states returns.
function assertAllGive(id: string, finals: readonly (State & { readonly name: string })[]): void {
  const silent = finals.find(({ result }) => result === undefined)
  const given = finals.find(({ result }) => result !== undefined && result !== ended)
  if (silent === undefined || given === undefined) return
  const message = `The state machine ${JSON.stringify(id)} can end in "${given.name}", which returns something, and in "${silent.name}", which returns nothing`
  throw new SegnoError('ARGUMENT_INVALID', `${message}: return something there too, such as null`)
}
