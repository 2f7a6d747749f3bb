import type { Blob } from '../../ports/storage.ts'
import type { AppendRequest, CreateOutcome, LeaseName, NewRun, RunRow, Snapshot, Storage } from '../../ports/storage.ts'
import type { Json, RunEvent } from '@segno/schema/plan'
import { expectEqual, LawBroken } from '../expectation.ts'
import type { StorageUnderTest } from '../storage-under-test.ts'

/** A run as the laws create it; `changes` where a law cares. */
export function newRun(runId: string, changes: Partial<NewRun> = {}): NewRun {
  return { runId, incarnation: `${runId}-1`, workflow: 'law', plan: 'plan', labels: {}, ...changes }
}

/** The event at `seq` of a run in a law; `output` where it matters. */
export function event(runId: string, seq: number, output?: Json): RunEvent {
  const envelope = { seq, v: 1, at: 0, runId } as const
  return { ...envelope, type: 'step.completed', path: `step-${seq}`, ...(output === undefined ? {} : { output }) }
}

/** `count` events from `seq` on. */
export function events(runId: string, seq: number, count: number): RunEvent[] {
  return Array.from({ length: count }, (_, index) => event(runId, seq + index))
}

/** The event that ends a run. */
export function ending(runId: string, seq: number): RunEvent {
  return { seq, v: 1, at: 0, runId, type: 'run.completed' }
}

/** The name of a lease of a run of a law; of the first one unless told otherwise. */
export function held(runId: string, token = 1): LeaseName {
  return { runId, incarnation: `${runId}-1`, token }
}

/** An append of one event after `expectedSeq` with the first lease. */
export function batch(runId: string, expectedSeq: number, changes: Partial<AppendRequest> = {}): AppendRequest {
  return {
    ...held(runId),
    expectedSeq,
    batchId: `batch-${expectedSeq}`,
    events: [event(runId, expectedSeq + 1)],
    status: 'running',
    wakeAt: null,
    ...changes,
  }
}

/** The append that ends a run. */
export function endingBatch(runId: string, expectedSeq: number, changes: Partial<AppendRequest> = {}): AppendRequest {
  return batch(runId, expectedSeq, { events: [ending(runId, expectedSeq + 1)], status: 'completed', ...changes })
}

/** The append that parks a run without an event. */
export function parkingBatch(runId: string, expectedSeq: number, changes: Partial<AppendRequest> = {}): AppendRequest {
  return batch(runId, expectedSeq, { events: [], status: 'waiting', park: { inboxHead: 0 }, ...changes })
}

/** What a run of a law is created with. */
export interface Creation {
  readonly run?: Partial<NewRun>
  readonly first?: readonly RunEvent[]
  readonly blobs?: readonly Blob[]
  readonly inputHash?: string
  readonly idempotencyKey?: string
}

/** Creates a run of one event that nobody holds. */
export function create(storage: Storage, runId: string, creation: Creation = {}): Promise<CreateOutcome> {
  const { inputHash = 'input', idempotencyKey } = creation
  return storage.createRun(newRun(runId, creation.run), firstBatch(runId, creation), {
    inputHash,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  })
}

/** Creates a run of one event and holds its lease, whose token is 1. */
export async function claim(world: StorageUnderTest, runId: string, creation: Creation = {}): Promise<void> {
  const { inputHash = 'input', idempotencyKey } = creation
  const created = await world.storage.createRun(newRun(runId, creation.run), firstBatch(runId, creation), {
    inputHash,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    claim: { owner: 'creator', ttlMs: world.leaseMs },
  })
  expectEqual(created.outcome, 'created', `run ${JSON.stringify(runId)} is created`)
}

/** Acquires up to `limit` runs. */
export async function acquire(world: StorageUnderTest, limit = 10, owner = 'other'): ReturnType<Storage['acquire']> {
  return world.storage.acquire({ owner, ttlMs: world.leaseMs, limit })
}

/** The ids of the runs that `acquire` gives, in its order. */
export async function acquiredIds(world: StorageUnderTest, limit = 10): Promise<string[]> {
  const { runs } = await acquire(world, limit)
  return runs.map((run) => run.lease.runId)
}

/** Appends and expects the batch to be written. */
export async function write(storage: Storage, request: AppendRequest): Promise<void> {
  const { outcome } = await storage.append(request)
  expectEqual(outcome, 'ok', `the append at ${request.expectedSeq} of ${JSON.stringify(request.runId)}`)
}

/** Delivers a message named `note` and tells what became of it. */
export async function send(storage: Storage, runId: string, id: string): Promise<string> {
  return (await storage.deliver(runId, { id, name: 'note', payload: { id } })).outcome
}

/** A run as `load` tells it, all pages read. */
export interface WholeRun {
  readonly row: RunRow
  readonly snapshot: Snapshot | undefined
  readonly tail: readonly RunEvent[]
  /** The ids of its unconsumed messages. */
  readonly inbox: readonly string[]
}

/** Loads a run with all its pages; throws `LawBroken` if there is none. */
export async function whole(storage: Storage, runId: string): Promise<WholeRun> {
  const run = await storage.load(runId)
  if (run === undefined) throw new LawBroken(`run ${JSON.stringify(runId)} exists`)
  const tail = await gathered(run.tail)
  return { row: run.row, snapshot: run.snapshot, tail, inbox: run.inbox.map((message) => message.id) }
}

/** All events of all pages. */
export async function gathered(pages: AsyncIterable<readonly RunEvent[]>): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const page of pages) for (const one of page) all.push(one)
  return all
}

function firstBatch(runId: string, creation: Creation): Parameters<Storage['createRun']>[1] {
  const { first = [event(runId, 1)], blobs } = creation
  return { events: first, status: 'running', wakeAt: null, ...(blobs === undefined ? {} : { blobs }) }
}
