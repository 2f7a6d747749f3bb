import type { AppendRequest, LeaseName, Storage } from '@segno/core'
import type { Definition, RunEvent } from '@segno/schema/plan'

/** A call to a storage, made by one of the processes that use it. */
export interface Move {
  readonly what: string
  /** Which process makes it: the first unless told otherwise. */
  readonly by?: number
  /** How much time passes before it. */
  readonly afterMs?: number
  readonly make: (storage: Storage) => Promise<unknown>
}

/** A few calls, one after the other. */
export interface Workload {
  readonly name: string
  readonly moves: readonly Move[]
}

export const leaseMs = 30_000
export const planHash = 'f'.repeat(64)
export const blobHashes = ['a'.repeat(64), 'b'.repeat(64)] as const

const plan: Definition = { segno: 1, name: 'plan', steps: [] }

/** An event of the run; `note` tells it from others at its place. */
export function event(seq: number, note = ''): RunEvent {
  return { seq, v: 1, at: 0, runId: 'run', type: 'step.completed', path: `step-${seq}`, output: note }
}

/** The name of a lease of the first incarnation. */
function held(token: number): LeaseName {
  return { runId: 'run', incarnation: 'run-1', token }
}

/** An append of one event after `expectedSeq`. */
export function batch(expectedSeq: number, changes: Partial<AppendRequest> = {}): AppendRequest {
  const events = [event(expectedSeq + 1)]
  return {
    ...held(1),
    expectedSeq,
    batchId: `batch-${expectedSeq}`,
    events,
    status: 'running',
    wakeAt: null,
    ...changes,
  }
}

function append(expectedSeq: number, changes: Partial<AppendRequest> = {}, by = 0): Move {
  const request = batch(expectedSeq, changes)
  return {
    what: `append after ${expectedSeq} with token ${request.token}`,
    by,
    make: (storage) => storage.append(request),
  }
}

function create(claims: boolean, changes: { incarnation?: string; key?: string; runId?: string } = {}): Move {
  const { incarnation = 'run-1', key, runId = 'run' } = changes
  const run = { runId, incarnation, workflow: 'crash', plan: planHash, labels: { team: 'a' } }
  const events = [{ ...event(1, incarnation), runId }]
  const blobs = [{ sha256: blobHashes[0], size: 3, text: '"a"' }]
  return {
    what: `create ${runId} as ${incarnation}`,
    make: (storage) =>
      storage.createRun(
        run,
        { events, blobs, status: 'running', wakeAt: null },
        {
          inputHash: 'input',
          ...(key === undefined ? {} : { idempotencyKey: key }),
          ...(claims ? { claim: { owner: 'creator', ttlMs: leaseMs } } : {}),
        },
      ),
  }
}

function deliver(id: string): Move {
  return { what: `deliver ${id}`, make: (storage) => storage.deliver('run', { id, name: 'note', payload: { id } }) }
}

function acquire(by: number, afterMs = 0): Move {
  const make: Move['make'] = (storage) => storage.acquire({ owner: `process ${by}`, ttlMs: leaseMs, limit: 1 })
  return { what: 'acquire', by, afterMs, make }
}

function park(expectedSeq: number, changes: Partial<AppendRequest> = {}): Move {
  return append(expectedSeq, { batchId: 'park', events: [], status: 'waiting', park: { inboxHead: 0 }, ...changes })
}

const putPlan: Move = { what: 'put the plan', make: (storage) => storage.putPlan(planHash, plan) }
const remove: Move = { what: 'delete', make: (storage) => storage.delete('run') }
const renew: Move = {
  what: 'renew',
  afterMs: 1000,
  make: (storage) => storage.renew({ leases: [held(1)], ttlMs: leaseMs }),
}
const release: Move = { what: 'release', make: (storage) => storage.release(held(1)) }
const end: Partial<AppendRequest> = {
  events: [event(2), { seq: 3, v: 1, at: 0, runId: 'run', type: 'run.completed' }],
  status: 'completed',
}
const snapshot = (seq: number): Partial<AppendRequest> => ({ snapshot: { seq, format: 1, state: { seq } } })
const secondBlob = { blobs: [{ sha256: blobHashes[1], size: 3, text: '"b"' }] }

/** What a storage is put through: everything that its protocols consist of, in small. */
export const workloads: readonly Workload[] = [
  { name: 'plan and create', moves: [putPlan, create(true)] },
  { name: 'create unclaimed and acquire', moves: [create(false), acquire(0)] },
  { name: 'create and append', moves: [create(true), append(1)] },
  { name: 'append and append', moves: [create(true), append(1, { events: [event(2), event(3)] }), append(3)] },
  {
    name: 'park, acquire and append',
    moves: [create(true), park(1, { wakeAt: 0 }), acquire(0), append(1, { token: 2 })],
  },
  { name: 'deliver and deliver', moves: [create(false), deliver('a'), deliver('b')] },
  {
    name: 'deliver and consume',
    moves: [create(true), deliver('a'), deliver('b'), append(1, { consume: ['a'] }), deliver('a')],
  },
  { name: 'park and deliver', moves: [create(true), park(1), deliver('a'), acquire(0)] },
  { name: 'snapshots', moves: [create(true), append(1, snapshot(2)), append(2, snapshot(3))] },
  {
    name: 'takeover by a second process',
    moves: [create(true), append(1), acquire(1, leaseMs), append(2, { token: 2 }, 1), append(2, { batchId: 'zombie' })],
  },
  { name: 'end and delete', moves: [create(true), append(1, end), remove] },
  {
    name: 'delete and create anew',
    moves: [create(false), deliver('a'), remove, create(true, { incarnation: 'run-2' })],
  },
  {
    name: 'an idempotency key',
    moves: [create(true, { key: 'key' }), create(true, { key: 'key', runId: 'other', incarnation: 'other-1' })],
  },
  {
    name: 'an idempotency key freed',
    moves: [create(false, { key: 'key' }), remove, create(true, { key: 'key', incarnation: 'run-2' })],
  },
  { name: 'blobs', moves: [create(true), append(1, secondBlob)] },
  { name: 'renew and release', moves: [create(true), renew, release, acquire(0)] },
]
