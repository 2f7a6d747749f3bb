import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { RunEvent } from '@segno/schema/plan'
import { wrongBookings } from './bookings.ts'
import { executions, lateAttempts } from './executions.ts'
import { readJournals, type Journal } from './journal.ts'
import { crcOf, readLedger, type Entry } from './ledger.ts'
import { rows, statusOf } from './rows.ts'
import { secretsIn } from './secret.ts'
import { openStore, type StorePlace } from './store-place.ts'
import { earlyTimers } from './timers.ts'
import { onceSteps, workflowOf } from './workflows.ts'

/** What there was to judge, and what is wrong. */
export interface Findings {
  readonly wrong: readonly string[]
  readonly figures: Figures
}

/** How much of everything there was. */
export interface Figures {
  readonly runs: number
  readonly blockedRuns: number
  readonly cancelledRuns: number
  readonly events: number
  readonly acknowledgedEvents: number
  readonly completedSteps: number
  readonly startedProcesses: number
  readonly handlerCalls: number
  readonly recoveries: number
  readonly lostAttempts: number
  /** Begun by a host that had stood still, after another one had made the step's last attempt. */
  readonly lateAttempts: number
  readonly acceptedMessages: number
  readonly snapshots: number
  readonly blobs: number
}

/**
 * Judges a store by what was seen from outside: by the ledger, and by what it keeps as
 * `journal.ts` reads it. Only what a storage makes of it is asked of one, a new one.
 */
export async function judge(place: StorePlace): Promise<Findings> {
  const ledger = readLedger(join(place.folder, 'ledger'))
  const journals = await readJournals(place)
  const wrong = [
    ...journals.flatMap(({ runId, written }) =>
      [...orderOf(written), ...endOf(written), ...keysOf(written)].map((text) => `${runId}: ${text}`),
    ),
    ...acknowledgements(journals, ledger),
    ...executions(journals, ledger),
    ...messages(journals, ledger),
    ...earlyTimers(journals, ledger),
    ...(await secretsIn(place)),
    ...(await wrongBookings(place, journals)),
  ]
  const { storage, close } = openStore(place)
  try {
    wrong.push(...(await rows(storage, journals)))
  } finally {
    await close()
  }
  return { wrong, figures: figuresOf(journals, ledger) }
}

type Events = Journal['written']

function* orderOf(written: Events): Generator<string> {
  const succeeded = new Set<string>()
  let newest = 0
  for (const [index, { event, lease }] of written.entries()) {
    if (event.seq !== index + 1) yield `event ${event.seq} is at place ${index + 1}`
    if (isEnd(event) && index + 1 < written.length) yield `something follows ${event.type} at ${event.seq}`
    const isTold = event.type === 'attempt.started' || event.type === 'run.adopted'
    if (isTold && lease !== undefined && event.token !== lease) {
      yield `event ${event.seq} was written by lease ${lease} and says that it was ${event.token}`
    }
    if (isTold && event.token < newest) yield `event ${event.seq} has token ${event.token} after ${newest}`
    if (isTold) newest = event.token
    if (event.type !== 'step.completed') continue
    if (succeeded.has(event.path)) yield `${event.path} succeeded a second time at ${event.seq}`
    succeeded.add(event.path)
  }
}

// A run has ended, and gave what it gives without a crash; or it waits for somebody to find out about a `once` step.
function* endOf(written: Events): Generator<string> {
  const [created, last] = [written[0]?.event, written.at(-1)?.event]
  if (created?.type !== 'run.created') return yield 'there is no creation'
  const { input, workflow } = created
  for (const { event } of written) {
    if (event.type !== 'step.blocked') continue
    const isUnknown = event.failure.code === 'OUTCOME_UNKNOWN' && onceSteps.has(`${workflow}/${event.path}`)
    if (!isUnknown) yield `${event.path} is blocked: ${JSON.stringify(event.failure)}`
  }
  if (last?.type === 'run.completed') {
    const wanted = workflowOf(workflow).gives((input as { n: number }).n)
    if (!isDeepStrictEqual({ ...(last.output as object) }, { ...wanted })) {
      yield `${workflow} gave ${JSON.stringify(last.output)} and not ${JSON.stringify(wanted)}`
    }
  } else if (last?.type === 'run.cancelled') {
    if (!written.some(({ event }) => event.type === 'cancel.requested')) yield 'nobody cancelled it'
  } else if (last?.type === 'run.failed') yield `it failed: ${JSON.stringify(last.failure)}`
  else if (!written.some(({ event }) => workflow === 'careful' && isBlock(event))) {
    yield `${workflow} has not ended: the last event is ${last?.type} at ${last?.seq}`
  }
}

function isBlock({ type }: RunEvent): boolean {
  return type === 'step.blocked' || type === 'run.blocked'
}

