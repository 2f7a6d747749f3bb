import type { Failure, Json, JsonObject, RunEvent } from '@segno/schema/plan'
import type { TypedWorkflow, WorkflowTypes } from '../builder/typed-workflow.ts'
import type { RunStatus } from '../ports/storage.ts'
import type { GivenAtStart, Workflow } from '../runtime/engine-options.ts'
import type { Answer, Task } from '../runtime/run-handle.ts'
import type { Definition } from '@segno/schema/plan'
import { durationMs } from './mock.ts'
import { TestedRun } from './tested-run.ts'
import { subjectUnderTest } from './work-under-test.ts'
import type { StepCall, TestWork, WorkflowUnderTest } from './work-under-test.ts'

/** A signal of a test. */
export interface TestSignal {
  readonly name: string
  readonly data?: Json
  /** When it is sent, after the start: milliseconds, or a duration such as `2h`; at once unless given. */
  readonly after?: number | string
}

/** What a person of a test answers. */
export interface TestAnswer extends Answer {
  readonly by?: string
  /** How long it takes: milliseconds, or a duration such as `2h`; no time unless given. */
  readonly after?: number | string
}

/** A person of a test: is shown a task, and how often that was, from 1. `undefined` answers nothing. */
export type TestPerson = (task: Task, turn: number) => TestAnswer | undefined

/** What a run of a test is given. */
export interface TestRunOptions<Input = JsonObject> extends TestWork {
  readonly input?: Input
  /** Kept by the run until a step waits for them, as all signals are. */
  readonly signals?: readonly TestSignal[]
  /** Answers by the path or id of the `ask` step: one for each time that it asks, or a function. */
  readonly answers?: Readonly<Record<string, TestAnswer | TestPerson>>
  /**
   * How far time goes by itself, after the start: milliseconds, or a duration such as `3d`. From there on it goes only by
   * `advanceBy`. Unless given, it goes on until the run rests, for at most a year.
   */
  readonly until?: number | string
}

/** What a run that rests waits for. */
export type TestWait =
  | { readonly path: string; readonly for: 'signal'; readonly signal: string }
  | { readonly path: string; readonly for: 'answer'; readonly task: Task }
  | { readonly path: string; readonly for: 'time'; readonly at: number }
  | { readonly path: string; readonly for: 'operator'; readonly failure: Failure | undefined }

/** A run of a test that has ended, or that rests: nothing will happen until something comes, or time goes on. */
export interface TestRun<Output = Readonly<Record<string, Json>>> {
  readonly status: RunStatus
  /** Of a run that has completed. */
  readonly output: Output | undefined
  /** Of a run that has failed. */
  readonly failure: Failure | undefined
  /** Of the run itself; those of a run that a step has started by the path of that step. */
  readonly events: readonly RunEvent[]
  eventsOf(startedBy: string): readonly RunEvent[]
  /** Every call of the work of a step, in order. */
  readonly calls: readonly StepCall[]
  /** The calls of one step, by its path or id. */
  callsOf(step: string): readonly StepCall[]
  readonly waitsFor: readonly TestWait[]
  /** How much time has passed, all of it virtual. */
  readonly tookMs: number
  /** Sends a signal and goes on until the run rests again. With the path of a step, to the run that it has started. */
  signal(name: string, data?: Json, to?: string): Promise<void>
  /** Answers what is asked, by the path or id of the step, and goes on until the run rests again. */
  answer(step: string, answer: Omit<TestAnswer, 'after'>): Promise<void>
  /** Asks the run to stop and goes on until it rests again. */
  cancel(): Promise<void>
  /** Lets time go by, and does all that is due on the way. */
  advanceBy(duration: number | string): Promise<void>
}

/** What a test gives: all of it may be left out, but for an input that is required. */
type GivenToTest<Input> =
  GivenAtStart<Input> extends readonly [unknown, ...unknown[]]
    ? [options: TestRunOptions<Input> & { readonly input: Input }]
    : [options?: TestRunOptions<Input>]

/**
 * Runs a workflow in memory and in virtual time, with mocks for the work of its steps, until it ends or rests. A step
 * that is to do its work and has neither a mock nor a handler ends the test (`MOCK_MISSING`): nothing succeeds that was
 * not told to. So do mocks of steps that there are not (`MOCK_UNKNOWN`), and outputs that do not fit (`MOCK_INVALID`).
 *
 * @example
 * ```ts
 * const run = await testRun(workflow, { input: { order: 'A1' }, mocks: { pay: { charge: 'c1' }, ship: failure('GONE') } })
 * assert.equal(run.failure?.code, 'GONE')
 * ```
 */
export function testRun<T extends WorkflowTypes>(
  workflow: TypedWorkflow<T>,
  ...given: GivenToTest<T['input']>
): Promise<TestRun<T['output']>>
export function testRun(workflow: Workflow | Definition, options?: TestRunOptions): Promise<TestRun>
export async function testRun(
  workflow: WorkflowUnderTest,
  options: TestRunOptions<unknown> = {},
): Promise<TestRun<unknown>> {
  const until = options.until === undefined ? undefined : durationMs(options.until)
  const subject = await subjectUnderTest(workflow, options, true)
  const run = new TestedRun(subject, options, until)
  await run.start()
  return run
}
