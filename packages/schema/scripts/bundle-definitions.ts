import * as z from 'zod/mini'
import { BundleMessage, BundleRow, bundleOf } from '../src/bundle.ts'
import type { Definition } from '../src/definition.ts'
import { Input, JsonSchema } from '../src/document/json-schema.ts'
import { Value } from '../src/document/slot.ts'
import { eventSchemas, Failure, RunEvent } from '../src/event-schema.ts'
import { described } from './describe.ts'
import { elsewhere, inputTexts } from './event-definitions.ts'
import type { Schema } from './schema.ts'
import { bundleTexts } from './texts/bundle.ts'
import { eventTexts } from './texts/events.ts'
import { failureTexts } from './texts/run.ts'

// Workflows have a schema of their own, which is larger than all of this.
const Plan = z.looseObject({
  segno: z.literal(1),
  name: z.string(),
  steps: z.array(z.unknown()),
}) as unknown as z.ZodMiniType<Definition>

/** The definitions of an exported run, of which `Bundle` is the whole file. */
export function bundleDefinitions(): Record<string, Schema> {
  const events = { Event: RunEvent, ...eventSchemas, Failure, JsonSchema, Input, Value }
  const named = { Bundle: bundleOf(Plan), Plan, BundleRow, BundleMessage, ...events }
  const texts = { ...bundleTexts, ...eventTexts, ...failureTexts, ...inputTexts }
  return described(named, 'Bundle', { texts, elsewhere })
}
