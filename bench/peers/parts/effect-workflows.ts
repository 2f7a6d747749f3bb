import { Effect, Layer, Schema } from 'effect'
import { Activity, Workflow, type WorkflowEngine } from 'effect/workflow'
import { payload } from '../../subject.ts'
import type { LongRun } from './long-run.ts'

const stepsPerRun = 10

const Payload = Schema.Struct({
  id: Schema.Number,
  name: Schema.String,
  ok: Schema.Boolean,
  tags: Schema.Array(Schema.String),
  note: Schema.String,
})

// Activities are told apart by their names within a run.
const step = (index: number, onStep?: (index: number) => void) =>
  Activity.make({
    name: `step-${index}`,
    success: Payload,
    execute: Effect.sync(() => {
      onStep?.(index)
      return payload
    }),
  })

const Sequence = Workflow.make('sequence', { payload: { id: Schema.String }, idempotencyKey: ({ id }) => id })

const Fan = Workflow.make('fan', {
  payload: { id: Schema.String, count: Schema.Number },
  idempotencyKey: ({ id }) => id,
})

const Long = Workflow.make('long', {
  payload: { id: Schema.String, count: Schema.Number },
  idempotencyKey: ({ id }) => id,
})

let runs = 0
// An execution is named by a hash of this; a second process must not name one of the first.
const newId = (): string => `${process.pid}-${(runs += 1)}`

/** A run from its start to its end. */
export type Execution = Effect.Effect<void, never, WorkflowEngine.WorkflowEngine>

/** Starts a run of each workload and waits for its end. The long run has one name: to execute it again is to join it. */
export const execute = {
  sequence: (): Execution => Sequence.execute({ id: newId() }),
  fan: (count: number): Execution => Fan.execute({ id: newId(), count }),
  long: (count: number): Execution => Long.execute({ id: 'long', count }),
}

/** The workloads as Effect's workflows, registered with the engine that is provided. */
export function workflowsLayer(long: LongRun): Layer.Layer<never, never, WorkflowEngine.WorkflowEngine> {
  const sequence = Sequence.toLayer(
    Effect.fnUntraced(function* () {
      for (let index = 0; index < stepsPerRun; index++) yield* step(index)
    }),
  )
  const fan = Fan.toLayer(({ count }) =>
    Effect.forEach(
      Array.from({ length: count }, (_, index) => index),
      (index) => step(index),
      { concurrency: 'unbounded', discard: true },
    ),
  )
  const loop = Long.toLayer(
    Effect.fnUntraced(function* ({ count }) {
      const onStep = yield* Effect.promise(() => long.onStep)
      for (let index = 0; index < count; index++) yield* step(index, onStep)
    }),
  )
  return Layer.mergeAll(sequence, fan, loop)
}
