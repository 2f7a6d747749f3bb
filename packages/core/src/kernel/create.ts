import type { HandlerPin, Json, RunEvent } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { Circumstances, Decision } from './decide.ts'
import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import { measure } from './kept.ts'
import type { Blob } from './kept.ts'
import type { Plan } from './plan.ts'
import { emptyState } from './state.ts'
import type { RunState } from './state.ts'

/** Who a new run is, and what it is given. The input has been checked against the definition. */
export interface Creation {
  readonly runId: string
  readonly incarnation: string
  readonly engine: string
  readonly input: Json
  readonly labels: Readonly<Record<string, string>>
  readonly handlers: Readonly<Record<string, HandlerPin>>
  readonly parent?: { readonly runId: string; readonly path: string }
}

/** A run's first events: that it was created, and what starts at once. */
export function createRun(
  plan: Plan,
  creation: Creation,
  circumstances: Circumstances,
): { readonly state: RunState; readonly decision: Decision } {
  const { runId, incarnation, engine, labels, handlers, parent } = creation
  const measured = measure(creation.input)
  if ('failure' in measured)
    throw new SegnoError('INPUT_INVALID', `The input is too large: ${measured.failure.message}`)
  const { now } = circumstances
  const blobs: Blob[] = 'blob' in measured ? [measured.blob] : []
  for (const blob of blobs) circumstances.blobs.set(blob.sha256, creation.input)
  const created: RunEvent = {
    seq: 1,
    v: 1,
    at: now,
    runId,
    type: 'run.created',
    plan: plan.hash,
    workflow: plan.definition.name,
    incarnation,
    engine,
    ...('blob' in measured
      ? { inputBlob: { sha256: measured.blob.sha256, size: measured.blob.size } }
      : { input: creation.input }),
    labels,
    handlers,
    ...(parent === undefined ? {} : { parent }),
    ...(plan.durationMs === undefined ? {} : { deadline: now + plan.durationMs }),
  }
  const state = emptyState()
  evolve(plan, state, created)
  const decision = decide(plan, state, { type: 'continue' }, circumstances)
  return {
    state,
    decision: { ...decision, events: [created, ...decision.events], blobs: [...blobs, ...decision.blobs] },
  }
}
