import type { InputProperty, JsonSchema, OutputProperty } from '../definition.ts'
import { typeLimits } from './limits.ts'
import { SchemaReading } from './schema-reading.ts'
import { anyType, neverType, type Field, type MapType, type Type } from './type.ts'

/**
 * The type of the values that a JSON Schema takes. What a type cannot say (ranges,
 * patterns, `not`, conditions) is left out, so the type may take in more values,
 * never less, but for one thing: an object schema that names properties and says
 * nothing of others, in itself or in what it is put together from, has no others.
 * Read once per schema object.
 */
export function typeOfSchema(schema: JsonSchema): Type {
  if (typeof schema === 'boolean') return schema ? anyType : neverType
  const known = types.get(schema)
  if (known !== undefined) return known
  const type = read(schema)
  types.set(schema, type)
  return type
}

/**
 * As `typeOfSchema`, of a schema that stands in a definition. That nothing fits
 * one is told as a mistake where it stands; what reads its value is looked at all
 * the same, as if it could be anything.
 */
export function typeOfDeclared(schema: JsonSchema): Type {
  const type = typeOfSchema(schema)
  return type.kind === 'never' ? anyType : type
}

const types = new WeakMap<object, Type>()

function read(schema: Exclude<JsonSchema, boolean>): Type {
  // Of a schema that is too large when its recursion is unrolled, less turns are known to their end.
  for (const turns of [typeLimits.turnsMax, 1]) {
    const reading = new SchemaReading(schema, turns)
    const type = reading.type()
    if (!reading.isExhausted) return type
  }
  return new SchemaReading(schema, 0).type()
}

/** What `input` is: a field of each declared input, optional where it may have no value. */
export function typeOfInputs(inputs: Readonly<Record<string, InputProperty>>): MapType {
  return fieldsOf(inputs, (property) => property.optional === true && property.default === undefined)
}

/** What a workflow gives: a field of each declared output. */
export function typeOfOutputs(outputs: Readonly<Record<string, OutputProperty>>): MapType {
  return fieldsOf(outputs, () => false)
}

function fieldsOf<Property extends InputProperty | OutputProperty>(
  properties: Readonly<Record<string, Property>>,
  isOptional: (property: Property) => boolean,
): MapType {
  const fields = Object.entries(properties).map(([name, property]): [string, Field] => [
    name,
    { type: typeOfDeclared(property), isOptional: isOptional(property) },
  ])
  return { kind: 'map', fields: new Map(fields), rest: neverType }
}
