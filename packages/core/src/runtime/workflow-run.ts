import type { Json } from '@segno/schema/plan'
import type { TypedQuestion } from '../builder/question.ts'
import type { TypedSignal } from '../builder/signal.ts'
import type { WorkflowTypes } from '../builder/typed-workflow.ts'
import type { RunView } from './run-view.ts'
import type { RunHandle, RunResult, Task } from './run-handle.ts'

// For the compiler alone.
declare const takes: unique symbol

/** A task whose answer has a type. */
export interface TaskOf<Answer> extends Task {
  readonly [takes]?: Answer
}

type SignalOptions = Parameters<RunHandle['signal']>[2]
type RequestOptions = Parameters<RunHandle['request']>[2]
type AnswerOptions = Parameters<RunHandle['answer']>[2]

/** A run of a workflow that was built in TypeScript: the same handle, with its types. */
export interface WorkflowRun<T extends WorkflowTypes> extends Omit<
  RunHandle,
  'view' | 'result' | 'output' | 'signal' | 'request' | 'tasks' | 'answer'
> {
  /** The run as it stands, read from the store. */
  view(options?: Parameters<RunHandle['view']>[0]): Promise<RunView<T['output']>>
  /** Waits for the end, however long. A failed or cancelled run is a value here. */
  result(): Promise<RunResult<T['output']>>
  /** The output of a run that completes; throws `RUN_FAILED` or `RUN_CANCELLED` otherwise. */
  output(): Promise<T['output']>
  /** Sends a signal that the workflow declares, by its name. With an `id`, sending it again changes nothing. */
  signal<N extends keyof T['signals'] & string>(
    name: N,
    data: T['signals'][N],
    options?: SignalOptions,
  ): Promise<'accepted' | 'duplicate'>
  /** Sends a signal. */
  signal<Data>(
    signal: TypedSignal<Data>,
    data: NoInfer<Data>,
    options?: SignalOptions,
  ): Promise<'accepted' | 'duplicate'>
  /** Sends a signal that the workflow declares, and waits for the reply to it. */
  request<N extends keyof T['signals'] & string>(
    name: N,
    data: T['signals'][N],
    options?: RequestOptions,
  ): Promise<Json>
  /** Sends a signal, and waits for the reply to it. */
  request<Data>(signal: TypedSignal<Data>, data: NoInfer<Data>, options?: RequestOptions): Promise<Json>
  /** What people are asked by one question and have not answered. */
  tasks<Answer>(question: TypedQuestion<Answer, unknown>): Promise<readonly TaskOf<Answer>[]>
  /** What people are asked and have not answered. */
  tasks(): Promise<readonly Task[]>
  /** Answers a task. It counts if it is the first answer to exactly what was shown, and fits. */
  answer<Answer>(
    task: Pick<TaskOf<Answer>, 'path' | 'hash' | typeof takes>,
    answer: NoInfer<Answer>,
    options?: AnswerOptions,
  ): Promise<'accepted' | 'duplicate'>
}
