import * as z from 'zod/mini'
import type { Definition } from './definition.ts'
import { Definition as DefinitionSchema } from './document/workflow.ts'
import { Value } from './document/slot.ts'
import { RunEvent } from './event-schema.ts'
import type * as model from './event.ts'
import type { Json } from './json.ts'

/** What the list of runs knew of a run when it was exported. */
export interface BundleRow {
  readonly runId: string
  readonly incarnation: string
  readonly workflow: string
  /** Hash of the plan that it goes by. */
  readonly plan: string
  readonly labels: Readonly<Record<string, string>>
  readonly parent?: { readonly runId: string; readonly path: model.StepPath }
  readonly status: string
  /** `seq` of the last event. */
  readonly head: number
  /** Epoch ms by the store's clock. */
  readonly createdAt: number
  readonly updatedAt: number
  readonly idempotencyKey?: string
}

/** A message that the run had not taken in. */
export interface BundleMessage {
  readonly id: string
  readonly name: string
  readonly payload: Json
  readonly sender?: string
  readonly deliveredAt: number
}

/** A run as one document: all that a store keeps of it. What `segno export` writes. */
export interface RunBundle {
  readonly format: 'segno-run'
  readonly v: 1
  readonly row: BundleRow
  /** The definitions that it goes by, or went by, by their hashes. */
  readonly plans: Readonly<Record<string, Definition>>
  /** The journal, in order. */
  readonly events: readonly model.RunEvent[]
  /** Values beside the journal: their JSON text, by its sha256. */
  readonly blobs: Readonly<Record<string, string>>
  readonly inbox: readonly BundleMessage[]
  /** What was replaced before it was written: values under telling keys, or all texts. */
  readonly redacted?: 'keys' | 'values'
  /** Runs that it started, as they were. */
  readonly children?: readonly RunBundle[]
}

const text = z.string()
const instant = z.int().check(z.minimum(0))
const hash = text.check(z.regex(/^[0-9a-f]{64}$/))

/** The row of an exported run. */
export const BundleRow: z.ZodMiniType<BundleRow> = z.strictObject({
  runId: text,
  incarnation: text,
  workflow: text,
  plan: hash,
  labels: z.record(text, text),
  parent: z.exactOptional(z.strictObject({ runId: text, path: text })),
  status: z.enum([
    ...(['queued', 'running', 'waiting', 'paused', 'blocked', 'cancelling'] as const),
    ...(['completed', 'failed', 'cancelled'] as const),
  ]),
  head: z.int().check(z.minimum(1)),
  createdAt: instant,
  updatedAt: instant,
  idempotencyKey: z.exactOptional(text),
})

/** A message of an exported run. */
export const BundleMessage: z.ZodMiniType<BundleMessage> = z.strictObject({
  id: text,
  name: text,
  payload: Value,
  sender: z.exactOptional(text),
  deliveredAt: instant,
})

/** An exported run. Whether it holds together (hashes, the order of its journal) is for whoever imports it. */
export const RunBundle: z.ZodMiniType<RunBundle> = bundleOf(DefinitionSchema)

/** The schema of an exported run whose plans are of this schema. */
export function bundleOf(definition: z.ZodMiniType<Definition>): z.ZodMiniType<RunBundle> {
  const schema: z.ZodMiniType<RunBundle> = z.strictObject({
    format: z.literal('segno-run'),
    v: z.literal(1),
    row: BundleRow,
    plans: z.record(hash, definition),
    events: z.array(RunEvent).check(z.minLength(1)),
    blobs: z.record(hash, text),
    inbox: z.array(BundleMessage),
    redacted: z.exactOptional(z.enum(['keys', 'values'])),
    children: z.exactOptional(z.array(z.lazy(() => schema))),
  })
  return schema
}
