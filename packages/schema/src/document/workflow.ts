import * as z from 'zod/mini'
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
  timeout: z.exactOptional(Duration),
  retry: z.exactOptional(Retry),
})

/** Bounds of a whole run. */
export const Limits = construct<model.Limits>({
  steps: z.exactOptional(count(1)),
  duration: z.exactOptional(FixedDuration),
  tokens: z.exactOptional(count(1)),
  cost: z.exactOptional(Cost),
  onExceeded: z.exactOptional(z.enum(['block', 'fail'], { error: expected('block or fail') })),
})

const Schedule = construct<model.Schedule>({
  cron: Text.check(
    z.refine(isCron, { error: expected('five fields such as 0 6 * * 1-5 (minute, hour, day, month, weekday)') }),
  ),
  timezone: z.exactOptional(Text.check(z.refine(isTimezone, { error: expected('a time zone such as Europe/Berlin') }))),
  input: z.exactOptional(
    z.record(z.string(), Value, { error: expected('a map of inputs') }) as unknown as z.ZodMiniType<JsonObject>,
  ),
})

const Triggers = construct<NonNullable<model.Definition['on']>>({
  schedule: z.exactOptional(
    z.array(Schedule, { error: expected('a list of schedules such as { cron: "0 6 * * 1-5" }') }),
  ),
})

const Concurrency = construct<model.RunConcurrency>({
  group: z.exactOptional(Text),
  limit: z.exactOptional(count(1)),
  whenFull: z.exactOptional(z.enum(['queue', 'skip', 'replace'], { error: expected('queue, skip or replace') })),
})

// The path of another file, from the folder of this one; in what is closed, the workflow itself.
const Import: z.ZodMiniType<string | model.Definition> = z.union(
  [
    Text.check(
      z.regex(/^(?!\/|[A-Za-z]:)[^\\\0]+\.(ya?ml|json)$/, {
        error: expected('the path of a workflow such as ./library/review.yaml'),
      }),
    ),
    z.lazy(() => Definition),
  ],
  { error: expected('the path of a workflow such as ./library/review.yaml') },
)

/** A workflow as data. */
export const Definition: z.ZodMiniType<model.Definition> = construct<model.Definition>({
  segno: z.literal(1, { error: expected('1, the version of the language') }),
  name: Text.check(
    z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, {
      error: expected('a name such as email-triage (letters, digits, - and _)'),
    }),
  ),
  version: z.exactOptional(
    Text.check(
      z.regex(/^\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/, {
        error: expected('a version such as "1.2.0"'),
      }),
    ),
  ),
  description: z.exactOptional(Text),
  input: z.exactOptional(z.record(Identifier, Input, { error: expected('a map of inputs') })),
  output: z.exactOptional(z.record(Identifier, Output, { error: expected('a map of outputs') })),
  defaults: z.exactOptional(Defaults),
  limits: z.exactOptional(Limits),
  secrets: z.exactOptional(SecretNames),
  labels: z.exactOptional(Labels),
  imports: z.exactOptional(z.record(Identifier, Import, { error: expected('a map of workflows') })),
  agents: z.exactOptional(z.record(Identifier, Agent, { error: expected('a map of agents') })),
  artifacts: z.exactOptional(z.record(Identifier, ArtifactDeclaration, { error: expected('a map of artifacts') })),
  on: z.exactOptional(Triggers),
  concurrency: z.exactOptional(Concurrency),
  steps: z
    .array(Step, { error: expected('a list of steps') })
    .check(z.minLength(1, { error: expected('at least one step') })),
  finally: z.exactOptional(z.array(Step, { error: expected('a list of steps') })),
})

export type Definition = model.Definition
