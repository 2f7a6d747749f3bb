import type { Json } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { outputOf, slot, template } from './place.ts'
import type { Place } from './place.ts'
import { stepIdOf } from './reference-of.ts'
import { undoScope } from './undo-scope.ts'
import type { GivenOptions } from './work-fields.ts'

/**
 * The options of a step as its definition has them: conditions and templates as
 * text. Those in `own` are for the verb. What is no option at all is kept: the
 * checker tells of it.
 */
export function stepFields(
  place: Place,
  id: string,
  options: GivenOptions = {},
  own: readonly string[] = [],
): Record<string, unknown> {
  const fields: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || own.includes(key)) continue
    fields[key] = Object.hasOwn(forms, key) ? forms[key]?.(place, value, id) : value
  }
  return fields
}

const forms: Readonly<Record<string, (place: Place, value: unknown, id: string) => unknown>> = {
  if: slot,
  timeout: template,
  retry: template,
  env: template,
  idempotencyKey: template,
  needs: (_, steps) => (steps as readonly unknown[]).map(neededId),
  undo: (place, take, id) => undoOf(place, take as TakeBack, id),
}

type TakeBack = (undo: object, output: unknown) => { readonly undo: Json }

function undoOf(place: Place, take: TakeBack, id: string): Json {
  const taken = take(undoScope(place), outputOf(id))
  if (typeof taken?.undo === 'object') return taken.undo
  throw new SegnoError(
    'ARGUMENT_INVALID',
    `The callback \`undo\` of ${JSON.stringify(id)} returns no step of its argument`,
  )
}

function neededId(step: unknown): string {
  const id = stepIdOf(step)
  if (id !== undefined) return id
  throw new SegnoError(
    'ARGUMENT_INVALID',
    'What a step needs is no step: give what a verb of `w` gave, and no part of it',
  )
}
