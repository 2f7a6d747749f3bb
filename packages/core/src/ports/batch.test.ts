import { describe, expect, test } from 'vitest'
import { isSameBatch } from './batch.ts'
import { mayHaveWritten, StorageFault } from './storage-fault.ts'
import type { AppendRequest } from './storage.ts'

const request: AppendRequest = {
  runId: 'run',
  incarnation: 'incarnation',
  expectedSeq: 1,
  token: 1,
  batchId: 'a',
  events: [
    { seq: 2, v: 1, at: 0, runId: 'run', type: 'step.completed', path: 'a', output: { deep: [1, { a: null }] } },
  ],
  status: 'running',
  wakeAt: null,
}

describe('a batch sent again', () => {
  test('is the same when it is copied, and under another token', () => {
    expect(isSameBatch(request, structuredClone({ ...request, token: 7 }))).toBe(true)
  })

  test('is the same when a field that is undefined was dropped', () => {
    const again = structuredClone(request)
    for (const event of again.events) Reflect.set(event, 'outputBlob', undefined)
    expect(isSameBatch(request, again)).toBe(true)
  })

  test.for<Partial<AppendRequest>>([
    { expectedSeq: 2 },
    { events: [] },
    {
      events: [
        { seq: 2, v: 1, at: 0, runId: 'run', type: 'step.completed', path: 'a', output: { deep: [1, { a: 0 }] } },
      ],
    },
    { events: [{ seq: 2, v: 1, at: 0, runId: 'run', type: 'step.completed', path: 'a', output: { deep: { 0: 1 } } }] },
    { status: 'waiting' },
    { wakeAt: 0 },
    { consume: ['a'] },
  ])('is another with %j', (changes) => {
    expect(isSameBatch(request, { ...request, ...changes })).toBe(false)
  })
})

describe('mayHaveWritten', () => {
  test('only an error that says so wrote nothing', () => {
    const cause = new Error('broken pipe')
    const sure = new StorageFault('STORAGE_UNAVAILABLE', 'refused', { ambiguous: false, cause })
    expect(mayHaveWritten(sure)).toBe(false)
    expect(sure.cause).toBe(cause)
    expect(mayHaveWritten(new StorageFault('STORAGE_UNAVAILABLE', 'lost', { ambiguous: true }))).toBe(true)
    expect(mayHaveWritten({ ambiguous: false })).toBe(false)
    for (const other of [cause, undefined, null, 'lost', { ambiguous: 0 }]) expect(mayHaveWritten(other)).toBe(true)
  })
})
