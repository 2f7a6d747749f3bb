import * as z from 'zod'
import type * as model from '../definition.ts'
import type { JsonObject } from '../json.ts'
import { isCron, isTimezone } from '../plan/cron.ts'
import { Agent, ArtifactDeclaration, Cost } from './agent.ts'
import { construct, expected } from './construct.ts'
import { Input, Output } from './json-schema.ts'
import { SecretNames } from './process.ts'
import { Duration, FixedDuration, Identifier, Labels, Text, Value, count } from './slot.ts'
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
  tokens: count(1).exactOptional(),
  cost: Cost.exactOptional(),
  onExceeded: z.enum(['block', 'fail'], { error: expected('block or fail') }).exactOptional(),
})

const Schedule = construct<model.Schedule>({
  cron: Text.refine(isCron, { error: expected('five fields such as 0 6 * * 1-5 (minute, hour, day, month, weekday)') }),
  timezone: Text.refine(isTimezone, { error: expected('a time zone such as Europe/Berlin') }).exactOptional(),
  input: (
    z.record(z.string(), Value, { error: expected('a map of inputs') }) as unknown as z.ZodType<JsonObject>
  ).exactOptional(),
})

const Triggers = construct<NonNullable<model.Definition['on']>>({
  schedule: z
    .array(Schedule, { error: expected('a list of schedules such as { cron: "0 6 * * 1-5" }') })
    .exactOptional(),
})

const Concurrency = construct<model.RunConcurrency>({
  group: Text.exactOptional(),
  limit: count(1).exactOptional(),
  whenFull: z.enum(['queue', 'skip', 'replace'], { error: expected('queue, skip or replace') }).exactOptional(),
})

// The path of another file, from the folder of this one; in what is closed, the workflow itself.
const Import: z.ZodType<string | model.Definition> = z.union(
  [
    Text.regex(/^(?!\/|[A-Za-z]:)[^\\\0]+\.(ya?ml|json)$/, {
      error: expected('the path of a workflow such as ./library/review.yaml'),
    }),
    z.lazy(() => Definition),
  ],
  { error: expected('the path of a workflow such as ./library/review.yaml') },
)

/** A workflow as data. */
export const Definition: z.ZodType<model.Definition> = construct<model.Definition>({
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
  imports: z.record(Identifier, Import, { error: expected('a map of workflows') }).exactOptional(),
  agents: z.record(Identifier, Agent, { error: expected('a map of agents') }).exactOptional(),
  artifacts: z.record(Identifier, ArtifactDeclaration, { error: expected('a map of artifacts') }).exactOptional(),
  on: Triggers.exactOptional(),
  concurrency: Concurrency.exactOptional(),
  steps: z.array(Step, { error: expected('a list of steps') }).min(1, { error: expected('at least one step') }),
  finally: z.array(Step, { error: expected('a list of steps') }).exactOptional(),
})

export type Definition = model.Definition
