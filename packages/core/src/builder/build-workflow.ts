import { pointerPart } from '@segno/schema/plan'
import type { Definition, JsonObject, OutputProperty, Step } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { blockVerbs, finallySteps } from './block-steps.ts'
import { ended, write } from './branch.ts'
import { inputProperties, isValidator, outputProperties } from './json-schema-of.ts'
import { machineVerbs } from './machine-steps.ts'
import { mapOf, ownedName, template } from './place.ts'
import type { Building, Place } from './place.ts'
import { plainVerbs } from './plain-verbs.ts'
import type { Fielded } from './schema-types.ts'
import { defineSignal } from './signal.ts'
import type { TypedSignal } from './signal.ts'
import type { StandardSchema } from '../runtime/handler.ts'
import type { TypedWorkflow } from './typed-workflow.ts'

/** The header of a workflow, without its types. */
export interface GivenHeader {
  readonly input?: Fielded
  readonly output?: Fielded
  readonly signals?: Readonly<Record<string, StandardSchema | TypedSignal<unknown>>>
  readonly [field: string]: unknown
}

/** Calls the callback of a workflow, and puts together what it has written. */
export function buildWorkflow(name: string, header: GivenHeader, build: (w: object) => unknown): TypedWorkflow {
  const { input, output, signals, ...rest } = header
  const owner = {}
  const outputSchemas = output === undefined ? {} : outputProperties(output, 'the output')
  const facts = {
    input: ownedName('input', owner),
    thisRun: ownedName('run', owner),
    secrets: ownedName('secrets', owner),
    signals: declaredSignals(signals),
  }
  const building: Building = {
    ...{ handlers: new Map(), imports: new Map(), sites: new Map(), ids: new Set() },
    outputs: Object.keys(outputSchemas),
    scopeOf: (place) => ({ ...facts, ...plainVerbs(place), ...blockVerbs(place), ...machineVerbs(place) }),
  }
  const seen = new Map(['input', 'run', 'secrets'].map((given) => [given, owner] as const))
  const place: Place = { building, around: undefined, names: seen, steps: [], state: 'open' }
  const last: Step[] = []
  const scope = {
    ...building.scopeOf(place),
    finally: (steps: (w: object) => unknown) => {
      last.push(...finallySteps(place, steps))
    },
  }
  const { result } = write(place, scope, build)
  const definition: Definition = {
    ...{ segno: 1, name },
    ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
    ...(input !== undefined && { input: inputProperties(input, 'the input') }),
    ...(output !== undefined && { output: outputs(place, outputSchemas, result) }),
    ...(building.imports.size > 0 && { imports: closedImports(building) }),
    steps: place.steps,
    ...(last.length > 0 && { finally: last }),
  }
  return Object.freeze({
    definition,
    handlers: Object.freeze(Object.fromEntries(building.handlers)),
    callSites: Object.freeze(callSites(definition, building)),
  })
}

function declaredSignals(signals: GivenHeader['signals'] = {}): Readonly<Record<string, TypedSignal<unknown>>> {
  return Object.fromEntries(
    Object.entries(signals).map(([name, given]) => [name, isValidator(given) ? defineSignal(name, given) : given]),
  )
}

// Without a value, an output is what each `return` gives.
function outputs(
  place: Place,
  schemas: Readonly<Record<string, JsonObject>>,
  result: unknown,
): Readonly<Record<string, OutputProperty>> {
  if (result === undefined || result === ended) return schemas
  const values = mapOf(place.building, result)
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(schemas, name))
  if (unknown !== undefined) {
    throw new SegnoError(
      'ARGUMENT_INVALID',
      `The workflow returns ${JSON.stringify(unknown)}, which is none of its outputs`,
    )
  }
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => {
      const value = values[name]
      return [name, { ...schema, ...(value !== undefined && { value: template(place, value) }) }]
    }),
  )
}

function closedImports({ imports }: Building): Readonly<Record<string, Definition>> {
  return Object.fromEntries([...imports].map(([name, { definition }]) => [name, definition]))
}

// Those of what is imported stand below it.
function callSites(definition: Definition, { sites, imports }: Building): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  const walk = (value: unknown, pointer: string): void => {
    if (typeof value !== 'object' || value === null) return
    const site = sites.get(value)
    if (site !== undefined) found[pointer] = site
    for (const [key, field] of Object.entries(value)) walk(field, pointer + pointerPart(key))
  }
  walk(definition.steps, '/steps')
  walk(definition.finally, '/finally')
  for (const [name, imported] of imports) {
    for (const [pointer, site] of Object.entries(imported.callSites))
      found[`/imports${pointerPart(name)}${pointer}`] = site
  }
  return found
}
