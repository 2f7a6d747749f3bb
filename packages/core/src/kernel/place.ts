import { resolveInputs } from '@segno/schema/plan'
import type { Definition, Json, JsonObject } from '@segno/schema/plan'
import { NoValue } from './scope.ts'
import type { Frame } from './state.ts'

/** Where a step begins: for the first time, or again as the same occurrence. */
export interface Place {
  readonly frame: Frame
  readonly path: string
  readonly attempt: number
}

/** What a workflow that another one calls or starts is given, with its defaults. */
export function inputsOf(definition: Definition, given: Json): JsonObject | NoValue {
  const resolved = resolveInputs(definition, given)
  if ('values' in resolved) return resolved.values
  const message = `the input of "${definition.name}": ${resolved.problems.map((problem) => problem.message).join('; ')}`
  return new NoValue({ code: 'INPUT_INVALID', message, retryable: false })
}
