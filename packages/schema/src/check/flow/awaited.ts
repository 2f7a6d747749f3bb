import type { Definition, EmitStep, JsonSchema } from '../../definition.ts'
import { cutAtMarks } from '../../expression/marks.ts'
import { typeOfDeclared } from '../../type/from-schema.ts'
import type { Type } from '../../type/type.ts'
import { union } from '../../type/union.ts'
import { stepPlaces } from '../walk.ts'
import type { Surroundings } from './outputs.ts'

/**
 * What a run that a step has started takes as the data of a signal; `undefined`
 * where that is not known: it is another run, the name is computed, or something
 * there takes anything.
 */
export function awaitedType(
  { signal = '', to = '' }: EmitStep['emit'],
  definition: Definition,
  { imports }: Surroundings,
): Type | undefined {
  const [, id] = /^\$\{\{\s*steps\.(\w+)\.output\.runId\s*\}\}$/.exec(to.trim()) ?? []
  if (id === undefined || cutAtMarks(signal).some(({ kind }) => kind !== 'text')) return undefined
  const started = stepPlaces(definition).find(({ step }) => step.id === id)?.step
  const imported = started && 'start' in started ? imports.get(started.start) : undefined
  const schemas = imported ? schemasOf(imported.definition, signal) : []
  if (schemas.length === 0 || schemas.includes(undefined)) return undefined
  return union(schemas.flatMap((schema) => (schema === undefined ? [] : [typeOfDeclared(schema)])))
}

/** The schemas with which a workflow waits for a signal; `undefined` for a wait that takes anything. */
function schemasOf(definition: Definition, signal: string): (JsonSchema | undefined)[] {
  return stepPlaces(definition).flatMap(({ step }) => {
    // A name that is computed may be this one.
    if ('waitFor' in step) {
      if (step.waitFor.signal.includes('${{')) return [undefined]
      return step.waitFor.signal === signal ? [step.waitFor.schema] : []
    }
    if (!('states' in step)) return []
    return Object.values(step.states).flatMap(({ on = {} }) => {
      const given = Object.hasOwn(on, signal) ? on[signal] : undefined
      return given === undefined ? [] : [given].flat().map(({ schema }) => schema)
    })
  })
}
