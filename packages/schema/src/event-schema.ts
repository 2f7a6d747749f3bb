import * as z from 'zod/mini'
import { Input } from './document/json-schema.ts'
import { Value } from './document/slot.ts'
import type * as model from './event.ts'
import type * as failure from './failure.ts'

/** What the journal keeps of a run or step that went wrong. */
export const Failure: z.ZodMiniType<failure.Failure> = z.lazy(() =>
  z.strictObject({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    retryAfterMs: z.exactOptional(z.int().check(z.minimum(0))),
    details: z.exactOptional(Value),
    cause: z.exactOptional(Failure),
  }),
)

export type Failure = failure.Failure

const optionalValue = z.exactOptional(Value)
const text = z.string()
const flag = z.boolean()
const count = z.int().check(z.minimum(0))
const instant = z.int().check(z.minimum(0))
const optionalInstant = z.exactOptional(instant)
const path = text
const attempt = count
const labels = z.record(z.string(), text)
const effect = z.enum(['pure', 'idempotent', 'once', 'tx'])
const purpose = z.enum(['sleep', 'every', 'after', 'timeout', 'retry', 'grace', 'duration'])

const blob = z.exactOptional(z.strictObject({ sha256: text.check(z.regex(/^[0-9a-f]{64}$/)), size: count }))
const reused = z.strictObject({
  input: z.exactOptional(text),
  output: optionalValue,
  outputBlob: blob,
  exitCode: z.exactOptional(count),
  edited: z.exactOptional(z.literal(true)),
})
const because = z.strictObject({ code: text, message: z.exactOptional(text), details: optionalValue })
const settled = {
  status: z.enum(['completed', 'failed', 'cancelled']),
  output: optionalValue,
  outputBlob: blob,
  failure: z.exactOptional(Failure),
  because: z.exactOptional(because),
}
const undoable = { undo: optionalValue, undoBlob: blob, undoFailure: z.exactOptional(Failure) }
const handler = z.strictObject({ version: text, effect: z.exactOptional(effect) })

type EventShape<T extends model.EventType> = {
  readonly [Key in keyof model.EventPayloads[T]]-?: z.ZodMiniType<model.EventPayloads[T][Key]>
}

type EventSchemas = { readonly [T in model.EventType]: z.ZodMiniType<model.EventOf<T>> }

/** The schema of each type of event: a line of a journal, no key missing, none beside. */
export const eventSchemas: EventSchemas = {
  'run.created': event('run.created', {
    plan: text.check(z.regex(/^[0-9a-f]{64}$/)),
    workflow: text,
    incarnation: text,
    engine: text,
    input: optionalValue,
    inputBlob: blob,
    labels,
    handlers: z.record(z.string(), handler),
    parent: z.exactOptional(z.strictObject({ runId: text, path, awaited: z.exactOptional(z.literal(true)) })),
    deadline: optionalInstant,
    forkedFrom: z.exactOptional(z.strictObject({ runId: text, at: z.exactOptional(path), by: z.exactOptional(text) })),
    reuse: z.exactOptional(z.record(z.string(), reused)),
    reuseBlob: blob,
    onFailure: z.exactOptional(z.literal('block')),
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
    items: z.exactOptional(z.array(Value)),
    itemsBlob: blob,
    count: z.exactOptional(count),
    concurrency: z.exactOptional(count),
    max: z.exactOptional(count),
    initial: optionalValue,
    initialBlob: blob,
    signal: z.exactOptional(text),
    input: optionalValue,
    inputBlob: blob,
    child: z.exactOptional(text),
  }),
  'step.completed': event('step.completed', {
    ...undoable,
    path,
    output: optionalValue,
    outputBlob: blob,
    exitCode: z.exactOptional(count),
    reused: z.exactOptional(z.literal(true)),
  }),
  'step.failed': event('step.failed', { ...undoable, path, attempt, failure: Failure }),
  'step.skipped': event('step.skipped', { path, because }),
  'step.cancelled': event('step.cancelled', { ...undoable, path, because, failure: z.exactOptional(Failure) }),
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
    failure: z.exactOptional(Failure),
    index: z.exactOptional(count),
    attempt,
    deadline: optionalInstant,
  }),
  'iteration.started': event('iteration.started', { path, index: count }),
  'iteration.completed': event('iteration.completed', {
    path,
    index: count,
    output: optionalValue,
    outputBlob: blob,
    done: z.exactOptional(flag),
  }),
  'iteration.failed': event('iteration.failed', { path, index: count, failure: Failure }),
  'iteration.cancelled': event('iteration.cancelled', { path, index: count }),
  'state.entered': event('state.entered', {
    path,
    state: text,
    index: count,
    by: z.enum(['initial', 'next', 'signal', 'after']),
    signal: z.exactOptional(text),
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
    sender: z.exactOptional(text),
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
    body: z.exactOptional(text),
    choices: z.exactOptional(z.array(text)),
    form: z.exactOptional(z.record(text, Input)),
    assignees: z.exactOptional(z.array(text)),
    subject: optionalValue,
    subjectBlob: blob,
    deadline: optionalInstant,
  }),
  'task.answered': event('task.answered', { path, id: text, answer: optionalValue, answerBlob: blob }),
  'child.started': event('child.started', { path, child: text }),
  'child.settled': event('child.settled', { ...settled, path, child: text }),
  'cancel.requested': event('cancel.requested', { id: text, because, force: flag, actor: z.exactOptional(text) }),
  'operator.acted': event('operator.acted', {
    id: text,
    action: z.enum(['pause', 'resume', 'retry', 'raise', 'skip', 'override', 'migrate']),
    actor: z.exactOptional(text),
    reason: z.exactOptional(text),
    path: z.exactOptional(path),
    again: z.exactOptional(z.array(path)),
    output: optionalValue,
    outputBlob: blob,
    before: optionalValue,
    after: optionalValue,
    refused: z.exactOptional(because),
  }),
  'plan.migrated': event('plan.migrated', {
    id: text,
    from: text.check(z.regex(/^[0-9a-f]{64}$/)),
    to: text.check(z.regex(/^[0-9a-f]{64}$/)),
    handlers: z.record(z.string(), handler),
    input: optionalValue,
    inputBlob: blob,
    actor: z.exactOptional(text),
    reason: z.exactOptional(text),
  }),
}

/** One fact of a run, of any type. */
export const RunEvent: z.ZodMiniType<model.RunEvent> = z.discriminatedUnion(
  'type',
  Object.values(eventSchemas) as unknown as readonly [z.ZodMiniObject<{ type: z.ZodMiniLiteral<string> }>],
) as unknown as z.ZodMiniType<model.RunEvent>

export type RunEvent = model.RunEvent

function event<T extends model.EventType>(type: T, payload: EventShape<NoInfer<T>>): z.ZodMiniType<model.EventOf<T>> {
  const envelope = {
    seq: z.int().check(z.minimum(1)),
    v: z.literal(1),
    at: instant,
    runId: text,
    type: z.literal(type),
  }
  return z.strictObject({ ...envelope, ...payload }) as unknown as z.ZodMiniType<model.EventOf<T>>
}
