import { Input, JsonSchema } from '../src/document/json-schema.ts'
import { Value } from '../src/document/slot.ts'
import { eventSchemas, Failure, RunEvent } from '../src/event-schema.ts'
import { described } from './describe.ts'
import type { Schema } from './schema.ts'
import { eventTexts } from './texts/events.ts'
import { jsonSchemaTexts } from './texts/json-schema.ts'
import { failureTexts } from './texts/run.ts'

/** The definitions of events, of which `Event` is the whole file. */
export function eventDefinitions(): Record<string, Schema> {
  const named = { Event: RunEvent, ...eventSchemas, Failure, JsonSchema, Input, Value }
  return described(named, 'Event', { texts: { ...eventTexts, ...failureTexts, ...inputTexts }, elsewhere })
}

/** The texts of schemas of inputs, which the forms of questions have. */
export const inputTexts = Object.fromEntries(
  Object.entries(jsonSchemaTexts).filter(([place]) => !place.startsWith('Output')),
)

/** Where the texts of events are found that several of them share. */
export function elsewhere(definition: string, path: string): readonly string[] {
  if (definition === 'Input') return [`JsonSchema${path}`]
  return definition.includes('.') ? [`event${path}`, `event${path.replace(/\w+Blob/, '*Blob')}`] : []
}
