import * as z from 'zod'
import type { InputProperty, JsonSchema as JsonSchemaModel, OutputProperty } from '../definition.ts'
import { construct, expected, type Shape } from './construct.ts'
import { Flag, Text, Value, count } from './slot.ts'

type KeywordShape = Readonly<Record<string, z.ZodType>>

const nested = z.lazy(() => JsonSchema)
const nestedMap = z.record(z.string(), nested, { error: expected('a map of schemas') }).exactOptional()
const nestedList = z
  .array(nested, { error: expected('a list of schemas') })
  .min(1, { error: expected('a list of schemas') })
  .exactOptional()
const number = z.number({ error: expected('a number') }).exactOptional()
const size = count(0).exactOptional()
const text = Text.exactOptional()
const flag = Flag.exactOptional()
const names = z.array(Text, { error: expected('a list of names') }).exactOptional()

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
  type: z.union([TypeName, z.array(TypeName).min(1)], { error: expected('a type such as string') }).exactOptional(),
  enum: z
    .array(Value, { error: expected('a list of values') })
    .min(1, { error: expected('at least one value') })
    .exactOptional(),
  const: Value.exactOptional(),
  default: Value.exactOptional(),
  examples: z.array(Value, { error: expected('a list of values') }).exactOptional(),
  deprecated: flag,
  readOnly: flag,
  writeOnly: flag,
  format: text,
  pattern: Text.refine(isRegularExpression, { error: expected('a regular expression') }).exactOptional(),
  minLength: size,
  maxLength: size,
  minimum: number,
  maximum: number,
  exclusiveMinimum: number,
  exclusiveMaximum: number,
  multipleOf: z
    .number({ error: expected('a number above 0') })
    .positive({ error: expected('a number above 0') })
    .exactOptional(),
  properties: nestedMap,
  patternProperties: nestedMap,
  additionalProperties: nested.exactOptional(),
  unevaluatedProperties: nested.exactOptional(),
  propertyNames: nested.exactOptional(),
  required: names,
  dependentRequired: z
    .record(z.string(), z.array(Text), { error: expected('a map of lists of names') })
    .exactOptional(),
  dependentSchemas: nestedMap,
  minProperties: size,
  maxProperties: size,
  items: nested.exactOptional(),
  prefixItems: nestedList,
  contains: nested.exactOptional(),
  minContains: size,
  maxContains: size,
  minItems: size,
  maxItems: size,
  uniqueItems: flag,
  unevaluatedItems: nested.exactOptional(),
  allOf: nestedList,
  anyOf: nestedList,
  oneOf: nestedList,
  not: nested.exactOptional(),
  if: nested.exactOptional(),
  then: nested.exactOptional(),
  else: nested.exactOptional(),
  // `type: path` alone has these.
  under: text,
  mustExist: flag,
} satisfies KeywordShape

/** A JSON Schema 2020-12 in a definition, with `type: path`; unknown keywords are mistakes here too. */
export const JsonSchema: z.ZodType<JsonSchemaModel> = z.union([z.boolean(), keywordMap(keywords)], {
  error: expected('a JSON Schema such as { type: string }'),
})

/** The schema of one input. */
export const Input = keywordMap({ ...keywords, optional: flag }) as z.ZodType<InputProperty>

/** The schema of one output and what it is made of. */
export const Output = keywordMap({ ...keywords, value: Value.exactOptional() }) as z.ZodType<OutputProperty>

// The model keeps schemas as plain JSON objects, so the keywords are not in its type.
function keywordMap(shape: KeywordShape): z.ZodType<Exclude<JsonSchemaModel, boolean>> {
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
