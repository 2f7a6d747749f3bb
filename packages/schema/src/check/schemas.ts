import type { Definition, JsonSchema } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { isJsonObject, pointerPart } from '../json.ts'
import { typeOfSchema } from '../type/from-schema.ts'
import { intersect } from '../type/intersect.ts'
import { wordsOf } from '../type/words.ts'
import { givenTo, type Surroundings } from './flow/outputs.ts'
import { transitionLists } from './transitions.ts'
import { nameOf, placesWithUndo, type StepPlace } from './walk.ts'

/**
 * Schemas that no value fits, as far as types tell, and those that nothing fits
 * of what a step is given. A step that something in doubt is a part of may be
 * given something else than it says.
 */
export function checkSchemas(definition: Definition, around: Surroundings, doubts: readonly string[] = []): Mistake[] {
  const places = placesWithUndo(definition)
  const declared = [...ofWorkflow(definition), ...places.flatMap(ofStep)]
  const certain = places.filter(({ pointer }) => !doubts.some((doubt) => `${doubt}/`.startsWith(`${pointer}/`)))
  return [...declared.flatMap(impossible), ...certain.flatMap((place) => misfits(place, around))]
}

interface DeclaredSchema {
  readonly schema: JsonSchema
  readonly pointer: string
  /** As a message names it: `the input "city"`. */
  readonly what: string
}

function ofWorkflow({ input = {}, output = {}, artifacts = {} }: Definition): DeclaredSchema[] {
  return [
    ...Object.entries(input).map(([name, schema]) =>
      named(`/input${pointerPart(name)}`, schema, `the input "${name}"`),
    ),
    ...Object.entries(output).map(([name, schema]) =>
      named(`/output${pointerPart(name)}`, schema, `the output "${name}"`),
    ),
    ...Object.entries(artifacts).flatMap(([name, { schema }]) =>
      optional(`/artifacts${pointerPart(name)}/schema`, schema, `the artifact "${name}"`),
    ),
  ]
}

function ofStep(place: StepPlace): DeclaredSchema[] {
  const { step, pointer } = place
  if ('waitFor' in step)
    return optional(`${pointer}/waitFor/schema`, step.waitFor.schema, `the signal of ${nameOf(place)}`)
  if ('ask' in step) {
    return Object.entries(step.ask.form ?? {}).map(([name, schema]) =>
      named(`${pointer}/ask/form${pointerPart(name)}`, schema, `the field "${name}"`),
    )
  }
  if ('states' in step) {
    return Object.entries(step.states).flatMap(([name, state]) =>
      transitionLists(state, `${pointer}/states${pointerPart(name)}`)
        .flatMap(({ transitions }) => transitions)
        .flatMap(({ transition, pointer: at }) =>
          'schema' in transition ? optional(`${at}/schema`, transition.schema, 'the signal') : [],
        ),
    )
  }
  return optional(`${pointer}/output/schema`, outputSchemaOf(place), `the output of ${nameOf(place)}`)
}

function outputSchemaOf({ step }: StepPlace): JsonSchema | undefined {
  const isWork = 'uses' in step || 'exec' in step || 'run' in step || 'http' in step || 'agent' in step
  return isWork ? step.output?.schema : undefined
}

function named(pointer: string, schema: JsonSchema, what: string): DeclaredSchema {
  return { pointer, schema, what }
}

function optional(pointer: string, schema: JsonSchema | undefined, what: string): DeclaredSchema[] {
  return schema === undefined ? [] : [named(pointer, schema, what)]
}

function impossible({ pointer, schema, what }: DeclaredSchema): Mistake[] {
  if (typeOfSchema(schema).kind !== 'never') return []
  const message = `no value fits the schema of ${what}`
  return [{ code: 'IMPOSSIBLE_SCHEMA', message, ...reasonOf(schema, pointer), at: 'key' }]
}

// The commonest way; of other ones, nobody knows which part was meant.
function reasonOf(schema: JsonSchema, pointer: string): Pick<Mistake, 'pointer' | 'hint'> {
  if (!isJsonObject(schema) || schema['type'] === undefined) return { pointer }
  const type = typeOfSchema({ type: schema['type'] })
  const key = (['enum', 'const'] as const).find((keyword) => {
    const values = schema[keyword]
    return values !== undefined && intersect(typeOfSchema({ [keyword]: values }), type).kind === 'never'
  })
  if (key === undefined) return { pointer }
  const values = key === 'enum' ? 'none of these values' : 'this value'
  return { pointer: `${pointer}/${key}`, hint: `${values} is ${wordsOf(type)}` }
}

function misfits(place: StepPlace, around: Surroundings): Mistake[] {
  const schema = outputSchemaOf(place)
  const given = givenTo(place.step, around)
  if (schema === undefined || given === undefined || given.kind === 'never') return []
  const wanted = typeOfSchema(schema)
  if (wanted.kind === 'never' || intersect(given, wanted).kind !== 'never') return []
  const [expected, found] = [wordsOf(wanted), wordsOf(given)]
  const message = `the output of ${nameOf(place)} takes ${expected}, and ${found} is what there is`
  const pointer = `${place.pointer}/output/schema`
  const hint = 'uses' in place.step ? {} : { hint: '"from: json" reads what is printed as JSON' }
  return [{ code: 'TYPE_MISMATCH', message, expected, found, ...hint, pointer, at: 'key' }]
}
