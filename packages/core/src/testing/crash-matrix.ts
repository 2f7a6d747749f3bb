import type { Definition, Failure, Json, JsonObject } from '@segno/schema/plan'
import type { Clock } from '../ports/clock.ts'
import type { RunStatus, Storage } from '../ports/storage.ts'
import type { Answer } from '../runtime/run-handle.ts'
import { evolve } from '../kernel/evolve.ts'
import { emptyState } from '../kernel/state.ts'
import { playRun } from './crash-matrix-run.ts'
import type { PlayedRun } from './crash-matrix-run.ts'
import { expectEqual, LawBroken } from './expectation.ts'
import { planAt } from './run-history.ts'
import type { RunHistory } from './run-history.ts'
import { expectLawful } from './run-laws.ts'
import { subjectUnderTest } from './work-under-test.ts'
import type { TestWork, WorkflowUnderTest } from './work-under-test.ts'

/** A store that is empty at first. */
export interface MatrixStore {
  /** Called once for each process that works on it. */
  open(): Promise<Storage>
  close(): Promise<void>
}

/** Something that is sent to a run of a crash matrix, so many milliseconds after its start. */
export interface MatrixMessage {
  readonly atMs: number
  /** The path of the step that started the child run which it is for; the run itself unless given. */
  readonly run?: string
  readonly id?: string
  readonly name: string
  readonly data?: Json
}

/** What a person answers, so many milliseconds after the start, to what is asked at `path` just then. */
export interface MatrixAnswer extends Answer {
  readonly atMs: number
  /** The path of the step that started the child run that asks; the run itself unless given. */
  readonly run?: string
  readonly id?: string
  readonly path: string
  readonly by?: string
  /** Of another question, to see that it does not count. */
  readonly hash?: string
}

/** What a run of a crash matrix is given, and what happens to it. */
export interface CrashMatrixOptions extends TestWork {
  readonly input?: JsonObject
  /** As for `engine.start`. */
  readonly onFailure?: 'block'
  /** Where the runs are kept: a new store for each run of the matrix, in memory unless given. */
  readonly store?: (clock: Clock) => MatrixStore
  readonly signals?: readonly MatrixMessage[]
  readonly answers?: readonly MatrixAnswer[]
  /** `cancel`, `pause`, `resume`, `retry`, `raise`, `skip`, `override` or `migrate`, with the fields of that command. */
  readonly commands?: readonly (Omit<MatrixMessage, 'data'> & { readonly fields?: JsonObject })[]
  /** Newer definitions, checked: a `migrate` says by the hash of one, as `plan`, what the run is to go on by. */
  readonly plans?: readonly Definition[]
  /** When the process dies whatever the matrix does, in milliseconds after the start. */
  readonly crashesAtMs?: readonly number[]
  /** How long a run may take, in virtual milliseconds; a year unless given. */
  readonly untilMs?: number
}

/** A workflow, with what its run is given and what happens to it. */
export interface CrashMatrixSubject extends CrashMatrixOptions {
  readonly workflow: WorkflowUnderTest
}

/** How a run came to rest: at its end, or where only a message or an operator gets it further. */
export interface MatrixOutcome {
  readonly status: RunStatus
  readonly output?: Json
  readonly failure?: Failure
}

/** What a crash matrix found; anything that is wrong is thrown. */
export interface CrashMatrixReport {
  /** The run without a crash. */
  readonly reference: MatrixOutcome
  /** The events of that run. */
  readonly events: number
  /** The runs with a crash: one before and one after the acknowledgement of each batch of events. */
  readonly crashes: readonly { readonly crash: CrashPoint; readonly outcome: MatrixOutcome }[]
}

/** Where a process dies: when the journal holds the event `seq`, before or after it has heard so. */
export interface CrashPoint {
  /** The run itself, or one that it started. */
  readonly runId: string
  readonly seq: number
  readonly heard: boolean
}

/**
 * Runs a workflow in virtual time, then once more for every event that the
 * journal got, with a crash of the process right after it: once before the
 * process has heard that it was written, once after. Another engine takes over
 * at the same instant. Each run has to end as the one without a crash, call
 * handlers as the promises of the engine allow, and leave a lawful journal. Only
 * where the crash costs an outcome for good, that of a `once` step or of a handler
 * that was being stopped, may the run end or block otherwise.
 * Throws `LawBroken` with the crash and the law.
 *
 * @example
 * ```ts
 * test('survives a crash anywhere', async () => {
 *   await crashMatrix(workflow, { input: { name: 'Ada' }, handlers: { greet } })
 * })
 * ```
 */
export async function crashMatrix(
  workflow: WorkflowUnderTest,
  options: CrashMatrixOptions = {},
): Promise<CrashMatrixReport> {
  const subject = { ...options, ...(await subjectUnderTest(workflow, options)) }
  const reference = await playRun(subject, undefined)
  for (const history of [reference.history, ...reference.children]) await expectLawful(history)
  const crashes: CrashMatrixReport['crashes'][number][] = []
  const batches = [reference.history, ...reference.children].flatMap(({ acked }) => acked)
  for (const { events } of batches) {
    const last = events.at(-1)
    if (last === undefined) continue
    for (const heard of [false, true]) {
      const crash = { runId: last.runId, seq: last.seq, heard }
      const outcome = await told(crash, last.type, async () => {
        const run = await playRun(subject, crash)
        await expectSame(run, reference)
        return run.outcome
      })
      crashes.push({ crash, outcome })
    }
  }
  return { reference: reference.outcome, events: reference.history.events.length, crashes }
}

async function expectSame({ history, children, outcome }: PlayedRun, reference: PlayedRun): Promise<void> {
  for (const one of [history, ...children]) await expectLawful(one)
  if ([history, ...children].some(losesAnOutcome)) return
  expectEqual(outcome, reference.outcome, 'a run with a crash ends as the run without')
}

// What a `once` step did, and what a handler would have given that was being stopped: neither is tried again.
function losesAnOutcome(history: RunHistory): boolean {
  const state = emptyState()
  for (const event of history.events) {
    const step = event.type === 'attempt.lost' ? state.steps.get(event.path) : undefined
    if (step !== undefined && (step.effect === 'once' || step.status === 'cancelling')) return true
    evolve(planAt(history, state, event), state, event)
  }
  return false
}

async function told<T>({ runId, seq, heard }: CrashPoint, type: string, play: () => Promise<T>): Promise<T> {
  try {
    return await play()
  } catch (error) {
    const when = heard ? 'after' : 'before'
    const message = error instanceof Error ? error.message : String(error)
    throw new LawBroken(`a crash ${when} the acknowledgement of event ${seq} (${type}) of ${runId}: ${message}`, {
      cause: error,
    })
  }
}
