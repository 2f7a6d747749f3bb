import { z } from 'zod'
import { Input, JsonSchema, Output } from '../src/document/json-schema.ts'
import { RunDocument } from '../src/document/run-document.ts'
import { Value } from '../src/document/slot.ts'
import { CatchClause, Retry, Step, stepSchemas, Undo, undoSchemas } from '../src/document/step.ts'
import { Defaults, Definition, Limits } from '../src/document/workflow.ts'
import { eventSchemas, Failure, RunEvent } from '../src/event-schema.ts'

type Target = 'draft-2020-12' | 'draft-07'
type Json = Record<string, unknown>

/** The published JSON Schemas, by file name, generated from the zod schemas. */
export function jsonSchemaFiles(): Record<string, string> {
  const workflow = { ...workflowSchemas(), Workflow: Definition }
  const event = { JsonSchema, Input, ...eventNames(), Failure, Value, Event: RunEvent }
  return {
    'workflow.schema.json': fileOf(workflow, 'Workflow', 'draft-2020-12'),
    'workflow.draft-07.schema.json': fileOf(workflow, 'Workflow', 'draft-07'),
    'run-document.schema.json': fileOf({ Failure, Value, Run: RunDocument }, 'Run', 'draft-2020-12'),
    'event.schema.json': fileOf(event, 'Event', 'draft-2020-12'),
  }
}

type Named = Readonly<Record<string, z.ZodType>>

function workflowSchemas(): Named {
  const steps = Object.entries(stepSchemas).map(([kind, schema]) => [stepName(kind), schema] as const)
  const undos = Object.entries(undoSchemas).map(([kind, schema]) => [undoName(kind), schema] as const)
  const parts = { Step, Undo, CatchClause, Retry, Defaults, Limits, JsonSchema, Input, Output, Value }
  return { ...Object.fromEntries([...steps, ...undos]), ...parts }
}

function undoName(kind: string): string {
  return `Undo${stepName(kind)}`
}

function stepName(kind: string): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)}Step`
}

function eventNames(): Named {
  return Object.fromEntries(Object.entries(eventSchemas))
}

function fileOf(named: Named, root: string, target: Target): string {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })
  const definitions = target === 'draft-07' ? 'definitions' : '$defs'
  const { schemas } = z.toJSONSchema(registry, {
    target,
    io: 'input',
    unrepresentable: 'any',
    uri: (id) => (id === root ? '#' : `#/${definitions}/${id}`),
    override: (context) => override(context, definitions),
  })
  // What zod found to share is the inside of `Value`, which is overridden.
  const { [root]: top, __shared: _, ...others } = schemas as unknown as Record<string, Json>
  const defs = Object.fromEntries(Object.entries(others).map(([id, schema]) => [id, withoutHeader(schema)]))
  return `${JSON.stringify({ $schema: dialects[target], ...withoutHeader(top ?? {}), [definitions]: defs }, null, 2)}\n`
}

const dialects = {
  'draft-2020-12': 'https://json-schema.org/draft/2020-12/schema',
  'draft-07': 'http://json-schema.org/draft-07/schema#',
}

function withoutHeader(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== '$schema' && keyword !== '$id'))
}

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>

/** What zod cannot say of a schema, or says at length. */
function override({ zodSchema, jsonSchema }: Parameters<Override>[0], definitions: string): void {
  if (zodSchema === (Step as z.core.$ZodType)) {
    jsonSchema.anyOf = Object.keys(stepSchemas).map((kind) => ({ $ref: `#/${definitions}/${stepName(kind)}` }))
  } else if (zodSchema === (Undo as z.core.$ZodType)) {
    jsonSchema.anyOf = Object.keys(undoSchemas).map((kind) => ({ $ref: `#/${definitions}/${undoName(kind)}` }))
  } else if (zodSchema === (Value as z.core.$ZodType)) {
    for (const keyword of Object.keys(jsonSchema)) delete jsonSchema[keyword]
  } else if (zodSchema._zod.def.type === 'object' && typeof jsonSchema.additionalProperties === 'object') {
    // A construct refuses unknown keys itself, to say which one was meant.
    jsonSchema.additionalProperties = false
    jsonSchema.patternProperties = { '^x-': {} }
  }
}
