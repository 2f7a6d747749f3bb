import type { BlobRef, Json } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { stored } from './deciding.ts'
import { keepsResults } from './inside.ts'
import { Held } from './kept.ts'
import type { Kept } from './kept.ts'
import { NoValue } from './scope.ts'
import { blockOf } from './state.ts'
import type { StepState } from './state.ts'

/** An event's output field for a value that has been kept: as it is, or its reference. */
export function keptOutput(value: Kept): { readonly output: Json } | { readonly outputBlob: BlobRef } {
  return value instanceof Held ? { outputBlob: value.ref } : { output: value }
}

/** An event's output field for a value that may already live beside the journal. */
export function outputField(
  deciding: Deciding,
  value: Kept,
): { readonly output?: Json } | { readonly outputBlob?: Held['ref'] } | NoValue {
  return value instanceof Held ? { outputBlob: value.ref } : stored(deciding, 'output', value)
}

/** What a list's items gave, in order, as one value. Items that live beside the journal are loaded first. */
export function gather(deciding: Deciding, step: StepState): Json | undefined | NoValue {
  if (!keepsResults(step)) return undefined
  const { results, max } = blockOf(step)
  const collect = step.node.kind === 'forEach' && step.node.collect
  const list: Json[] = []
  const need = new Map<string, BlobRef>()
  for (let index = 0; index < max; index++) {
    const kept = results[index]
    if (!(kept instanceof Held)) {
      list.push(kept ?? null)
      continue
    }
    const value = deciding.loaded.get(kept.ref.sha256)
    if (value === undefined) need.set(kept.ref.sha256, kept.ref)
    else list.push(collect ? { ok: true, output: value } : value)
  }
  return need.size > 0 ? new NoValue(undefined, [...need.values()]) : list
}
