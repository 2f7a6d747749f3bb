import * as z from 'zod/mini'
import { Failure } from '../event-schema.ts'
import { Value } from './slot.ts'

const text = z.string()
const instant = z.int().check(z.minimum(0), z.describe('Epoch milliseconds, by the clock of the store.'))
const duration = z.int().check(z.minimum(0))

const StepDocument = z.strictObject({
  path: text.check(z.describe('Names one occurrence of the step, such as `loop[3]/review`.')),
  id: text,
  kind: text.check(z.describe('The verb of the step.')),
  status: z.enum([
    ...(['pending', 'running', 'retrying', 'waiting', 'blocked', 'cancelling'] as const),
    ...(['completed', 'failed', 'skipped', 'cancelled'] as const),
  ]),
  attempts: z.int().check(z.minimum(0), z.describe('How many attempts have begun; 0 for a step without any.')),
  startedAt: z.exactOptional(instant),
  endedAt: z.exactOptional(instant),
  durationMs: z.exactOptional(duration),
  failure: z.exactOptional(Failure),
})

/** A run as one document: what `segno run -o json` prints. */
export const RunDocument = z.strictObject({
  v: z.literal(1),
  runId: text,
  workflow: text,
  version: z.exactOptional(text).check(z.describe('Of the workflow, where it says one.')),
  status: z.enum([
    ...(['queued', 'running', 'waiting', 'paused', 'blocked', 'cancelling'] as const),
    ...(['completed', 'failed', 'cancelled'] as const),
  ]),
  startedAt: instant,
  endedAt: z.exactOptional(instant).check(z.describe('Missing while the run is not over.')),
  durationMs: z.exactOptional(duration),
  output: z.exactOptional(z.record(text, Value)).check(z.describe('Of a completed run.')),
  failure: z.exactOptional(Failure).check(z.describe('Of a failed run.')),
  failedStep: z.exactOptional(text).check(z.describe('The path of the step that a failed run failed at.')),
  reason: z.exactOptional(text).check(z.describe('Why a run was cancelled, or cannot go on.')),
  steps: z
    .array(StepDocument)
    .check(z.describe('In the order in which they came up. A step in a list that has opened is there from then on.')),
})

export type RunDocument = z.infer<typeof RunDocument>
