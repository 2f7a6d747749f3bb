import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import type { Imported, Imports } from './imported.ts'
import { blocksAround, nameOf, placesWithUndo, type StepPlace } from './walk.ts'

/** Steps whose effect is `once` and that would be retried, by themselves, by a block around them or by a call. */
export function checkEffects(definition: Definition, imports: Imports): Mistake[] {
  return placesWithUndo(definition).flatMap((place) => [
    ...retriedOnce(place, definition),
    ...retriedCall(place, imports),
  ])
}

function retriedOnce(place: StepPlace, { defaults }: Definition): Mistake[] {
  const { step, pointer } = place
  if (!('effect' in step) || step.effect !== 'once') return []
  // What takes back what it did may do it again; what takes back runs each time that there is something to take back.
  const around = canTakeBack(place) || place.undoes ? [] : [...blocksAround(place)]
  const related = retriesOf([place, ...around])
  const byDefault = step.retry === undefined && (defaults?.retry?.max ?? 0) > 0
  if (byDefault) related.push({ message: 'retried here', pointer: '/defaults/retry' })
  if (related.length === 0) return []
  const message = `${nameOf(place)} may happen once only, but would be retried`
  const hint = byDefault ? 'retry: { max: 0 } keeps "defaults" away' : undefined
  return [{ code: 'RETRY_ONCE', message, hint, pointer: `${pointer}/effect`, related }]
}

// A call has its steps done again, as a block has those inside of it.
function retriedCall(place: StepPlace, imports: Imports): Mistake[] {
  const { step, pointer } = place
  const imported = 'call' in step ? imports.get(step.call) : undefined
  if (!imported || !('call' in step)) return []
  const related = retriesOf([place, ...(place.undoes ? [] : blocksAround(place))])
  const inside = related.length === 0 ? undefined : onceIn(imported, new Set())
  if (inside === undefined) return []
  const message = `"${step.call}" has ${inside}, which may happen once only, but would be retried`
  return [{ code: 'RETRY_ONCE', message, pointer: `${pointer}/call`, related }]
}

/** The name of a step that a retry of the workflow would do again and must not. */
function onceIn({ definition, imports }: Imported, seen: Set<Imported>): string | undefined {
  for (const place of placesWithUndo(definition)) {
    const { step, undoes } = place
    if ('effect' in step && step.effect === 'once' && !canTakeBack(place) && !undoes) return nameOf(place)
    const called = 'call' in step ? imports.get(step.call) : undefined
    if (!called || seen.has(called)) continue
    seen.add(called)
    const found = onceIn(called, seen)
    if (found !== undefined) return found
  }
  return undefined
}

function canTakeBack({ step }: StepPlace): boolean {
  return 'undo' in step && step.undo !== undefined
}

function retriesOf(places: readonly StepPlace[]): { message: string; pointer: string }[] {
  return places
    .filter(({ step }) => 'retry' in step && (step.retry?.max ?? 0) > 0)
    .map(({ pointer }) => ({ message: 'retried here', pointer: `${pointer}/retry` }))
}
