import * as z from 'zod'
import { Failure } from '../event-schema.ts'
import { Value } from './slot.ts'

const text = z.string()
const instant = z.int().min(0).describe('Epoch milliseconds, by the clock of the store.')
const duration = z.int().min(0)

const StepDocument = z.strictObject({
  path: text.describe('Names one occurrence of the step, such as `loop[3]/review`.'),
  id: text,
  kind: text.describe('The verb of the step.'),
  status: z.enum([
    ...(['pending', 'running', 'retrying', 'waiting', 'blocked', 'cancelling'] as const),
    ...(['completed', 'failed', 'skipped', 'cancelled'] as const),
  ]),
  attempts: z.int().min(0).describe('How many attempts have begun; 0 for a step without any.'),
  startedAt: instant.exactOptional(),
  endedAt: instant.exactOptional(),
  durationMs: duration.exactOptional(),
  failure: Failure.exactOptional(),
})

/** A run as one document: what `segno run -o json` prints. */
export const RunDocument = z.strictObject({
  v: z.literal(1),
  runId: text,
  workflow: text,
  version: text.exactOptional().describe('Of the workflow, where it says one.'),
  status: z.enum([
    ...(['queued', 'running', 'waiting', 'paused', 'blocked', 'cancelling'] as const),
    ...(['completed', 'failed', 'cancelled'] as const),
  ]),
  startedAt: instant,
  endedAt: instant.exactOptional().describe('Missing while the run is not over.'),
  durationMs: duration.exactOptional(),
  output: z.record(text, Value).exactOptional().describe('Of a completed run.'),
  failure: Failure.exactOptional().describe('Of a failed run.'),
  failedStep: text.exactOptional().describe('The path of the step that a failed run failed at.'),
  reason: text.exactOptional().describe('Why a run was cancelled, or cannot go on.'),
  steps: z
    .array(StepDocument)
    .describe('In the order in which they came up. A step in a list that has opened is there from then on.'),
})

export type RunDocument = z.infer<typeof RunDocument>
