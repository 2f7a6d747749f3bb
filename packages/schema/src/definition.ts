import type { Agent, ArtifactDeclaration, Budget, Check, Consumption, Production, Prompt, Queue } from './agent.ts'
import type { Json, JsonObject } from './json.ts'

/**
 * A workflow as data: what YAML, JSON and TypeScript all give, and the only
 * thing that the kernel knows of a workflow. Text in it may hold `${{ }}`
 * templates; `docs/05-language.md` is the reference.
 */
export interface Definition {
  readonly segno: 1
  readonly name: string
  readonly version?: string
  readonly description?: string
  readonly input?: Readonly<Record<string, InputProperty>>
  readonly output?: Readonly<Record<string, OutputProperty>>
  readonly defaults?: Defaults
  readonly limits?: Limits
  /** Names of secrets that steps may use; the host resolves them when an attempt starts. */
  readonly secrets?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  /** Other workflows, by the name that `call` and `start` use: paths in a text, definitions once it is closed. */
  readonly imports?: Readonly<Record<string, string | Definition>>
  readonly agents?: Readonly<Record<string, Agent>>
  readonly artifacts?: Readonly<Record<string, ArtifactDeclaration>>
  /** How runs begin by themselves. */
  readonly on?: { readonly schedule?: readonly Schedule[] }
  /** Which runs of the workflow wait for each other. */
  readonly concurrency?: RunConcurrency
  readonly steps: readonly Step[]
  readonly finally?: readonly Step[]
  readonly [extension: `x-${string}`]: Json
}

/** JSON Schema 2020-12, as data. */
export type JsonSchema = boolean | JsonObject

/** One input: its JSON Schema. Required unless it has a `default` or is `optional`. */
export type InputProperty = JsonObject & { readonly default?: Json; readonly optional?: boolean }

/** One output: its JSON Schema and the template that gives it when the run ends. */
export type OutputProperty = JsonObject & { readonly value?: Json }

/** What steps with a handler get unless they say otherwise. */
export interface Defaults {
  readonly timeout?: Duration
  readonly retry?: Retry
}

/** Bounds of a whole run. Reaching one blocks the run; an operator may raise it. */
export interface Limits {
  /** How many steps may start, each iteration and retry of a block counted again. 100,000 unless given. */
  readonly steps?: number
  /** Wall time from the creation of the run, without `${{ }}`. Unbounded unless given. */
  readonly duration?: Duration
  /** Of all agents together. */
  readonly tokens?: number
  /** An amount and a currency such as `8 USD`. */
  readonly cost?: string
  readonly onExceeded?: 'block' | 'fail'
}

/** When runs begin. */
export interface Schedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string
  /** An IANA name such as `Europe/Berlin`; UTC unless given. */
  readonly timezone?: string
  readonly input?: JsonObject
}

/** Which runs of a workflow wait for each other. */
export interface RunConcurrency {
  /** A template; runs that give the same text belong together. */
  readonly group?: string
  readonly limit?: number
  readonly whenFull?: 'queue' | 'skip' | 'replace'
}

/** `10m`, `1h30m`, `250ms`, ISO-8601 such as `PT10M`, or a `${{ }}` template that gives one. */
export type Duration = string

/** An expression, with or without `${{ }}` around it. */
export type ExpressionText = string

/** Retries of an attempt: `attempts = max + 1`. */
export interface Retry {
  readonly max: number
  /** Before the first retry; `1s` unless given. */
  readonly delay?: Duration
  /** `exponential` (doubling, the default) or `constant`. */
  readonly backoff?: 'exponential' | 'constant'
  /** Upper bound of one delay; `1h` unless given. */
  readonly maxDelay?: Duration
  /** Draws each delay from the upper half of its range, so that retries spread; true unless given. */
  readonly jitter?: boolean
  /** Failure codes to retry. Without it, every failure that is `retryable`. */
  readonly on?: readonly string[]
  /** Failure codes never to retry. */
  readonly except?: readonly string[]
}

/**
 * What may be done about an attempt whose outcome is not known. `pure` and
 * `idempotent` start again with the same key; `once` blocks for an operator. Of a
 * `tx` attempt, which only a handler makes, it is known: what it wrote in the
 * database of the store is there if its completion is recorded, and only then.
 */
export type EffectClass = 'pure' | 'idempotent' | 'once' | 'tx'

/** What a failed step does to the list around it. */
export type OnFailure = 'fail' | 'continue' | 'block'

/** What every step may say. */
export interface StepBase {
  readonly id: string
  readonly title?: string
  readonly description?: string
  /** The step is skipped when this is false. */
  readonly if?: ExpressionText | boolean
  /** Inside `parallel`: ids of siblings that end first. */
  readonly needs?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly [extension: `x-${string}`]: Json
}

