import * as z from 'zod/mini'
import type { InputProperty, JsonSchema as JsonSchemaModel, OutputProperty } from '../definition.ts'
import { construct, expected, type Shape } from './construct.ts'
import { Flag, Text, Value, count } from './slot.ts'

type KeywordShape = Readonly<Record<string, z.ZodMiniType>>

const nested = z.lazy(() => JsonSchema)
const nestedMap = z.exactOptional(z.record(z.string(), nested, { error: expected('a map of schemas') }))
const nestedList = z.exactOptional(
  z
    .array(nested, { error: expected('a list of schemas') })
    .check(z.minLength(1, { error: expected('a list of schemas') })),
)
const number = z.exactOptional(z.number({ error: expected('a number') }))
const size = z.exactOptional(count(0))
const text = z.exactOptional(Text)
const flag = z.exactOptional(Flag)
const names = z.exactOptional(z.array(Text, { error: expected('a list of names') }))

const TypeName = z.enum(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null', 'path'], {
  error: expected('a type: string, number, integer, boolean, object, array, null or path'),
})

const keywords = {
  $schema: text,
  $id: text,
  $ref: text,
  $defs: nestedMap,
  $anchor: text,
  $comment: text,
  title: text,
  description: text,
  type: z.exactOptional(
    z.union([TypeName, z.array(TypeName).check(z.minLength(1))], { error: expected('a type such as string') }),
  ),
  enum: z.exactOptional(
    z
      .array(Value, { error: expected('a list of values') })
      .check(z.minLength(1, { error: expected('at least one value') })),
  ),
  const: z.exactOptional(Value),
  default: z.exactOptional(Value),
  examples: z.exactOptional(z.array(Value, { error: expected('a list of values') })),
  deprecated: flag,
  readOnly: flag,
  writeOnly: flag,
  format: text,
  pattern: z.exactOptional(Text.check(z.refine(isRegularExpression, { error: expected('a regular expression') }))),
  minLength: size,
  maxLength: size,
  minimum: number,
  maximum: number,
  exclusiveMinimum: number,
  exclusiveMaximum: number,
  multipleOf: z.exactOptional(
    z.number({ error: expected('a number above 0') }).check(z.positive({ error: expected('a number above 0') })),
  ),
  properties: nestedMap,
  patternProperties: nestedMap,
  additionalProperties: z.exactOptional(nested),
  unevaluatedProperties: z.exactOptional(nested),
  propertyNames: z.exactOptional(nested),
  required: names,
  dependentRequired: z.exactOptional(
    z.record(z.string(), z.array(Text), { error: expected('a map of lists of names') }),
  ),
  dependentSchemas: nestedMap,
  minProperties: size,
  maxProperties: size,
  items: z.exactOptional(nested),
  prefixItems: nestedList,
  contains: z.exactOptional(nested),
  minContains: size,
  maxContains: size,
  minItems: size,
  maxItems: size,
  uniqueItems: flag,
  unevaluatedItems: z.exactOptional(nested),
  allOf: nestedList,
  anyOf: nestedList,
  oneOf: nestedList,
  not: z.exactOptional(nested),
  if: z.exactOptional(nested),
  then: z.exactOptional(nested),
  else: z.exactOptional(nested),
  // `type: path` alone has these.
  under: text,
  mustExist: flag,
} satisfies KeywordShape

/** A JSON Schema 2020-12 in a definition, with `type: path`; unknown keywords are mistakes here too. */
export const JsonSchema: z.ZodMiniType<JsonSchemaModel> = z.union([z.boolean(), keywordMap(keywords)], {
  error: expected('a JSON Schema such as { type: string }'),
})

/** The schema of one input. */
export const Input = keywordMap({ ...keywords, optional: flag }) as z.ZodMiniType<InputProperty>

/** The schema of one output and what it is made of. */
export const Output = keywordMap({ ...keywords, value: z.exactOptional(Value) }) as z.ZodMiniType<OutputProperty>

// The model keeps schemas as plain JSON objects, so the keywords are not in its type.
function keywordMap(shape: KeywordShape): z.ZodMiniType<Exclude<JsonSchemaModel, boolean>> {
  return construct<Exclude<JsonSchemaModel, boolean>>(shape as unknown as Shape<Exclude<JsonSchemaModel, boolean>>)
}

function isRegularExpression(source: string): boolean {
  try {
    new RegExp(source, 'u')
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

export type JsonSchema = JsonSchemaModel
