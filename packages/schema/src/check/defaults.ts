import type { Definition, InputProperty } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { pointerPart } from '../json.ts'
import { validateJson } from '../plan/json-schema.ts'
import { stepPlaces } from './walk.ts'

/** Defaults that do not fit the schema that they stand in: of inputs, and of the fields of forms. */
export function checkDefaults(definition: Definition): Mistake[] {
  const forms = stepPlaces(definition).flatMap(({ step, pointer }) =>
    'ask' in step ? misfits(step.ask.form ?? {}, `${pointer}/ask/form`) : [],
  )
  return [...misfits(definition.input ?? {}, '/input'), ...forms]
}

function misfits(properties: Readonly<Record<string, InputProperty>>, pointer: string): Mistake[] {
  return Object.entries(properties).flatMap(([name, property]): Mistake[] => {
    const [problem] = property.default === undefined ? [] : validateJson(property, property.default)
    if (problem === undefined) return []
    const message = `the default of "${name}" does not fit its own schema: ${problem.message}`
    return [{ code: 'TYPE_MISMATCH', message, pointer: `${pointer}${pointerPart(name)}/default` }]
  })
}
