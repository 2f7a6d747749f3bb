import type { MachineState, Transition } from '../definition.ts'
import { cutText } from './cut-text.ts'
import { expressionText } from './step-text.ts'

const nameMax = 32
const conditionMax = 36

/** A way out of a state, and what has to happen. No words where it is taken at once. */
export interface DrawnTransition {
  readonly to: string
  readonly label?: string
}

/** What leads out of a state, in the order in which it is tried: `next`, then signals, then times. */
export function transitionsOf({ next = [], on = {}, after = {} }: MachineState): readonly DrawnTransition[] {
  return [
    ...next.map((transition) => drawn(transition, '')),
    ...Object.entries(on).flatMap(([signal, given]) => each(given, `on ${cutText(signal, nameMax)}`)),
    ...Object.entries(after).flatMap(([duration, given]) => each(given, `after ${cutText(duration, nameMax)}`)),
  ]
}

/** Whether a machine ends in the state: nothing leads out of it. */
export function isFinal(state: MachineState): boolean {
  return transitionsOf(state).length === 0
}

function each(given: Transition | readonly Transition[], trigger: string): readonly DrawnTransition[] {
  return [given].flat().map((transition) => drawn(transition, trigger))
}

function drawn({ to, if: condition }: Transition, trigger: string): DrawnTransition {
  const guard = condition === undefined ? '' : `if ${expressionText(condition, conditionMax)}`
  const label = [trigger, guard].filter((part) => part !== '').join(' ')
  return { to, ...(label !== '' && { label }) }
}
