import type { JsonObject, JsonSchema } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { AnyHandler, StandardSchema } from '../runtime/handler.ts'
import type { HandlerRef } from './define-handler.ts'
import { isValidator, jsonSchemaOf } from './json-schema-of.ts'
import { template } from './place.ts'
import type { Building, Place } from './place.ts'
import type { CaptureOptions, GivenRequest } from './step-options.ts'
import type { TypedWorkflow } from './typed-workflow.ts'

/** Options of a verb. */
export type GivenOptions = Readonly<Record<string, unknown>>

/** `uses`, and the handler that comes along. */
export function usesFields(
  place: Place,
  handler: HandlerRef<never, unknown>,
  input: unknown,
  { major, output }: GivenOptions,
): object {
  const { name } = handler
  if ('perform' in handler) bringHandler(place.building, name, handler as unknown as AnyHandler)
  return {
    uses: typeof major === 'number' ? `${name}@${major}` : name,
    ...(input !== undefined && { with: template(place, input) }),
    ...(output !== undefined && { output: schemaField(output) }),
  }
}

/** Keeps a handler for the workflow. Throws `HANDLER_CONFLICT` for another of its name. */
function bringHandler({ handlers }: Building, name: string, handler: AnyHandler): void {
  const known = handlers.get(name)
  if (known !== undefined && known !== handler) {
    throw new SegnoError(
      'HANDLER_CONFLICT',
      `The workflow has two different handlers that are called ${JSON.stringify(name)}`,
    )
  }
  handlers.set(name, handler)
}

/** What becomes of what a process prints or leaves. */
export function captureField(place: Place, { schema, path, ...rest }: CaptureOptions): object {
  return {
    ...rest,
    ...(path !== undefined && { path: template(place, path) }),
    ...(schema !== undefined && { schema: schemaOf(schema) }),
  }
}

/** A request as a step has it. */
export function requestField(place: Place, { url, headers, query, body, ...rest }: GivenRequest): object {
  return {
    ...rest,
    url: template(place, url),
    ...(headers !== undefined && { headers: template(place, headers) }),
    ...(query !== undefined && { query: template(place, query) }),
    ...(body !== undefined && { body: template(place, body) }),
  }
}

/** `output: { schema }` of a step. */
export function schemaField(output: unknown): object {
  const { schema } = output as { readonly schema: StandardSchema | JsonSchema }
  return { schema: schemaOf(schema) }
}

function schemaOf(schema: StandardSchema | JsonSchema): JsonSchema {
  return isValidator(schema) ? jsonSchemaOf(schema, 'the output of a step') : schema
}

/** The name of an import, under which the workflow stands in the definition from now on; its handlers come along. */
export function importOf({ building }: Place, workflow: TypedWorkflow, as: unknown): string {
  const { definition, handlers } = workflow
  const wanted = typeof as === 'string' ? as : importName(definition.name)
  let name = wanted
  for (let count = 2; !isFree(building, name, workflow); count++) name = `${wanted}${count}`
  building.imports.set(name, workflow)
  for (const [handler, definitionOfIt] of Object.entries(handlers)) bringHandler(building, handler, definitionOfIt)
  return name
}

function isFree({ imports }: Building, name: string, { definition }: TypedWorkflow): boolean {
  const known = imports.get(name)
  return known === undefined || known.definition === definition
}

// Names of imports are identifiers, those of workflows may have dashes and begin with digits.
function importName(name: string): string {
  const camel = name.replaceAll(/-+(\w?)/g, (_, letter: string) => letter.toUpperCase())
  return /^[A-Za-z]/.test(camel) ? camel : `w${camel}`
}

/** `call`, and the workflow that comes along. */
export function callFields(place: Place, workflow: TypedWorkflow, input: unknown, { as }: GivenOptions): object {
  return { call: importOf(place, workflow, as), ...withInputs(place, input) }
}

/** `with` of a call, unless nothing is given. */
export function withInputs(place: Place, input: unknown): object {
  const given = template(place, input ?? {}) as JsonObject
  return Object.keys(given).length > 0 ? { with: given } : {}
}
