import type { MachineState, SignalTransition, Transition } from '../definition.ts'
import { pointerPart } from '../json.ts'

/** Transitions of a state that are tried one after the other. */
export interface TransitionList {
  readonly key: 'on' | 'after' | 'next'
  readonly transitions: readonly TransitionPlace[]
}

/** A transition and where it stands: alone, or as an item of a list. */
export interface TransitionPlace {
  readonly transition: Transition | SignalTransition
  readonly pointer: string
}

/** All that leads out of a state, in the order of the text. */
export function transitionLists({ on = {}, after = {}, next }: MachineState, pointer: string): TransitionList[] {
  return [
    ...Object.entries(on).map(([signal, given]) => listAt('on', given, `${pointer}/on${pointerPart(signal)}`)),
    ...Object.entries(after).map(([wait, given]) => listAt('after', given, `${pointer}/after${pointerPart(wait)}`)),
    ...(next === undefined ? [] : [listAt('next', next, `${pointer}/next`)]),
  ]
}

type Given = Transition | SignalTransition

function listAt(key: TransitionList['key'], given: Given | readonly Given[], pointer: string): TransitionList {
  const transitions = isList(given)
    ? given.map((transition, index) => ({ transition, pointer: `${pointer}/${index}` }))
    : [{ transition: given, pointer }]
  return { key, transitions }
}

function isList(given: Given | readonly Given[]): given is readonly Given[] {
  return Array.isArray(given)
}
