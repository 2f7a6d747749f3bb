import { kindOf, type MachineState, type StatesStep } from '../../definition.ts'
import { pointerPart } from '../../json.ts'
import { fits } from '../../type/fits.ts'
import { typeOfDeclared } from '../../type/from-schema.ts'
import type { Environment } from '../../type/environment.ts'
import { widen } from '../../type/intersect.ts'
import { anyType, literalType, mapType, neverType, textType, type Type } from '../../type/type.ts'
import { union } from '../../type/union.ts'
import { transitionLists } from '../transitions.ts'
import type { StepPlace } from '../walk.ts'
import { declared } from './declared.ts'
import { listOf } from './list-of.ts'
import type { Flow, WalkedBlock, WalkedList } from './flow.ts'
import { statesPassed } from './states-passed.ts'
import { eitherOf, nothingGiven, stepStatuses, stepType, type KnownStep } from './step-type.ts'

/**
 * A `states` block: a state sees the steps of all others as of their last visit.
 * There was one to each state that every way leads through.
 */
export function walkStates(flow: Flow, place: StepPlace, step: StatesStep, at: Environment): WalkedBlock {
  flow.fields(place, at)
  const machine: Machine = { flow, place, step, at, passed: statesPassed(step) }
  const known = stepsBefore(machine)
  const walked = visit(machine, known, true)
  const finals = [...walked].filter(([name]) => isFinal(step.states[name]))
  const possible = finals.filter(([, { after }]) => after.isPossible)
  const end = flow.within(possible.length > 0 ? at : at.impossible(), endTypes(machine, finals, walked))
  const given = declared(flow, place.pointer, step.output, end)
  return {
    after: possible.length > 0 ? at : at.impossible(),
    output: given ?? eitherOf(possible.map(([, { output }]) => output)),
  }
}

interface Machine {
  readonly flow: Flow
  readonly place: StepPlace
  readonly step: StatesStep
  readonly at: Environment
  readonly passed: ReadonlyMap<string, ReadonlySet<string>>
}

type KnownSteps = ReadonlyMap<string, KnownStep>

/** How often what is known of the steps of a machine may grow before nothing is known of what they give. */
const growthMax = 4

// What the steps of a state give may depend on those of others, in circles: what is known of them grows, from nothing,
// until it holds all that they can give.
function stepsBefore(machine: Machine): KnownSteps {
  let known: KnownSteps = new Map()
  for (let round = 0; round < growthMax; round++) {
    const found = machine.flow.quietly(() => stepsOf(visit(machine, begun(machine, known), false)))
    if (found === undefined) break
    if ([...found].every(([id, step]) => holds(known.get(id), step))) return known
    known = new Map([...found].map(([id, step]) => [id, grown(known.get(id), step, round)]))
  }
  return new Map(
    [...known].map(([id, step]) => [id, { ...step, ...unbegunStep, output: { type: anyType, isOptional: true } }]),
  )
}

// In the first round nobody has seen them.
function begun({ step }: Machine, known: KnownSteps): KnownSteps {
  const all = Object.values(step.states).flatMap((state) => state.do ?? [])
  return new Map(all.map((inner) => [inner.id, known.get(inner.id) ?? { kind: kindOf(inner), ...unbegunStep }]))
}

const unbegunStep = { output: nothingGiven, statuses: new Set(stepStatuses), mayReturn: false }

function holds(known: KnownStep | undefined, found: KnownStep): boolean {
  if (known === undefined) return false
  const { type, isOptional } = found.output
  if (isOptional && !known.output.isOptional) return false
  if (![...found.statuses].every((status) => known.statuses.has(status))) return false
  if (type === undefined) return true
  const before = known.output.type
  return before !== undefined && (type.kind !== 'any' || before.kind === 'any') && fits(type, before) === undefined
}

function grown(known: KnownStep | undefined, found: KnownStep, round: number): KnownStep {
  // What could not complete has given nothing, which says nothing of what it gives.
  if (known === undefined || !known.statuses.has('completed')) return found
  const types = [known.output.type, found.output.type].flatMap((type) => (type === undefined ? [] : [type]))
  const statuses = new Set([...known.statuses, ...found.statuses])
  if (types.length === 0) return { ...found, statuses }
  const type = round > 1 ? widen(union(types)) : union(types)
  // What could not complete as far as was known says nothing of what it gives when it does.
  const wasMissing = known.output.isOptional && known.statuses.has('completed')
  return { ...found, statuses, output: { type, isOptional: wasMissing || found.output.isOptional } }
}

function stepsOf(walked: ReadonlyMap<string, WalkedList>): KnownSteps {
  return new Map([...walked.values()].flatMap(({ steps }) => [...steps]))
}

