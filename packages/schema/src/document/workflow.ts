import * as z from 'zod'
import type * as model from '../definition.ts'
import { construct, expected } from './construct.ts'
import { Input, Output } from './json-schema.ts'
import { SecretNames } from './process.ts'
import { Duration, FixedDuration, Identifier, Labels, Text, count } from './slot.ts'
import { Retry, Step } from './step.ts'

/** What steps with a handler get unless they say otherwise. */
export const Defaults = construct<model.Defaults>({
  timeout: Duration.exactOptional(),
  retry: Retry.exactOptional(),
})

/** Bounds of a whole run. */
export const Limits = construct<model.Limits>({
  steps: count(1).exactOptional(),
  duration: FixedDuration.exactOptional(),
})

/** A workflow as data. */
export const Definition = construct<model.Definition>({
  segno: z.literal(1, { error: expected('1, the version of the language') }),
  name: Text.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, {
    error: expected('a name such as email-triage (letters, digits, - and _)'),
  }),
  version: Text.regex(/^\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/, {
    error: expected('a version such as "1.2.0"'),
  }).exactOptional(),
  description: Text.exactOptional(),
  input: z.record(Identifier, Input, { error: expected('a map of inputs') }).exactOptional(),
  output: z.record(Identifier, Output, { error: expected('a map of outputs') }).exactOptional(),
  defaults: Defaults.exactOptional(),
  limits: Limits.exactOptional(),
  secrets: SecretNames.exactOptional(),
  labels: Labels.exactOptional(),
  steps: z.array(Step, { error: expected('a list of steps') }).min(1, { error: expected('at least one step') }),
  finally: z.array(Step, { error: expected('a list of steps') }).exactOptional(),
})

export type Definition = model.Definition
