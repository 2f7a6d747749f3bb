import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { stepPlaces } from './walk.ts'

/** Durations of an `undo` that would be evaluated when it runs: what they read may be gone by then. */
export function checkUndos(definition: Definition): Mistake[] {
  return stepPlaces(definition).flatMap(({ step, pointer }) => {
    const undo = 'undo' in step ? step.undo : undefined
    if (undo === undefined) return []
    const durations = [
      [undo.timeout, 'timeout'],
      [undo.retry?.delay, 'retry/delay'],
      [undo.retry?.maxDelay, 'retry/maxDelay'],
    ] as const
    return durations.flatMap(([text, place]): Mistake[] => {
      if (text?.includes('${{') !== true) return []
      const message =
        'a duration of an "undo" is written out: what it would read may be gone when the step is taken back'
      return [{ code: 'INVALID_VALUE', message, pointer: `${pointer}/undo/${place}` }]
    })
  })
}