/** What steps that take time may say. */
export interface Timed {
  readonly timeout?: Duration
  readonly onFailure?: OnFailure
  /** Takes back what the step did, when a block around it fails or is cancelled. */
  readonly undo?: Undo
}

/** A step that takes back another: work or a `call`. It needs no id, and has no `if`, `onFailure` and `undo`. */
export type Undo =
  | Compensating<UsesStep>
  | Compensating<ExecStep>
  | Compensating<RunStep>
  | Compensating<HttpStep>
  | Compensating<CallStep>

type Compensating<S> = S extends StepBase
  ? Omit<S, 'id' | 'if' | 'needs' | 'onFailure' | 'undo' | 'idempotencyKey'> & { readonly id?: string }
  : never

/** What work steps and blocks may say. */
export interface Retried extends Timed {
  readonly retry?: Retry
  /** Secrets for this step, and on a block for all inside: as variables of processes, and for `context.secrets`. */
  readonly secrets?: readonly string[]
  /** What agents may use in all that is inside. */
  readonly budget?: Budget
}

/** What the processes of a step are started with, and on a block those of all steps inside; the nearest wins. */
export interface ProcessSettings {
  /** Variables beside those that every process gets. Templates; numbers and booleans become text. */
  readonly env?: Readonly<Record<string, string | number | boolean>>
  /** `cwd` is a folder inside of the workspace, without `${{ }}`. */
  readonly workspace?: { readonly mode?: 'inherit' | 'copy' | 'worktree'; readonly cwd?: string }
}

/** What work steps may say. */
export interface Work extends StepBase, Retried {
  readonly effect?: EffectClass
  /** A template: what the outside world is told to tell attempts apart by, instead of the key of the occurrence. */
  readonly idempotencyKey?: string
  readonly queue?: Queue
  readonly check?: Check
  readonly produces?: Readonly<Record<string, Production>>
  readonly consumes?: readonly string[] | Readonly<Record<string, Consumption>>
}

/** Runs a handler that the host registered. */
export interface UsesStep extends Work {
  readonly uses: string
  readonly with?: Json
  readonly output?: { readonly schema: JsonSchema }
}

/** What becomes of what a process prints or leaves; without it, a process gives no output. */
export interface Capture {
  /**
   * `stdout` its text without one final newline · `lines` its lines · `json` what
   * it parses to · `file` the text of the file at `path`, or its JSON where
   * `schema` is not one of text · `files` the paths of the files that `path`, a
   * glob, names, sorted.
   */
  readonly from: 'stdout' | 'lines' | 'json' | 'file' | 'files'
  /** `file`, `files`: relative to the folder that the process runs in. A template. */
  readonly path?: string
  readonly schema?: JsonSchema
  /** Bytes, or text such as `64KiB`; 1 MiB unless given. More fails the step with `OUTPUT_TOO_LARGE`. */
  readonly maxSize?: number | string
}

interface ProcessStep extends Work, ProcessSettings {
  readonly output?: Capture
}

/** Runs a program, without a shell. Each element is exactly one argument, whatever its `${{ }}` give. */
export interface ExecStep extends ProcessStep {
  readonly exec: readonly (string | number | boolean)[]
}

/** Runs a script. It holds no `${{ }}`: values reach it through `env` only. */
export interface RunStep extends ProcessStep {
  readonly run: string
  /** What runs it; `sh` unless given. */
  readonly shell?: ScriptShell
}

/** What a script can be written for. */
export type ScriptShell = (typeof scriptShells)[number]

/** Every interpreter that `shell` names. */
export const scriptShells = ['sh', 'bash', 'python', 'node'] as const

/** The verbs that a shell performs. */
export const processVerbs = ['exec', 'run'] as const

/** Names that no handler may have: they are verbs. */
export const reservedHandlers = [...processVerbs, 'http', 'agent', 'watch', 'emit'] as const

/** A turn of an agent. */
export interface AgentStep extends Work, ProcessSettings {
  readonly agent: string
  readonly prompt: Prompt
  readonly session?: { readonly resume: string }
  readonly output?: { readonly schema: JsonSchema; readonly maxSize?: number | string }
  readonly candidates?: readonly { readonly agent: string; readonly prompt?: Prompt }[]
  readonly judge?: { readonly agent: string; readonly prompt: Prompt }
}

/** A request over HTTP. Gives `{ status, headers, body }`; a status from 400 on fails with `HTTP_STATUS`. */
export interface HttpStep extends Work {
  readonly http: RequestTemplate
  /** What the body has to be. */
  readonly output?: { readonly schema: JsonSchema }
}

