import { describe, expect, test } from 'vitest'
import { eventSchemas, RunEvent } from './event-schema.ts'
import type { EventPayloads, EventType } from './event.ts'

const envelope = { seq: 1, v: 1, at: 0, runId: 'run' } as const
const failure = {
  code: 'HANDLER_FAILED',
  message: 'no',
  retryable: true,
  cause: { code: 'TIMEOUT', message: 'late', retryable: false },
}
const because = { code: 'CANCELLED' }
const path = 'loop[3]/review~2'
const blob = { sha256: 'a'.repeat(64), size: 20_000 }

const payloads: EventPayloads = {
  'run.created': {
    plan: 'b'.repeat(64),
    workflow: 'w',
    incarnation: 'i',
    engine: '0.1.0',
    input: { a: [null] },
    labels: {},
    handlers: {},
  },
  'run.adopted': { token: 2 },
  'run.blocked': { because },
  'run.unblocked': { because },
  'run.settled': { status: 'completed', outputBlob: blob },
  'run.completed': { outputBlob: blob },
  'run.failed': { failure },
  'run.cancelled': { because },
  'step.started': { path, attempt: 1, items: [1, 'a'], concurrency: 2 },
  'step.completed': { path, output: null, exitCode: 0 },
  'step.failed': { path, attempt: 0, failure },
  'step.skipped': { path, because },
  'step.cancelled': { path, because, failure },
  'step.blocked': { path, attempt: 3, failure },
  'attempt.started': { path, attempt: 1, token: 1, effect: 'once', key: 'i/a', input: {} },
  'attempt.failed': { path, attempt: 1, failure, retryAt: 1000 },
  'attempt.lost': { path, attempt: 1, token: 1 },
  'attempt.abandoned': { path, attempt: 1 },
  'branch.taken': { path, branch: 'else', value: false, attempt: 1 },
  'iteration.started': { path, index: 0 },
  'iteration.completed': { path, index: 0, done: true },
  'iteration.failed': { path, index: 0, failure },
  'iteration.cancelled': { path, index: 0 },
  'state.entered': { path, state: 'draft', index: 0, by: 'signal', signal: 'go', data: { n: 1 } },
  'timer.set': { path, due: 1, purpose: 'retry' },
  'timer.fired': { path, purpose: 'grace' },
  'signal.received': { id: 's', name: 'go', data: 1 },
  'signal.consumed': { path, id: 's' },
  'signal.ignored': { id: 's', because },
  'signal.replied': { path, id: 's1', data: [1] },
  'signal.emitted': { path, name: 'done', data: [1] },
  'task.asked': {
    path,
    attempt: 1,
    hash: 'c'.repeat(64),
    title: 'Fine?',
    choices: ['yes', 'no'],
    form: { text: { type: 'string', default: '' } },
    assignees: ['ada'],
    subject: { n: 1 },
  },
  'task.answered': { path, id: 'a', answer: { choice: 'yes' } },
  'child.started': { path, child: 'sub_1' },
  'child.settled': { path, child: 'sub_1', status: 'failed', failure },
  'cancel.requested': { id: 'c', because, force: false },
  'operator.acted': { id: 'o', action: 'retry', path },
  'plan.migrated': { id: 'm', from: 'a'.repeat(64), to: 'b'.repeat(64), handlers: {} },
}

describe('the schema of an event', () => {
  test.for(Object.entries(payloads))('takes %s, and no key beside those it has', ([type, payload]) => {
    const event = { ...envelope, type, ...payload }
    expect(RunEvent.parse(event)).toStrictEqual(event)
    expect(RunEvent.safeParse({ ...event, more: 1 }).success).toBe(false)
    expect(RunEvent.safeParse({ ...event, seq: 0 }).success).toBe(false)
  })

  test('is there for every type', () => {
    expect(Object.keys(eventSchemas).toSorted()).toEqual(Object.keys(payloads).toSorted())
  })

  test('refuses a type that is not in the catalogue', () => {
    expect(RunEvent.safeParse({ ...envelope, type: 'run.imagined' satisfies Exclude<string, EventType> }).success).toBe(
      false,
    )
  })

  test('refuses another version', () => {
    expect(RunEvent.safeParse({ ...envelope, v: 2, type: 'run.adopted', token: 1 }).success).toBe(false)
  })

  test('tells in English what is wrong', () => {
    const { error } = RunEvent.safeParse({ ...envelope, type: 'run.adopted', token: '1', more: 1 })
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'Invalid input: expected number, received string',
      'Unrecognized key: "more"',
    ])
  })
})
