import { describe, expect, test } from 'vitest'
import { packCalls, packReplies, unpackCalls, unpackReplies } from './packed.ts'
import type { AppendText, CallOf, Calls, Reply } from './protocol.ts'

const plain: AppendText = {
  ...{ runId: 'run', incarnation: 'one', token: 3, batchId: '3.7', expectedSeq: 4, status: 'running', wakeAt: null },
  events: [
    { seq: 5, runId: 'run', type: 'step.completed', json: '{"seq":5}' },
    { seq: 6, runId: 'run', type: 'attempt.started', json: '{"seq":6}' },
  ],
}
const whole: AppendText = {
  ...{ ...plain, wakeAt: 12.5, plan: 'p', notBefore: 7, consume: ['m'], park: { inboxHead: 2 }, release: false },
  blobs: [{ sha256: 'a', size: 1, text: 'x' }],
  snapshot: { seq: 6, format: 1, json: '{}' },
}

function call<Op extends keyof Calls>(op: Op, args: Calls[Op]['args'], now?: number): CallOf<Op> {
  return { id: 1, now, op, args }
}

describe('calls that are packed', () => {
  const calls: Readonly<Record<string, readonly CallOf<keyof Calls>[]>> = {
    'an append': [call('append', plain)],
    'an append with all that one can have': [call('append', whole, 5)],
    'an append without an event': [call('append', { ...plain, events: [], release: true })],
    'an append with an event of another run': [
      call('append', { ...plain, events: [{ seq: 9, runId: 'other', type: 'step.completed', json: '{}' }] }),
    ],
    several: [
      call('getPlan', { hash: 'none' }),
      call('append', plain),
      call('row', { runId: 'run' }),
      call('append', whole),
    ],
    none: [],
  }
  test.for(Object.keys(calls))('are the same on the other side: %s', (name) => {
    const sent = calls[name] ?? []
    expect(unpackCalls(structuredClone(packCalls(sent)))).toEqual(sent)
  })

  test.for(['blobs', 'plan', 'notBefore', 'consume', 'snapshot', 'park', 'release'] as const)(
    'keep the `%s` of an append that has nothing else of its kind',
    (name) => {
      const sent = [call('append', { ...plain, [name]: whole[name] })]
      expect(unpackCalls(structuredClone(packCalls(sent)))).toEqual(sent)
    },
  )
})

describe('replies that are packed', () => {
  const replies: readonly Reply[] = [
    { id: 1, answer: { outcome: 'ok', now: 5.5, inboxHead: 3 } },
    { id: 2, answer: { outcome: 'duplicate', now: 5.5, inboxHead: 3 } },
    { id: 3, answer: { outcome: 'conflict', now: 5.5 } },
    { id: 4, answer: undefined },
    { id: 5, answer: null },
    { id: 6, answer: '{}' },
    { id: 7, fault: { code: 'STORAGE_UNAVAILABLE', message: 'it is gone', ambiguous: true } },
    { id: 8, answer: { rows: [{ outcome: 'ok' }], rowCount: 1 } },
  ]
  test('are the same on the other side', () => {
    expect(unpackReplies(structuredClone(packReplies(replies)))).toStrictEqual(replies)
  })
})
