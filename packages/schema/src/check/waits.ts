import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { blocksAround, stepPlaces } from './walk.ts'

/** Waits that nothing ends but a signal. */
export function checkWaits(definition: Definition): Mistake[] {
  return [...stepPlaces(definition)].flatMap((place) => {
    const { step, pointer } = place
    const bounded = [place, ...blocksAround(place)].some(
      (around) => 'timeout' in around.step && around.step.timeout !== undefined,
    )
    if (!('waitFor' in step) || bounded) return []
    const message = 'this can wait for ever'
    return [
      {
        code: 'WAIT_WITHOUT_END',
        severity: 'warning',
        message,
        hint: 'add a "timeout"',
        pointer: `${pointer}/waitFor`,
        at: 'key',
      },
    ]
  })
}