/** What is asked of a server. Every text is a template. */
export interface RequestTemplate {
  /** `GET` unless given. */
  readonly method?: HttpMethod
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Added to the URL; a list gives its name several times. */
  readonly query?: Readonly<Record<string, Json>>
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: Json
  /** How many redirects are followed; 5 unless given. */
  readonly redirects?: number
  /** Of the body of the answer: bytes, or text such as `64KiB`; 1 MiB unless given. More fails with `OUTPUT_TOO_LARGE`. */
  readonly maxSize?: number | string
}

/** A method of HTTP. */
export type HttpMethod = (typeof httpMethods)[number]

/** Every method that `http` takes. */
export const httpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Runs another workflow as a part of this run. Only its outputs are seen. */
export interface CallStep extends StepBase, Timed {
  readonly call: string
  readonly with?: Readonly<Record<string, Json>>
  readonly retry?: Retry
  readonly budget?: Budget
}

/** Starts another workflow as a run of its own. */
export interface StartStep extends StepBase, Timed {
  readonly start: string
  readonly with?: Readonly<Record<string, Json>>
  /** Whether the step waits for the outcome, and gives the output of that run; true unless given. Otherwise `{ runId }`. */
  readonly wait?: boolean
  /** Whether that run goes on when this one ends; false unless given. */
  readonly detached?: boolean
  readonly retry?: Retry
  readonly budget?: Budget
}

/** Computes values; no effect. */
export interface SetStep extends StepBase {
  readonly set: Readonly<Record<string, Json>>
}

/** Fails with `ASSERTION_FAILED` unless its expression is true. */
export interface AssertStep extends StepBase {
  readonly assert: ExpressionText | boolean
  readonly message?: string
}

/** Waits for a while, durably. */
export interface SleepStep extends StepBase, Timed {
  readonly sleep: Duration
}

/** Waits until an instant, durably. */
export interface SleepUntilStep extends StepBase, Timed {
  /** RFC 3339 text such as `2026-01-31T06:00:00Z`, or a template that gives one. */
  readonly sleepUntil: string
}

/** Asks a person. Gives `{ choice, form, by, at, comment }`, as far as they were given. */
export interface AskStep extends StepBase, Timed {
  readonly ask: Question
}

/** What a person is asked: to choose, or to fill in a form. Texts are templates. */
export interface Question {
  readonly title: string
  readonly body?: string
  /** At least two; one of them is the answer. */
  readonly choices?: readonly string[]
  /** The fields of the answer, as the inputs of a workflow. */
  readonly form?: Readonly<Record<string, InputProperty>>
  /** Who is asked. For people and their tools: whoever the host lets answer may answer. */
  readonly assignees?: readonly string[]
  /** What the question is about, shown with it: any value. */
  readonly subject?: Json
}

/** Waits until files are there. Gives `{ files }`, sorted. */
export interface WatchStep extends StepBase, Timed {
  readonly watch: {
    /** Inside of the workspace. A template. */
    readonly glob: string
    /** 1 unless given. */
    readonly minCount?: number | string
    /** How often to look; `5s` unless given. */
    readonly every?: Duration
  }
}

/** Sends a signal, to who listens to this run or to another run; or replies to one that was taken. */
export interface EmitStep extends StepBase, Timed {
  readonly emit: Emitted
}

/** What `emit` sends: either `signal` or `reply`. */
export interface Emitted {
  readonly signal?: string
  /** The `waitFor` step that took what is answered; inside of a state machine, `signal` for what led to the state. */
  readonly reply?: string
  readonly data?: Json
  /** The id of a run. */
  readonly to?: string
}

/** Waits for a signal, which may have arrived before. Gives its data. */
export interface WaitForStep extends StepBase, Timed {
  readonly waitFor: {
    readonly signal: string
    /** Sees `data`; a signal for which it is false is left for others. */
    readonly if?: ExpressionText | boolean
    readonly schema?: JsonSchema
  }
}

/** A group of steps with a scope of its own. */
export interface DoStep extends StepBase, Retried, ProcessSettings {
  readonly do: readonly Step[]
  readonly output?: Json
}

/** One of two lists. */
export interface IfStep extends StepBase, Retried, ProcessSettings {
  readonly if: ExpressionText | boolean
  readonly do: readonly Step[]
  readonly else?: readonly Step[]
  readonly output?: Json
}

/** One of several lists, by a value. */
export interface MatchStep extends StepBase, Retried, ProcessSettings {
  readonly match: ExpressionText | boolean
  readonly cases: Readonly<Record<string, readonly Step[]>>
  readonly default?: readonly Step[]
  readonly output?: Json
}

/** How many children of a `parallel` block have to succeed. */
export type Join = 'all' | 'any' | { readonly atLeast: number }

