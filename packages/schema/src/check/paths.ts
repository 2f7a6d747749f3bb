import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { valueText } from '../diagnostic/value-text.ts'
import { isJsonObject, pointerPart, type Json, type JsonObject } from '../json.ts'
import { pathMistake, takesPaths } from '../plan/path.ts'
import { keptKeywords } from '../plan/required-paths.ts'
import { subschemas } from '../plan/schema-keywords.ts'
import { transitionLists } from './transitions.ts'
import { placesWithUndo, type StepPlace } from './walk.ts'

/** `under` and `mustExist` where nothing would keep them, and an `under` that is no path itself. */
export function checkPaths(definition: Definition): Mistake[] {
  return [
    ...inSchemas(definition.input, '/input', true),
    ...inSchemas(definition.output, '/output', false),
    ...Object.entries(definition.artifacts ?? {}).flatMap(([name, { schema }]) =>
      inSchema(schema, `/artifacts${pointerPart(name)}/schema`, false),
    ),
    ...placesWithUndo(definition).flatMap(inStep),
  ]
}

function inSchemas(schemas: Readonly<Record<string, Json>> = {}, pointer: string, isLookedAt: boolean): Mistake[] {
  return Object.entries(schemas).flatMap(([name, schema]) => inSchema(schema, pointer + pointerPart(name), isLookedAt))
}

function inStep({ step, pointer }: StepPlace): Mistake[] {
  if ('uses' in step || 'exec' in step || 'run' in step || 'agent' in step || 'http' in step) {
    return inSchema(step.output?.schema, `${pointer}/output/schema`, false)
  }
  if ('waitFor' in step) return inSchema(step.waitFor.schema, `${pointer}/waitFor/schema`, false)
  if ('ask' in step) return inSchemas(step.ask.form, `${pointer}/ask/form`, false)
  if (!('states' in step)) return []
  return Object.entries(step.states)
    .flatMap(([name, state]) => transitionLists(state, `${pointer}/states${pointerPart(name)}`))
    .flatMap(({ transitions }) => transitions)
    .flatMap(({ transition, pointer: place }) =>
      'schema' in transition ? inSchema(transition.schema, `${place}/schema`, false) : [],
    )
}

/** `isLookedAt`: whether the values here are looked for when a run starts. */
function inSchema(schema: Json | undefined, pointer: string, isLookedAt: boolean): Mistake[] {
  if (!isJsonObject(schema)) return []
  const inside = subschemas(schema).flatMap(({ keyword, pointer: child, schema: inner }) =>
    inSchema(inner, pointer + child, isLookedAt && keptKeywords.has(keyword)),
  )
  return [...misplaced(schema, pointer, isLookedAt), ...brokenUnder(schema, pointer), ...inside]
}

function misplaced(schema: JsonObject, pointer: string, isLookedAt: boolean): Mistake[] {
  const { under, mustExist } = schema
  const rules = [...(under === undefined ? [] : ['under']), ...(mustExist === true ? ['mustExist'] : [])]
  return rules.flatMap((rule): Mistake[] => {
    const place = { pointer: `${pointer}/${rule}`, at: 'key' } as const
    if (!takesPaths(schema)) {
      return [{ code: 'MISPLACED_PATH_RULE', message: `"${rule}" has a meaning beside "type: path" only`, ...place }]
    }
    if (rule === 'under' || isLookedAt) return []
    const message = '"mustExist" is looked at for inputs, their properties and their items only'
    return [{ code: 'MISPLACED_PATH_RULE', message, ...place }]
  })
}

function brokenUnder({ under }: JsonObject, pointer: string): Mistake[] {
  const expected = typeof under === 'string' ? pathMistake(under) : undefined
  if (expected === undefined) return []
  const message = `expected ${expected}, got ${valueText(under)}`
  return [{ code: 'INVALID_VALUE', message, pointer: `${pointer}/under` }]
}
