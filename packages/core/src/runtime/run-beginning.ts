import { canonicalJson, processVerbs, sha256Hex } from '@segno/schema/plan'
import type { HandlerPin, JsonObject } from '@segno/schema/plan'
import type { Plan } from '../kernel/plan.ts'
import type { EngineOptions, StartOptions } from './engine-options.ts'

/** What an engine does without a handler, as far as it was given the means. */
export function verbsOf({ shell, http, files }: EngineOptions): string[] {
  return [
    ...(shell === undefined ? [] : processVerbs),
    ...(http === undefined ? [] : ['http']),
    ...(files?.glob === undefined ? [] : ['watch']),
  ]
}

/** The handlers that a run records: those of the engine that its plan names. */
export function pinsOf(plan: Plan, pins: Readonly<Record<string, HandlerPin>>): Readonly<Record<string, HandlerPin>> {
  const wanted: Record<string, HandlerPin> = {}
  for (const name of plan.handlers) {
    const pin = pins[name]
    if (pin !== undefined) wanted[name] = pin
  }
  return wanted
}

/** Names the call that begins a run. Only a caller that names the run can meet it again; hashing the input of every other run would be wasted. */
export function inputHash(plan: Plan, input: JsonObject, { id, idempotencyKey }: StartOptions): string {
  if (id === undefined && idempotencyKey === undefined) return ''
  return sha256Hex(`${plan.hash} ${canonicalJson(input)}`)
}
