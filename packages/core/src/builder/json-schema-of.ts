import { isJsonObject } from '@segno/schema/plan'
import type { InputProperty, JsonObject } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { contractSide } from '../runtime/handler-contract.ts'
import type { StandardSchema } from '../runtime/handler.ts'
import type { Fielded } from './schema-types.ts'

/**
 * The JSON Schema of what a validator takes. Throws `ARGUMENT_INVALID` for one that
 * gives none; `what` says whose it is: `the signal "approved"`.
 */
export function jsonSchemaOf(validator: StandardSchema, what: string): JsonObject {
  const { optional: _, ...schema } = propertyOf(validator, what)
  return schema
}

/** The fields of an object as a definition declares inputs: a default as such, what may be left out as `optional`. */
export function inputProperties(fields: Fielded, what: string): Record<string, InputProperty> {
  if (!isValidator(fields)) {
    return Object.fromEntries(
      Object.entries(fields).map(([name, validator]) => {
        const property = propertyOf(validator, `"${name}" of ${what}`)
        const isOptional = !('default' in property) && takesNothing(validator)
        return [name, { ...property, ...(isOptional && { optional: true }) }]
      }),
    )
  }
  const { required = [], ...schema } = propertyOf(fields, what)
  const optional = new Set(Object.keys(propertiesOf(schema, what)))
  for (const name of Array.isArray(required) ? required : []) optional.delete(String(name))
  return mapped(schema, what, (property, name) =>
    optional.has(name) && !('default' in property) ? { ...property, optional: true } : property,
  )
}

/** The fields of an object as a definition declares outputs. */
export function outputProperties(fields: Fielded, what: string): Record<string, JsonObject> {
  if (isValidator(fields)) return mapped(propertyOf(fields, what), what, (property) => property)
  return Object.fromEntries(
    Object.entries(fields).map(([name, validator]) => [name, jsonSchemaOf(validator, `"${name}" of ${what}`)]),
  )
}

/** Whether a value is one validator, and no map of them. */
export function isValidator(value: unknown): value is StandardSchema {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}

function propertyOf(validator: StandardSchema, what: string): JsonObject {
  if (!isValidator(validator)) throw new SegnoError('ARGUMENT_INVALID', `The schema of ${what} is no Standard Schema`)
  const { schema, reason } = contractSide(validator, 'input')
  if (schema === undefined)
    throw new SegnoError('ARGUMENT_INVALID', `The schema of ${what} is of no use in a definition: ${reason}`)
  const { $schema: _, ...rest } = schema
  return rest
}

function propertiesOf({ properties }: JsonObject, what: string): Readonly<Record<string, JsonObject>> {
  if (!isJsonObject(properties))
    throw new SegnoError('ARGUMENT_INVALID', `The schema of ${what} is not one of an object`)
  return properties as Readonly<Record<string, JsonObject>>
}

// What the fields refer to stands beside each of them: they are no longer parts of one schema.
function mapped(
  schema: JsonObject,
  what: string,
  change: (property: JsonObject, name: string) => JsonObject,
): Record<string, JsonObject> {
  const { $defs } = schema
  return Object.fromEntries(
    Object.entries(propertiesOf(schema, what)).map(([name, property]) => [
      name,
      { ...change(property, name), ...($defs !== undefined && { $defs }) },
    ]),
  )
}

function takesNothing(validator: StandardSchema): boolean {
  const result = validator['~standard'].validate(undefined)
  return !(result instanceof Promise) && result.issues === undefined
}
