import * as z from 'zod'
import { Input } from './document/json-schema.ts'
import { Value } from './document/slot.ts'
import type * as model from './event.ts'
import type * as failure from './failure.ts'

/** What the journal keeps of a run or step that went wrong. */
export const Failure: z.ZodType<failure.Failure> = z.lazy(() =>
  z.strictObject({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    retryAfterMs: z.int().min(0).exactOptional(),
    details: Value.exactOptional(),
    cause: Failure.exactOptional(),
  }),
)

export type Failure = failure.Failure

const optionalValue = Value.exactOptional()
const text = z.string()
const flag = z.boolean()
const count = z.int().min(0)
const instant = z.int().min(0)
const optionalInstant = instant.exactOptional()
const path = text
const attempt = count
const labels = z.record(z.string(), text)
const effect = z.enum(['pure', 'idempotent', 'once', 'tx'])
const purpose = z.enum(['sleep', 'every', 'after', 'timeout', 'retry', 'grace', 'duration'])

const blob = z.strictObject({ sha256: text.regex(/^[0-9a-f]{64}$/), size: count }).exactOptional()
const reused = z.strictObject({
  input: text.exactOptional(),
  output: optionalValue,
  outputBlob: blob,
  exitCode: count.exactOptional(),
  edited: z.literal(true).exactOptional(),
})
const because = z.strictObject({ code: text, message: text.exactOptional(), details: optionalValue })
const settled = {
  status: z.enum(['completed', 'failed', 'cancelled']),
  output: optionalValue,
  outputBlob: blob,
  failure: Failure.exactOptional(),
  because: because.exactOptional(),
}
const undoable = { undo: optionalValue, undoBlob: blob, undoFailure: Failure.exactOptional() }
const handler = z.strictObject({ version: text, effect: effect.exactOptional() })

type EventShape<T extends model.EventType> = {
  readonly [Key in keyof model.EventPayloads[T]]-?: z.ZodType<model.EventPayloads[T][Key]>
}

type EventSchemas = { readonly [T in model.EventType]: z.ZodType<model.EventOf<T>> }

