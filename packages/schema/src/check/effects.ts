import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { blocksAround, stepPlaces, type StepPlace } from './walk.ts'

/** Steps whose effect is `once` and that would be retried, by themselves or with a block around them. */
export function checkEffects(definition: Definition): Mistake[] {
  return [...stepPlaces(definition)].flatMap((place) => retriedOnce(place, definition))
}

function retriedOnce(place: StepPlace, { defaults }: Definition): Mistake[] {
  const { step, pointer } = place
  if (!('effect' in step) || step.effect !== 'once') return []
  const message = `"${step.id}" may happen once only, but would be retried`
  const related = [place, ...blocksAround(place)]
    .filter((around) => 'retry' in around.step && (around.step.retry?.max ?? 0) > 0)
    .map((around) => ({ message: 'retried here', pointer: `${around.pointer}/retry` }))
  const byDefault = step.retry === undefined && (defaults?.retry?.max ?? 0) > 0
  if (byDefault) related.push({ message: 'retried here', pointer: '/defaults/retry' })
  const hint = byDefault ? 'retry: { max: 0 } keeps "defaults" away' : undefined
  return related.length === 0 ? [] : [{ code: 'RETRY_ONCE', message, hint, pointer: `${pointer}/effect`, related }]
}
