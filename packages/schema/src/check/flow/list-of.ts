import type { StepList, StepPlace } from '../walk.ts'

/** The lists of a block, of which there is always the first. */
export function listOf(place: StepPlace, pointer = ''): StepList {
  const { lists } = place
  const found = pointer === '' ? lists[0] : lists.find((list) => list.pointer === place.pointer + pointer)
  return found ?? { role: 'do', pointer: `${place.pointer}${pointer}`, steps: [], places: [], owner: place }
}
