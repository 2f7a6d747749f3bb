import type { Because, Failure, InputProperty, Json, JsonObject, RunEvent } from '@segno/schema/plan'
import type { TypedQuestion } from '../builder/question.ts'
import type { TypedSignal } from '../builder/signal.ts'
import type { RunView } from './run-view.ts'
import type { RunRow, RunStatus } from '../ports/storage.ts'
import type { ForkOptions } from './engine-options.ts'

/** How a run ended. */
export type RunResult<Output = Readonly<Record<string, Json>>> =
  | { readonly status: 'completed'; readonly output: Output }
  | { readonly status: 'failed'; readonly failure: Failure }
  | { readonly status: 'cancelled'; readonly reason: string }

/** What a person is asked by an `ask` step. */
export interface Task {
  readonly path: string
  /** Over exactly what is shown: title, body, choices, form and subject. */
  readonly hash: string
  readonly title: string
  readonly body?: string
  readonly choices?: readonly string[]
  readonly form?: Readonly<Record<string, InputProperty>>
  readonly assignees?: readonly string[]
  readonly subject?: Json
  /** Epoch ms by the store's clock. */
  readonly askedAt: number
  readonly deadline?: number
}

/** One of the choices, or the fields of the form, as the task has them. */
export interface Answer {
  readonly choice?: string
  readonly form?: JsonObject
  readonly comment?: string
}

/** What was decided about an answer. `open` where whoever asked stopped waiting first. */
export type AnswerDecision =
  | { readonly outcome: 'counted' }
  /** `ANSWER_LATE`: another answer came first; `details` has its `id` and what it was, with `by`. */
  | { readonly outcome: 'ignored'; readonly because: Because }
  | { readonly outcome: 'open' }

/** Who does something to a run, and why, for the journal. */
export interface ByOperator {
  readonly actor?: string
  readonly reason?: string
}

/** A run, as the host holds it. Stateless: any number of handles of one run may live in any process. */
export interface RunHandle {
  readonly id: string
  /**
   * Waits for the end, however long. A failed or cancelled run is a value here,
   * not an error; `output()` throws instead. Rejects with `ENGINE_CLOSED` when the
   * engine closes first, with `RUN_UNKNOWN` when there is no such run.
   */
  result(): Promise<RunResult>
  /** The output of a run that completes; throws `RUN_FAILED` or `RUN_CANCELLED` otherwise. */
  output(): Promise<Readonly<Record<string, Json>>>
  status(): Promise<RunStatus>
  /** The run as the list shows it. */
  row(): Promise<RunRow>
  /**
   * The run as it stands, read from the store: what it declares, what it does and waits
   * for. It is as of `seq`, and may be old when you look. Values that live beside the
   * journal are loaded with `values`; without it, what needs them is left out.
   */
  view(options?: { readonly values?: boolean }): Promise<RunView>
  /**
   * What the journal holds from `from` (default 1) on, then what comes, up to the
   * terminal event. Start again at the last `seq` seen plus one. Ends early when
   * `signal` aborts or the engine closes.
   */
  events(options?: { readonly from?: number; readonly signal?: AbortSignal }): AsyncIterable<RunEvent>
  /** Sends a signal, by its name or as `defineSignal` gives it. With an `id`, sending it again changes nothing. */
  signal(
    signal: string | TypedSignal<Json>,
    data?: Json,
    options?: { readonly id?: string; readonly sender?: string },
  ): Promise<'accepted' | 'duplicate'>
  /**
   * Sends a signal and waits for the run's reply to it (`emit` with `reply`). With an `id`,
   * asking again gives the reply that was made, also by another process and after the run
   * has ended. Rejects with `REQUEST_IGNORED`, `REQUEST_UNANSWERED` when the run ends
   * without a reply, `REQUEST_TIMEOUT`, `RUN_CLOSED`, `RUN_UNKNOWN`.
   */
  request(
    signal: string | TypedSignal<Json>,
    data?: Json,
    options?: { readonly id?: string; readonly sender?: string; readonly timeoutMs?: number },
  ): Promise<Json>
  /** Asks the run to stop: running attempts are aborted, `finally` runs, nothing new starts. `force` shields nothing. */
  cancel(options?: { readonly reason?: string; readonly force?: boolean; readonly actor?: string }): Promise<void>
  /** Lets what runs end and starts nothing new until `resume`. */
  pause(options?: ByOperator): Promise<void>
  resume(options?: ByOperator): Promise<void>
  /**
   * Runs blocked steps again: the one at `path`, or all. A step at `path` that has failed and was passed over is done
   * again in its list, while that is open; with `downstream`, also what came after it. The journal says in
   * `operator.acted` whether it could be.
   */
  retry(options?: ByOperator & { readonly path?: string; readonly downstream?: boolean }): Promise<void>
  /** Ends a step that waits or is blocked as if it had been left out. */
  skip(path: string, options?: ByOperator): Promise<void>
  /** Ends a step that waits or is blocked with this output, which has to fit what the step declares. */
  override(path: string, output?: Json, options?: ByOperator): Promise<void>
  /** Begins this run again as a new one: `engine.fork`. */
  fork(options?: ForkOptions): Promise<RunHandle>
  /** What people are asked and have not answered: the `ask` steps that wait now, or those of them that ask one question. */
  tasks(question?: TypedQuestion<unknown, unknown>): Promise<readonly Task[]>
  /**
   * Answers a task. It counts if it is the first answer to exactly what was shown
   * (`hash`) and fits; the journal says so with `task.answered`, or with `signal.ignored`
   * and the reason; `decision` waits for that. With an `id`, sending it again changes nothing.
   */
  answer(
    task: Pick<Task, 'path' | 'hash'>,
    answer: Answer,
    options?: { readonly by?: string; readonly id?: string },
  ): Promise<'accepted' | 'duplicate'>
  /**
   * Waits for what was decided about the answer of this id. It is in the journal: asked
   * again, at any time and by anybody, it is the same. `from` spares reading events that
   * are older than the answer.
   */
  decision(id: string, options?: { readonly from?: number; readonly signal?: AbortSignal }): Promise<AnswerDecision>
  /** Raises a limit that the run reached, and goes on. */
  raise(
    limits: { readonly steps?: number; readonly durationMs?: number; readonly transitions?: number },
    options?: ByOperator,
  ): Promise<void>
}
