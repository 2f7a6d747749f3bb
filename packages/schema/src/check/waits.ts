import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { blocksAround, stepPlaces } from './walk.ts'

const waits = ['waitFor', 'ask', 'watch'] as const

/** Waits that nothing ends but a signal, an answer or a file. */
export function checkWaits(definition: Definition): Mistake[] {
  return stepPlaces(definition).flatMap((place): Mistake[] => {
    const verb = waits.find((wait) => wait in place.step)
    const isBounded = [place, ...blocksAround(place)].some(
      ({ step }) => 'timeout' in step && step.timeout !== undefined,
    )
    if (verb === undefined || isBounded) return []
    const what = { message: 'this can wait for ever', hint: 'add a "timeout"' }
    return [{ code: 'WAIT_WITHOUT_END', severity: 'warning', ...what, pointer: `${place.pointer}/${verb}`, at: 'key' }]
  })
}
