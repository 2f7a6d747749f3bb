import type { Reference } from '../expression/expression.ts'

/** The word that stands for what led to a state of a machine. */
const machineSignal = 'signal'

/**
 * What a `reply` reads, as an expression would: what the step that it names took, or
 * what led to the state that it stands in. There, `signal` is never the name of a step.
 */
export function replyReference(name: string, isInStates: boolean): Reference {
  const whole = { start: 0, end: name.length }
  const isSignal = isInStates && name === machineSignal
  const [root, path] = isSignal ? [machineSignal, ['name']] : ['steps', [name, 'output']]
  return { root, path, names: [whole, ...path.map(() => whole)], ...whole, guarded: false }
}

/** The expression that has a value where a reply has somebody to go to. */
export function replyText(name: string, isInStates: boolean): string {
  const { root, path } = replyReference(name, isInStates)
  return [root, ...path].join('.')
}
