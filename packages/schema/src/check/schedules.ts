import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { inputMistakes } from './input-values.ts'

/** Schedules whose inputs the workflow would not take. */
export function checkSchedules(definition: Definition): Mistake[] {
  return (definition.on?.schedule ?? []).flatMap(({ input }, index) => {
    const pointer = `/on/schedule/${index}`
    const place = { pointer: `${pointer}/input`, isTemplate: false, owner: 'the workflow' }
    const missingAt = input ? ({ pointer: `${pointer}/input`, at: 'key' } as const) : { pointer }
    return inputMistakes(definition, { ...place, values: input ?? {}, missingAt })
  })
}
