import type { ScriptShell, Undo } from '@segno/schema/plan'
import type { HandlerRef } from './define-handler.ts'
import { template } from './place.ts'
import type { Place } from './place.ts'
import type { GivenRequest } from './step-options.ts'
import type { TypedWorkflow } from './typed-workflow.ts'
import { callFields, requestField, usesFields } from './work-fields.ts'
import type { GivenOptions } from './work-fields.ts'

/** The verbs of a step that takes back another; each gives that step. */
export function undoScope(place: Place): Readonly<Record<string, (...given: never) => { readonly undo: Undo }>> {
  const taking = (verb: object, options: GivenOptions, own: readonly string[] = []): { readonly undo: Undo } => {
    const kept = Object.entries(options).filter(([key, value]) => value !== undefined && !own.includes(key))
    const { env, ...rest } = Object.fromEntries(kept)
    return { undo: { ...verb, ...rest, ...(env !== undefined && { env: template(place, env) }) } as unknown as Undo }
  }
  return {
    step: (handler: HandlerRef<never, unknown>, input: unknown, options: GivenOptions = {}) =>
      taking(usesFields(place, handler, input, options), options, ['major', 'output']),
    exec: (argv: unknown, options: GivenOptions = {}) => taking({ exec: template(place, argv) }, options),
    run: (run: string, options: GivenOptions & { readonly shell?: ScriptShell } = {}) => taking({ run }, options),
    http: (request: GivenRequest, options: GivenOptions = {}) =>
      taking({ http: requestField(place, request) }, options),
    call: (workflow: TypedWorkflow, input: unknown, options: GivenOptions = {}) =>
      taking(callFields(place, workflow, input, options), options, ['as']),
  }
}
