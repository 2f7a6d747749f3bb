import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { blocksAround, isBlock, stepPlaces, type StepPlace } from './walk.ts'

/** How deep blocks may be nested. */
const nestingMax = 16

/** Blocks nested too deep, loops without one condition, joins that cannot be satisfied. */
export function checkBlocks(definition: Definition): Mistake[] {
  return stepPlaces(definition).flatMap((place) => [...nesting(place), ...loop(place), ...join(place)])
}

// Told at the first block too deep; those inside it are no further mistakes.
function nesting(place: StepPlace): Mistake[] {
  if (!isBlock(place) || [...blocksAround(place)].length !== nestingMax) return []
  const message = `blocks are nested more than ${nestingMax} deep`
  return [{ code: 'NESTING_TOO_DEEP', message, pointer: `${place.pointer}/id` }]
}

function loop({ step, pointer }: StepPlace): Mistake[] {
  if (!('repeat' in step) || (step.repeat.until === undefined) !== (step.repeat.while === undefined)) return []
  const message = `"repeat" takes either "until" or "while", this one has ${step.repeat.until === undefined ? 'neither' : 'both'}`
  return [{ code: 'LOOP_CONDITION', message, pointer: `${pointer}/repeat`, at: 'key' }]
}

function join({ step, pointer }: StepPlace): Mistake[] {
  if (!('parallel' in step) || step.join === undefined || step.join === 'all') return []
  const [least, place] = step.join === 'any' ? [1, 'join'] : [step.join.atLeast, 'join/atLeast']
  if (least <= step.parallel.length) return []
  const message = `${least} children cannot succeed: there are ${step.parallel.length}`
  return [{ code: 'JOIN_UNSATISFIABLE', message, pointer: `${pointer}/${place}` }]
}
