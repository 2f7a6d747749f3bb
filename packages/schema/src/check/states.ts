import type { Definition, MachineState, StatesStep } from '../definition.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { pointerPart } from '../json.ts'
import { formatDuration, parseDuration } from '../plan/duration.ts'
import { transitionLists, type TransitionList, type TransitionPlace } from './transitions.ts'
import { stepPlaces } from './walk.ts'

/** State machines that go where no state is, and states and transitions that nothing leads to or out of. */
export function checkStates(definition: Definition): Mistake[] {
  return stepPlaces(definition).flatMap(({ step, pointer }) =>
    'states' in step ? [...machine(step, pointer), ...unreachable(step, pointer)] : [],
  )
}

function machine({ states, initial }: StatesStep, pointer: string): Mistake[] {
  const names = Object.keys(states)
  const first = names.includes(initial) ? [] : [unknownState(initial, names, `${pointer}/initial`)]
  const inside = Object.entries(states).flatMap(([name, state]) => {
    const place = `${pointer}/states${pointerPart(name)}`
    const lists = transitionLists(state, place)
    const unknown = lists
      .flatMap(({ transitions }) => transitions)
      .flatMap(({ transition: { to }, pointer: at }) =>
        names.includes(to) ? [] : [unknownState(to, names, `${at}/to`)],
      )
    return [
      ...unknown,
      ...lists.flatMap(neverTaken),
      ...neverRests(state, lists, place),
      ...sameDelays(state, place),
      ...dead(name, state, lists, place),
    ]
  })
  return [...first, ...inside]
}

function unknownState(name: string, names: readonly string[], pointer: string): Mistake {
  const hint = `the states are ${names.join(', ')}`
  return { code: 'UNKNOWN_STATE', message: `there is no state "${name}"`, hint, ...suggestion(name, names), pointer }
}

// Of a list, the first that holds is taken.
function neverTaken({ transitions }: TransitionList): Mistake[] {
  const always = transitions.findIndex(isAlwaysTaken)
  const before = transitions[always]
  if (before === undefined) return []
  return transitions.slice(always + 1).map(({ pointer }) => ({
    code: 'UNREACHABLE_TRANSITION',
    severity: 'warning',
    message: 'this is never taken: the one before it has no "if"',
    pointer,
    related: [{ message: 'this one is always taken', pointer: before.pointer }],
  }))
}

// Signals and delays are looked at where no `next` holds.
function neverRests(state: MachineState, lists: readonly TransitionList[], pointer: string): Mistake[] {
  const always = lists.find(({ key }) => key === 'next')?.transitions.find(isAlwaysTaken)
  if (always === undefined) return []
  const keys = (['on', 'after'] as const).filter((key) => Object.keys(state[key] ?? {}).length > 0)
  return keys.map((key) => ({
    code: 'UNREACHABLE_TRANSITION',
    severity: 'warning',
    message: `"${key}" is never looked at: a "next" without "if" leads on at once`,
    pointer: `${pointer}/${key}`,
    at: 'key',
    related: [{ message: 'this one is always taken', pointer: always.pointer }],
  }))
}

function isAlwaysTaken({ transition }: TransitionPlace): boolean {
  const hasSchema = 'schema' in transition && transition.schema !== undefined && transition.schema !== true
  return !hasSchema && (transition.if === undefined || transition.if === true)
}

// The plan has each delay in one spelling.
function sameDelays({ after = {} }: MachineState, pointer: string): Mistake[] {
  const first = new Map<string, string>()
  return Object.keys(after).flatMap((text): Mistake[] => {
    const ms = parseDuration(text)
    const canonical = ms === undefined ? text : formatDuration(ms)
    const same = first.get(canonical)
    const place = `${pointer}/after${pointerPart(text)}`
    first.set(canonical, same ?? text)
    if (same === undefined) return []
    const related = [{ message: 'it stands here too', pointer: `${pointer}/after${pointerPart(same)}` }]
    const message = `"${text}" is there twice: it is as long as "${same}"`
    return [{ code: 'DUPLICATE_KEY', message, pointer: place, at: 'key', related }]
  })
}

function dead(name: string, state: MachineState, lists: readonly TransitionList[], pointer: string): Mistake[] {
  const { next = [] } = state
  const isLeft =
    next.length === 0 || lists.some(({ key, transitions }) => key !== 'next' || transitions.some(isAlwaysTaken))
  if (isLeft) return []
  const message = `nothing leads out of "${name}" when none of its "next" holds`
  const hint = 'end the list with one that has no "if"'
  return [{ code: 'DEAD_STATE', severity: 'warning', message, hint, pointer: `${pointer}/next`, at: 'key' }]
}

// Each transition counts, whatever its condition.
function unreachable({ states, initial }: StatesStep, pointer: string): Mistake[] {
  if (!Object.hasOwn(states, initial)) return []
  const reached = new Set([initial])
  for (const name of reached) {
    const state = Object.hasOwn(states, name) ? states[name] : undefined
    if (state === undefined) continue
    for (const { transitions } of transitionLists(state, '')) {
      for (const { transition } of transitions) reached.add(transition.to)
    }
  }
  return Object.keys(states)
    .filter((name) => !reached.has(name))
    .map((name) => ({
      code: 'UNREACHABLE_STATE',
      severity: 'warning',
      message: `nothing leads to the state "${name}"`,
      pointer: `${pointer}/states${pointerPart(name)}`,
      at: 'key',
    }))
}
