import * as z from 'zod/mini'
import type { Definition, Duration, EffectClass } from './definition.ts'
import { Definition as DefinitionSchema } from './document/workflow.ts'
import { FixedDuration, Value } from './document/slot.ts'
import type { StepPath } from './event.ts'
import type { Json, JsonObject } from './json.ts'

/**
 * One conformance fixture: a workflow, what happens to it, and what has to
 * follow. Language-neutral data; `conformance/README.md` says what it means.
 */
export interface Fixture {
  readonly title: string
  readonly definition: Definition
  /** Newer definitions, by names of the fixture's own: a `migrate` names the one that the run is to go on by. */
  readonly plans?: Readonly<Record<string, Definition>>
  readonly input?: JsonObject
  /** A step whose failure would fail the run blocks it instead. */
  readonly onFailure?: 'block'
  /** The handlers that the host has, by name, beside a shell. */
  readonly handlers?: Readonly<Record<string, { readonly effect?: EffectClass }>>
  /** What handlers and processes do, by the path of the step, attempt by attempt. */
  readonly script?: Readonly<Record<StepPath, readonly ScriptedOutcome[]>>
  readonly signals?: readonly ScriptedSignal[]
  readonly answers?: readonly ScriptedAnswer[]
  readonly commands?: readonly ScriptedCommand[]
  /** When the process dies, and another takes the run over at once. */
  readonly crashes?: readonly Duration[]
  readonly expect: FixtureExpectation
}

/** How a handler or a process ends. With none of the fields it gives nothing. */
export interface ScriptedEnd {
  readonly output?: Json
  /** Gives its input. */
  readonly echo?: true
  readonly failure?: {
    readonly code: string
    readonly message?: string
    readonly retryable?: boolean
    readonly details?: Json
  }
  readonly after?: Duration
}

/** What one attempt does. */
export interface ScriptedOutcome extends ScriptedEnd {
  /** Never ends by itself. */
  readonly hang?: true
  /** What it does when it is told to stop; without it, it goes on as if it had not heard. */
  readonly onAbort?: ScriptedEnd
}

/** Whose run something is sent to. */
interface Addressed {
  /** The path of the step that started the child run, as in the script; the run itself unless given. */
  readonly run?: StepPath
}

/** A signal that comes at an instant of the run. */
export interface ScriptedSignal extends Addressed {
  readonly at: Duration
  readonly id: string
  readonly name: string
  readonly data?: Json
}

/** What a person answers at an instant of the run. */
export interface ScriptedAnswer extends Addressed {
  readonly at: Duration
  readonly id: string
  readonly path: StepPath
  readonly choice?: string
  readonly form?: JsonObject
  readonly comment?: string
  readonly by?: string
  /** That of what is asked at `path` just then unless given. */
  readonly hash?: string
}

/** What an operator does at an instant of the run. */
export interface ScriptedCommand extends Addressed {
  readonly at: Duration
  readonly id: string
  readonly command: 'cancel' | 'pause' | 'resume' | 'retry' | 'raise' | 'skip' | 'override' | 'migrate'
  readonly reason?: string
  readonly force?: boolean
  readonly path?: StepPath
  readonly steps?: number
  readonly duration?: Duration
  readonly transitions?: number
  readonly downstream?: boolean
  readonly output?: Json
  /** `migrate`: one of the `plans` of the fixture. */
  readonly plan?: string
}

/** An event in short: `type subject`, with the fields that have to be compared. */
export type ExpectedEvent = string | Readonly<Record<string, JsonObject>>

/** What has to follow. */
export interface FixtureExpectation {
  readonly events: readonly ExpectedEvent[]
  readonly status: 'waiting' | 'paused' | 'blocked' | 'completed' | 'failed' | 'cancelled'
  readonly output?: JsonObject
  readonly failure?: JsonObject
  /** How often the handler of each step was called. */
  readonly effects?: Readonly<Record<StepPath, number>>
}

const text = z.string()
const count = z.int().check(z.minimum(0))
const values = z.record(text, Value) as unknown as z.ZodMiniType<JsonObject>

const end = {
  output: z.exactOptional(Value),
  echo: z.exactOptional(z.literal(true)),
  failure: z.exactOptional(
    z.strictObject({
      code: text,
      message: z.exactOptional(text),
      retryable: z.exactOptional(z.boolean()),
      details: z.exactOptional(Value),
    }),
  ),
  after: z.exactOptional(FixedDuration),
}

const outcome = z
  .strictObject({ ...end, hang: z.exactOptional(z.literal(true)), onAbort: z.exactOptional(z.strictObject(end)) })
  .check(
    z.refine((value) => ['output', 'echo', 'failure', 'hang'].filter((key) => key in value).length <= 1, {
      error: 'an attempt ends in one way: `output`, `echo`, `failure` or `hang`',
    }),
  )

const command = z.strictObject({
  at: FixedDuration,
  run: z.exactOptional(text),
  id: text,
  command: z.enum(['cancel', 'pause', 'resume', 'retry', 'raise', 'skip', 'override', 'migrate']),
  reason: z.exactOptional(text),
  force: z.exactOptional(z.boolean()),
  path: z.exactOptional(text),
  steps: z.exactOptional(count),
  duration: z.exactOptional(FixedDuration),
  transitions: z.exactOptional(count),
  downstream: z.exactOptional(z.boolean()),
  output: z.exactOptional(Value),
  plan: z.exactOptional(text),
})

const answer = z.strictObject({
  at: FixedDuration,
  run: z.exactOptional(text),
  id: text,
  path: text,
  choice: z.exactOptional(text),
  form: z.exactOptional(values),
  comment: z.exactOptional(text),
  by: z.exactOptional(text),
  hash: z.exactOptional(text),
})

const signal = z.strictObject({
  at: FixedDuration,
  run: z.exactOptional(text),
  id: text,
  name: text,
  data: z.exactOptional(Value),
})

const expectation = z.strictObject({
  events: z.array(z.union([text, z.record(text, values).check(z.refine((event) => Object.keys(event).length === 1))])),
  status: z.enum(['waiting', 'paused', 'blocked', 'completed', 'failed', 'cancelled']),
  output: z.exactOptional(values),
  failure: z.exactOptional(values),
  effects: z.exactOptional(z.record(text, count)),
})

/** The schema of a fixture file. */
export const Fixture: z.ZodMiniType<Fixture> = z.strictObject({
  title: text,
  definition: DefinitionSchema,
  plans: z.exactOptional(z.record(text, DefinitionSchema)),
  input: z.exactOptional(values),
  onFailure: z.exactOptional(z.literal('block')),
  handlers: z.exactOptional(
    z.record(text, z.strictObject({ effect: z.exactOptional(z.enum(['pure', 'idempotent', 'once', 'tx'])) })),
  ),
  script: z.exactOptional(z.record(text, z.array(outcome))),
  signals: z.exactOptional(z.array(signal)),
  answers: z.exactOptional(z.array(answer)),
  commands: z.exactOptional(z.array(command)),
  crashes: z.exactOptional(z.array(FixedDuration)),
  expect: expectation,
})