/** The schema of each type of event: a line of a journal, no key missing, none beside. */
export const eventSchemas: EventSchemas = {
  'run.created': event('run.created', {
    plan: text.regex(/^[0-9a-f]{64}$/),
    workflow: text,
    incarnation: text,
    engine: text,
    input: optionalValue,
    inputBlob: blob,
    labels,
    handlers: z.record(z.string(), handler),
    parent: z.strictObject({ runId: text, path, awaited: z.literal(true).exactOptional() }).exactOptional(),
    deadline: optionalInstant,
    forkedFrom: z.strictObject({ runId: text, at: path.exactOptional(), by: text.exactOptional() }).exactOptional(),
    reuse: z.record(z.string(), reused).exactOptional(),
    reuseBlob: blob,
    onFailure: z.literal('block').exactOptional(),
  }),
  'run.adopted': event('run.adopted', { token: count }),
  'run.blocked': event('run.blocked', { because }),
  'run.unblocked': event('run.unblocked', { because }),
  'run.settled': event('run.settled', settled),
  'run.completed': event('run.completed', { output: optionalValue, outputBlob: blob }),
  'run.failed': event('run.failed', { failure: Failure }),
  'run.cancelled': event('run.cancelled', { because }),
  'step.started': event('step.started', {
    path,
    attempt,
    deadline: optionalInstant,
    items: z.array(Value).exactOptional(),
    itemsBlob: blob,
    count: count.exactOptional(),
    concurrency: count.exactOptional(),
    max: count.exactOptional(),
    initial: optionalValue,
    initialBlob: blob,
    signal: text.exactOptional(),
    input: optionalValue,
    inputBlob: blob,
    child: text.exactOptional(),
  }),
  'step.completed': event('step.completed', {
    ...undoable,
    path,
    output: optionalValue,
    outputBlob: blob,
    exitCode: count.exactOptional(),
    reused: z.literal(true).exactOptional(),
  }),
  'step.failed': event('step.failed', { ...undoable, path, attempt, failure: Failure }),
  'step.skipped': event('step.skipped', { path, because }),
  'step.cancelled': event('step.cancelled', { ...undoable, path, because, failure: Failure.exactOptional() }),
  'step.blocked': event('step.blocked', { path, attempt, failure: Failure }),
  'attempt.started': event('attempt.started', {
    path,
    attempt,
    token: count,
    effect,
    key: text,
    deadline: optionalInstant,
    input: optionalValue,
    inputBlob: blob,
  }),
  'attempt.failed': event('attempt.failed', { path, attempt, failure: Failure, retryAt: instant }),
  'attempt.lost': event('attempt.lost', { path, attempt, token: count }),
  'attempt.abandoned': event('attempt.abandoned', { path, attempt }),
  'branch.taken': event('branch.taken', {
    path,
    branch: text,
    value: optionalValue,
    failure: Failure.exactOptional(),
    index: count.exactOptional(),
    attempt,
    deadline: optionalInstant,
  }),
  'iteration.started': event('iteration.started', { path, index: count }),
  'iteration.completed': event('iteration.completed', {
    path,
    index: count,
    output: optionalValue,
    outputBlob: blob,
    done: flag.exactOptional(),
  }),
  'iteration.failed': event('iteration.failed', { path, index: count, failure: Failure }),
  'iteration.cancelled': event('iteration.cancelled', { path, index: count }),
  'state.entered': event('state.entered', {
    path,
    state: text,
    index: count,
    by: z.enum(['initial', 'next', 'signal', 'after']),
    signal: text.exactOptional(),
    data: optionalValue,
    dataBlob: blob,
  }),
  'timer.set': event('timer.set', { path, due: instant, purpose }),
  'timer.fired': event('timer.fired', { path, purpose }),
  'signal.received': event('signal.received', {
    id: text,
    name: text,
    data: optionalValue,
    dataBlob: blob,
    sender: text.exactOptional(),
  }),
  'signal.consumed': event('signal.consumed', { path, id: text }),
  'signal.ignored': event('signal.ignored', { id: text, because }),
  'signal.replied': event('signal.replied', { path, id: text, data: optionalValue, dataBlob: blob }),
  'signal.emitted': event('signal.emitted', { path, name: text, data: optionalValue, dataBlob: blob }),
  'task.asked': event('task.asked', {
    path,
    attempt,
    hash: text,
    title: text,
    body: text.exactOptional(),
    choices: z.array(text).exactOptional(),
    form: z.record(text, Input).exactOptional(),
    assignees: z.array(text).exactOptional(),
    subject: optionalValue,
    subjectBlob: blob,
    deadline: optionalInstant,
  }),
  'task.answered': event('task.answered', { path, id: text, answer: optionalValue, answerBlob: blob }),
  'child.started': event('child.started', { path, child: text }),
  'child.settled': event('child.settled', { ...settled, path, child: text }),
  'cancel.requested': event('cancel.requested', { id: text, because, force: flag, actor: text.exactOptional() }),
  'operator.acted': event('operator.acted', {
    id: text,
    action: z.enum(['pause', 'resume', 'retry', 'raise', 'skip', 'override', 'migrate']),
    actor: text.exactOptional(),
    reason: text.exactOptional(),
    path: path.exactOptional(),
    again: z.array(path).exactOptional(),
    output: optionalValue,
    outputBlob: blob,
    before: optionalValue,
    after: optionalValue,
    refused: because.exactOptional(),
  }),
  'plan.migrated': event('plan.migrated', {
    id: text,
    from: text.regex(/^[0-9a-f]{64}$/),
    to: text.regex(/^[0-9a-f]{64}$/),
    handlers: z.record(z.string(), handler),
    input: optionalValue,
    inputBlob: blob,
    actor: text.exactOptional(),
    reason: text.exactOptional(),
  }),
}

/** One fact of a run, of any type. */
export const RunEvent: z.ZodType<model.RunEvent> = z.discriminatedUnion(
  'type',
  Object.values(eventSchemas) as unknown as readonly [z.ZodObject<{ type: z.ZodLiteral<string> }>],
) as unknown as z.ZodType<model.RunEvent>

export type RunEvent = model.RunEvent

function event<T extends model.EventType>(type: T, payload: EventShape<NoInfer<T>>): z.ZodType<model.EventOf<T>> {
  const envelope = { seq: z.int().min(1), v: z.literal(1), at: instant, runId: text, type: z.literal(type) }
  return z.strictObject({ ...envelope, ...payload }) as unknown as z.ZodType<model.EventOf<T>>
}