function visit(machine: Machine, known: KnownSteps, withConditions: boolean): ReadonlyMap<string, WalkedList> {
  const { flow, place, step, at } = machine
  return new Map(
    Object.entries(step.states).map(([name, state]) => {
      const own = new Set((state.do ?? []).map(({ id }) => id))
      const others = new Map([...known].filter(([id]) => !own.has(id)))
      const variables = { state: literalType(name), signal: signalIn(step, name) }
      const from = flow.within(flow.afterAll(at, others, variables), passedTypes(machine, name, others))
      const pointer = `/states${pointerPart(name)}/do`
      const walked: WalkedList =
        state.do === undefined
          ? { after: from, steps: new Map(), output: { isOptional: true } }
          : flow.list(listOf(place, pointer), from)
      if (withConditions) conditions(machine, name, walked.after)
      return [name, walked]
    }),
  )
}

/** The steps of states that have certainly been left, as they stood then. */
function passedTypes({ step, passed }: Machine, name: string, others: KnownSteps): ReadonlyMap<string, Type> {
  const states = [...(passed.get(name) ?? [])]
  return new Map(
    states
      .flatMap((state) => step.states[state]?.do ?? [])
      .flatMap(({ id }) => {
        const known = others.get(id)
        return known === undefined ? [] : [[`steps.${id}`, stepType(known, known.statuses)] as const]
      }),
  )
}

function conditions({ flow, place, step }: Machine, name: string, after: Environment): void {
  const state = step.states[name]
  if (state === undefined) return
  const pointer = `${place.pointer}/states${pointerPart(name)}`
  for (const [signal, given] of Object.entries(state.on ?? {})) {
    const lists = transitionLists({ on: { [signal]: given } }, pointer)
    for (const { transition, pointer: at } of lists.flatMap(({ transitions }) => transitions)) {
      if (transition.if === undefined) continue
      const data =
        'schema' in transition && transition.schema !== undefined ? typeOfDeclared(transition.schema) : anyType
      const seen = flow.within(after, new Map([['signal', signalType(signal, data)]]))
      flow.condition(`${at}/if`, transition.if, seen)
    }
  }
  const { on: _, ...rest } = state
  for (const { transition, pointer: at } of transitionLists(rest, pointer).flatMap(({ transitions }) => transitions)) {
    if (transition.if !== undefined) flow.condition(`${at}/if`, transition.if, after)
  }
}

function signalType(name: string, data: Type): Type {
  return mapType({ name: literalType(name), data })
}

/** `signal` in a state: what the signals that lead to it carry, or nothing where something else does. */
function signalIn({ states, initial }: StatesStep, name: string): Type {
  const ways: Type[] = initial === name ? [mapType({})] : []
  for (const { on = {}, after = {}, next = [] } of Object.values(states)) {
    for (const [signal, given] of Object.entries(on)) {
      for (const transition of [given].flat()) {
        if (transition.to !== name) continue
        ways.push(signalType(signal, transition.schema === undefined ? anyType : typeOfDeclared(transition.schema)))
      }
    }
    const others = [...Object.values(after).flat(), ...next]
    if (others.some(({ to }) => to === name)) ways.push(mapType({}))
  }
  const isNamed = ways.some((way) => way.kind === 'map' && way.fields.size > 0)
  return isNamed ? union(ways) : noSignal
}

// Also where no signal leads, it may be asked whether one did.
const noSignal = mapType({ name: { type: textType, isOptional: true }, data: { type: anyType, isOptional: true } })

function isFinal(state: MachineState | undefined): boolean {
  const ways = [...Object.keys(state?.on ?? {}), ...Object.keys(state?.after ?? {}), ...(state?.next ?? [])]
  return ways.length === 0
}

// As its last state leaves it: that one's steps have run, and those of the states on every way to it; those of others may have.
function endTypes(
  { step, passed }: Machine,
  finals: readonly (readonly [string, WalkedList])[],
  walked: ReadonlyMap<string, WalkedList>,
): ReadonlyMap<string, Type> {
  const possible = finals.filter(([, { after }]) => after.isPossible)
  const types = new Map<string, Type>()
  for (const [name, { steps }] of walked) {
    const isLeft = possible.every(([last]) => last === name || passed.get(last)?.has(name) === true)
    for (const [id, known] of steps) {
      types.set(`steps.${id}`, stepType(known, isLeft ? known.statuses : stepStatuses))
    }
  }
  types.set('state', possible.length === 0 ? neverType : union(possible.map(([name]) => literalType(name))))
  types.set('signal', union(possible.map(([name]) => signalIn(step, name))))
  return types
}