/** Steps that run together, in the order of their `needs`. */
export interface ParallelStep extends StepBase, Retried, ProcessSettings {
  readonly parallel: readonly Step[]
  readonly concurrency?: number | string
  readonly join?: Join
  readonly failFast?: boolean
  readonly output?: Json
}

/** The same steps for each item of a list; gives a list in the same order. */
export interface ForEachStep extends StepBase, Retried, ProcessSettings {
  readonly forEach: {
    readonly in: ExpressionText | readonly Json[]
    readonly as?: string
    readonly concurrency?: number | string
    readonly collect?: boolean
  }
  readonly do: readonly Step[]
  readonly output?: Json
}

/** The same steps again, a bounded number of times. */
export interface RepeatStep extends StepBase, Retried, ProcessSettings {
  readonly repeat: {
    readonly max: number | string
    readonly until?: ExpressionText | boolean
    readonly while?: ExpressionText | boolean
    readonly every?: Duration
    readonly initial?: Json
  }
  readonly do: readonly Step[]
  readonly output?: Json
  readonly onExhausted?: 'fail' | { readonly output: Json }
}

/** One handler of failures in a `try`. */
export interface CatchClause {
  /** Failure codes; without it, every failure. */
  readonly on?: readonly string[]
  /** The name of the failure in the clause; `error` unless given. */
  readonly as?: string
  readonly do: readonly Step[]
}

/** Steps whose failure is handled, and steps that run whatever happens. */
export interface TryStep extends StepBase, Retried, ProcessSettings {
  readonly try: readonly Step[]
  readonly catch?: readonly CatchClause[]
  readonly finally?: readonly Step[]
  readonly output?: Json
}

/** Where a state machine goes, and when: the first whose `if` is true. */
export interface Transition {
  readonly to: string
  /** In `on` it sees `signal.data`. */
  readonly if?: ExpressionText | boolean
}

/** A transition on a signal; one whose data does not fit is ignored. */
export interface SignalTransition extends Transition {
  readonly schema?: JsonSchema
}

/** One state: what is done on entry, and what leads out of it. One without a way out ends the block. */
export interface MachineState {
  readonly do?: readonly Step[]
  /** By the name of a signal. */
  readonly on?: Readonly<Record<string, SignalTransition | readonly SignalTransition[]>>
  /** By a duration from entry on. */
  readonly after?: Readonly<Record<string, Transition | readonly Transition[]>>
  /** Taken as soon as `do` has ended. */
  readonly next?: readonly Transition[]
}

/** A state machine. */
export interface StatesStep extends StepBase, Retried, ProcessSettings {
  readonly states: Readonly<Record<string, MachineState>>
  readonly initial: string
  /** How many states may be entered; 1,000 unless given. Reaching it blocks the run. */
  readonly max?: number
  readonly output?: Json
}

/** Ends the workflow as completed, with these outputs. */
export interface ReturnStep extends StepBase {
  readonly return: Readonly<Record<string, Json>>
}

/** Fails here. */
export interface FailStep extends StepBase {
  readonly fail: { readonly code: string; readonly message: string; readonly data?: Json }
}

/** A declared unit of work: exactly one verb. */
export type Step =
  | UsesStep
  | ExecStep
  | RunStep
  | AgentStep
  | HttpStep
  | CallStep
  | StartStep
  | SetStep
  | AssertStep
  | SleepStep
  | SleepUntilStep
  | WaitForStep
  | AskStep
  | WatchStep
  | EmitStep
  | DoStep
  | IfStep
  | MatchStep
  | ParallelStep
  | ForEachStep
  | RepeatStep
  | TryStep
  | StatesStep
  | ReturnStep
  | FailStep

/** The verb of a step, as diagnostics, plans and fixtures name it. */
export type StepKind = (typeof leadingVerbs)[number] | 'do' | 'if'

/**
 * Which verb a step has. `do` is the body of `forEach` and `repeat` and only
 * otherwise a verb; with `if` beside it, the verb is `if`.
 */
export function kindOf(step: Step): StepKind {
  for (const kind of leadingVerbs) if (kind in step) return kind
  return 'if' in step && step.if !== undefined ? 'if' : 'do'
}

/** The verbs that a step has whatever stands beside them; `do` and `if` are verbs only without one of these. */
export const leadingVerbs = [
  ...(['uses', 'exec', 'run', 'agent', 'http', 'call', 'start', 'set', 'assert'] as const),
  ...(['sleep', 'sleepUntil', 'waitFor', 'ask', 'watch', 'emit'] as const),
  ...(['match', 'parallel', 'forEach', 'repeat', 'try', 'states', 'return', 'fail'] as const),
] as const
