import type { BlobRef, EventOf, EventPayloads, HandlerPin, Json } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { Circumstances, Decision } from './decide.ts'
import { decide } from './decide.ts'
import { evolve } from './evolve.ts'
import { measure } from './kept.ts'
import type { Blob } from './kept.ts'
import type { Plan } from './plan.ts'
import type { Reusable } from './reuse.ts'
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
  readonly parent?: { readonly runId: string; readonly path: string; readonly awaited?: true } | undefined
  /** A step whose failure would fail the run blocks it instead. */
  readonly onFailure?: 'block' | undefined
  /** The run that it does again, and what of that counts here too; the values that it names are the store's already. */
  readonly fork?:
    { readonly runId: string; readonly at?: string; readonly by?: string; readonly steps: Reusable } | undefined
}

function originOf({
  runId,
  at,
  by,
}: NonNullable<Creation['fork']>): NonNullable<EventPayloads['run.created']['forkedFrom']> {
  return { runId, ...(at === undefined ? {} : { at }), ...(by === undefined ? {} : { by }) }
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] }

/** A run's first events: that it was created, and what starts at once. */
export function createRun(
  plan: Plan,
  creation: Creation,
  circumstances: Circumstances,
): { readonly state: RunState; readonly decision: Decision } {
  const { runId, incarnation, engine, labels, handlers, parent, fork } = creation
  const { now } = circumstances
  const blobs: Blob[] = []
  const place = (json: Json, what: string): { readonly json: Json } | { readonly ref: BlobRef } => {
    const measured = measure(json)
    if ('json' in measured) return measured
    if ('failure' in measured) throw new SegnoError('INPUT_INVALID', `${what} too large: ${measured.failure.message}`)
    blobs.push(measured.blob)
    const { sha256, size } = measured.blob
    circumstances.blobs.set(sha256, json)
    return { ref: { sha256, size } }
  }
  const input = place(creation.input, 'The input is')
  const reuse = fork === undefined ? undefined : place(fork.steps as unknown as Json, 'What is to be reused is')
  const { hash, definition } = plan
  const head = { seq: 1, v: 1, at: now, runId, type: 'run.created', plan: hash, workflow: definition.name } as const
  // Written out, for what nearly every run begins with: an object that is put together is twice as large, and is kept.
  const created: Writable<EventOf<'run.created'>> =
    'ref' in input
      ? { ...head, incarnation, engine, inputBlob: input.ref, labels, handlers }
      : {
          seq: 1,
          v: 1,
          at: now,
          runId,
          type: 'run.created',
          plan: hash,
          workflow: definition.name,
          incarnation,
          engine,
          input: input.json,
          labels,
          handlers,
        }
  if (parent !== undefined) created.parent = parent
  if (fork !== undefined) created.forkedFrom = originOf(fork)
  if (reuse !== undefined && 'ref' in reuse) created.reuseBlob = reuse.ref
  else if (reuse !== undefined) created.reuse = reuse.json as unknown as Reusable
  if (creation.onFailure !== undefined) created.onFailure = creation.onFailure
  if (plan.durationMs !== undefined) created.deadline = now + plan.durationMs
  const state = emptyState()
  evolve(plan, state, created)
  const decision = decide(plan, state, { type: 'continue' }, circumstances)
  return {
    state,
    decision: { ...decision, events: [created, ...decision.events], blobs: [...blobs, ...decision.blobs] },
  }
}
