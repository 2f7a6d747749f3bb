import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { OpenWorkflow } from 'openworkflow'
import { BackendSqlite } from 'openworkflow/sqlite'
import { payload } from '../subject.ts'
import type { Opened, Place, Subject } from '../subject.ts'

const sequenceSteps = 10
const runsAtATime = 100
const stepsOfPart = 500
const keyOfLong = 'long'

/** openworkflow with SQLite, synced at each commit. */
export const subject: Subject = {
  name: 'openworkflow + sqlite full',
  packages: ['openworkflow'],
  durability: 'power loss',
  settings:
    'node:sqlite, journal_mode=WAL, synchronous=FULL; one worker in the process, concurrency 100; ' +
    'the worker looks for runs 50 to 100 ms after it found none, then less and less often, which cannot be set; ' +
    'a run tells its end in the process and its row is read until it says so, for result() looks once a second; ' +
    'the run of W4 has child workflows of 500 steps: one of 1,000 fails for an attempt that was cut off',
  leftOut: { W3: 'a run fails that has made over 1,000 attempts at its steps' },
  open,
}

interface Input {
  /** By what the run tells its end to the one who waits for it. */
  readonly end: string
  readonly steps: number
}

interface Part {
  readonly from: number
  readonly to: number
}

/** The ends of runs: a run tells its own, one that started it waits for it. */
class Ends {
  readonly #ends = new Map<string, PromiseWithResolvers<void>>()

  tell(end: string): void {
    this.#of(end).resolve()
  }

  async told(end: string): Promise<void> {
    await this.#of(end).promise
    this.#ends.delete(end)
  }

  #of(name: string): PromiseWithResolvers<void> {
    const end = this.#ends.get(name) ?? Promise.withResolvers<void>()
    this.#ends.set(name, end)
    return end
  }
}

async function open(place: Place): Promise<Opened> {
  const backend = BackendSqlite.connect(join(place.folder, 'openworkflow.db'))
  backend['db'].exec('PRAGMA synchronous=FULL')
  const engine = new OpenWorkflow({ backend })
  const ends = new Ends()
  let stepOfLong: (index: number) => void = () => {}
  const sequence = defineSequence(engine, ends)
  const fan = defineFan(engine, ends)
  const long = defineLong(engine, ends, (index) => stepOfLong(index))
  const worker = engine.newWorker({ concurrency: runsAtATime })
  await worker.start()

  const ended = async (workflow: typeof sequence, steps: number, idempotencyKey?: string): Promise<void> => {
    const end = idempotencyKey ?? randomUUID()
    const { workflowRun } = await workflow.run({ end, steps }, { ...(idempotencyKey && { idempotencyKey }) })
    await ends.told(end)
    await completed(backend, workflowRun.id)
  }
  const runLong = async (onStep: (index: number) => void): Promise<void> => {
    stepOfLong = onStep
    await ended(long, place.longSteps, keyOfLong)
  }
  return {
    sequence: async () => ended(sequence, sequenceSteps),
    fan: async (count) => ended(fan, count),
    long: runLong,
    // The same key finds the run of the killed process, which is taken up when its lease has expired.
    recover: runLong,
    async close() {
      await worker.stop()
      await backend.stop()
    },
  }
}

function defineSequence(engine: OpenWorkflow, ends: Ends) {
  return engine.defineWorkflow<Input, void>({ name: 'sequence' }, async ({ input, step }) => {
    for (let index = 0; index < input.steps; index++) await step.run({ name: `step-${index}` }, () => payload)
    ends.tell(input.end)
  })
}

function defineFan(engine: OpenWorkflow, ends: Ends) {
  return engine.defineWorkflow<Input, void>({ name: 'fan' }, async ({ input, step }) => {
    const names = Array.from({ length: input.steps }, (_, index) => `step-${index}`)
    await Promise.all(names.map((name) => step.run({ name }, () => payload)))
    ends.tell(input.end)
  })
}

function defineLong(engine: OpenWorkflow, ends: Ends, onStep: (index: number) => void) {
  const part = engine.defineWorkflow<Part, void>({ name: 'part' }, async ({ input, step }) => {
    for (let index = input.from; index < input.to; index++) {
      await step.run({ name: `step-${index}` }, () => {
        onStep(index)
        return payload
      })
    }
  })
  return engine.defineWorkflow<Input, void>({ name: 'long' }, async ({ input, step }) => {
    for (let from = 0; from < input.steps; from += stepsOfPart) {
      const to = Math.min(from + stepsOfPart, input.steps)
      await step.runWorkflow(part.workflow.spec, { from, to }, { name: `part-${from}` })
    }
    ends.tell(input.end)
  })
}

async function completed(backend: BackendSqlite, workflowRunId: string): Promise<void> {
  for (;;) {
    const run = await backend.getWorkflowRun({ workflowRunId })
    if (run?.status === 'completed') return
    if (run?.status !== 'running') throw new Error(`The run ended ${run?.status}`)
    await setImmediate()
  }
}