function* keysOf(written: Events): Generator<string> {
  const keys = new Map<string, string>()
  for (const { event } of written) {
    if (event.type !== 'attempt.started') continue
    const known = keys.get(event.path)
    if (known !== undefined && known !== event.key) yield `${event.path} has two keys`
    keys.set(event.path, event.key)
  }
  if (new Set(keys.values()).size !== keys.size) yield 'two steps have one key'
}

function* acknowledgements(journals: readonly Journal[], ledger: readonly Entry[]): Generator<string> {
  const known = new Map(journals.map((journal) => [journal.runId, journal]))
  const tellers = new Map<string, string>()
  for (const entry of ledger) {
    if (entry.kind !== 'ack') continue
    const { runId, seq, worker } = entry
    const found = known.get(runId)?.written[seq - 1]
    if (found === undefined) yield `${runId}: acknowledged event ${seq} (${entry.type}) is lost`
    else if (crcOf(found.event) !== entry.crc) yield `${runId}: acknowledged event ${seq} (${entry.type}) is altered`
    const lease = found?.lease
    for (const thing of [`event ${seq}`, ...(lease === undefined ? [] : [`lease ${lease}`])]) {
      const teller = tellers.get(`${runId} ${thing}`)
      if (teller !== undefined && teller !== worker) yield `${runId}: ${teller} and ${worker} both had ${thing}`
      tellers.set(`${runId} ${thing}`, worker)
    }
  }
}

function* messages(journals: readonly Journal[], ledger: readonly Entry[]): Generator<string> {
  const accepted = new Map<string, Set<string>>()
  // Of these nobody heard what became: the store was away. Who sent them did so again.
  const doubtful = new Set<string>()
  const duplicates: (Entry & { kind: 'sent' })[] = []
  for (const entry of ledger) {
    if (entry.kind !== 'sent') continue
    const { runId, id, outcome } = entry
    const ids = accepted.get(runId) ?? new Set()
    accepted.set(runId, ids)
    if (outcome === 'unknown') yield `${runId}: ${id} was sent, and there is no such run`
    if (outcome === 'doubtful') doubtful.add(`${runId} ${id}`)
    if (outcome === 'duplicate') duplicates.push(entry)
    if (outcome === 'accepted' && ids.has(id)) yield `${runId}: ${id} was accepted twice`
    if (outcome === 'accepted') ids.add(id)
  }
  for (const { runId, id } of duplicates) {
    if (doubtful.has(`${runId} ${id}`)) accepted.get(runId)?.add(id)
    else if (accepted.get(runId)?.has(id) !== true) yield `${runId}: ${id} was a duplicate of nothing`
  }
  for (const { runId, written } of journals) {
    const events = written.map(({ event }) => event)
    const taken = events.flatMap((event) =>
      event.type === 'signal.received' || event.type === 'cancel.requested' ? [event.id] : [],
    )
    const hasEnded = events.some(isEnd)
    for (const id of accepted.get(runId) ?? []) {
      const times = taken.filter((one) => one === id).length
      if (times > 1 || (times === 0 && !hasEnded)) yield `${runId}: ${id} was accepted, and applied ${times} times`
    }
    for (const id of taken) {
      if (accepted.get(runId)?.has(id) !== true && !doubtful.has(`${runId} ${id}`))
        yield `${runId}: ${id} was applied, and nobody sent it`
    }
  }
}

function isEnd({ type }: RunEvent): boolean {
  return type === 'run.completed' || type === 'run.failed' || type === 'run.cancelled'
}

function figuresOf(journals: readonly Journal[], ledger: readonly Entry[]): Figures {
  const events = journals.flatMap(({ written }) => written.map(({ event }) => event))
  const count = (type: RunEvent['type']): number => events.filter((event) => event.type === type).length
  const ends = journals.map(({ written }) => statusOf(written).status)
  return {
    runs: journals.length,
    blockedRuns: ends.filter((status) => status === 'blocked').length,
    cancelledRuns: ends.filter((status) => status === 'cancelled').length,
    events: events.length,
    acknowledgedEvents: ledger.filter(({ kind }) => kind === 'ack').length,
    completedSteps: count('step.completed'),
    startedProcesses: ledger.filter((entry) => entry.kind === 'did' && entry.by === 'process').length,
    handlerCalls: ledger.filter((entry) => entry.kind === 'did' && entry.by === 'host').length,
    recoveries: count('run.adopted'),
    lostAttempts: count('attempt.lost'),
    lateAttempts: lateAttempts(journals, ledger).length,
    acceptedMessages: ledger.filter((entry) => entry.kind === 'sent' && entry.outcome === 'accepted').length,
    snapshots: journals.filter(({ hasSnapshot }) => hasSnapshot).length,
    blobs: journals.reduce((sum, { blobs }) => sum + blobs, 0),
  }
}
