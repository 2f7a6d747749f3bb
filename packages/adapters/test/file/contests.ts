import type { AppendRequest, Storage } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import { opened, viewOf } from './crash-check.ts'
import { crashStates } from './crash-states.ts'
import type { DiskImage } from './disk-image.ts'
import type { Contest } from './interleavings.ts'
import { SimulatedDisk } from './simulated-disk.ts'
import type { DiskHooks } from './simulated-disk.ts'
import { batch, event, leaseMs, planHash } from './workloads.ts'

const epoch = Date.UTC(2026, 0, 1)
const later = epoch + leaseMs
const random = /\/(?:staging|sending|trash)\/(?:.*~)?([^/]+)/

/** What a process was told is written. */
type Acknowledged = readonly RunEvent[]

/** How a holder writes while another process takes its run over. */
export interface Takeover {
  /** What its batch is, beside one event. */
  readonly batch?: Partial<AppendRequest>
  /** What the holder is told of the names in a folder: a lie, to see that it needs the truth. */
  readonly listed?: DiskHooks['listed']
}

/**
 * The holder of a run appends, and by its clock holds it, while to another process
 * its lease has run out: that one takes the run over and appends too.
 */
export function takeover({ batch: changes = {}, listed }: Takeover = {}): Contest {
  const held = batch(1, { batchId: 'holder', events: [event(2, 'holder')], ...changes })
  return {
    random,
    async prepare(hooksOf) {
      const simulated = new SimulatedDisk()
      const lie = listed === undefined ? {} : { listed }
      const holder = opened(simulated, { now: () => epoch, hooks: { ...hooksOf(0), ...lie } })
      const other = opened(simulated, { now: () => later, hooks: hooksOf(1) })
      await claim(holder)
      return {
        simulated,
        processes: [
          async (): Promise<Acknowledged> => ((await holder.append(held)).outcome === 'ok' ? held.events : []),
          () => takeUp(other, 'other'),
        ],
      }
    },
    judge: judgeJournal,
  }
}

/** Two processes take up one run that nobody holds. */
export function acquisition(): Contest {
  return {
    random,
    async prepare(hooksOf) {
      const simulated = new SimulatedDisk()
      const processes = [0, 1].map((process) => opened(simulated, { now: () => epoch, hooks: hooksOf(process) }))
      await processes[0]?.createRun(run, first, { inputHash: 'input' })
      return { simulated, processes: processes.map((storage, process) => () => takeUp(storage, `process ${process}`)) }
    },
    judge: judgeJournal,
  }
}

/** A message comes while the holder parks the run. */
export function parking(): Contest {
  return {
    random,
    async prepare(hooksOf) {
      const simulated = new SimulatedDisk()
      const holder = opened(simulated, { now: () => epoch, hooks: hooksOf(0) })
      const sender = opened(simulated, { now: () => epoch, hooks: hooksOf(1) })
      await claim(holder)
      const park = batch(1, { events: [], status: 'waiting', park: { inboxHead: 0 } })
      return {
        simulated,
        processes: [
          async () => (await holder.append(park)).outcome,
          async () => (await sender.deliver('run', { id: 'a', name: 'note', payload: null })).outcome,
        ],
      }
    },
    async judge(simulated, answers) {
      if (answers.size < 2) return undefined
      const [parked, delivered] = [answers.get(0), answers.get(1)]
      const finder = opened(simulated, { now: () => epoch })
      const { runs } = await finder.acquire({ owner: 'finder', ttlMs: leaseMs, limit: 1 })
      const isTold = parked === 'inboxMoved' || (parked === 'ok' && runs.length === 1)
      return delivered === 'accepted' && isTold
        ? undefined
        : `park ${String(parked)}, message ${String(delivered)}, due ${runs.length}`
    },
  }
}

const run = { runId: 'run', incarnation: 'run-1', workflow: 'crash', plan: planHash, labels: {} }
const first = { events: [event(1)], status: 'running', wakeAt: null } as const

async function claim(storage: Storage): Promise<void> {
  await storage.createRun(run, first, { inputHash: 'input', claim: { owner: 'holder', ttlMs: leaseMs } })
}

// A driver loads what it has acquired, and appends to that.
async function takeUp(storage: Storage, note: string): Promise<Acknowledged> {
  const { runs } = await storage.acquire({ owner: note, ttlMs: leaseMs, limit: 1, runIds: ['run'] })
  const [given] = runs
  if (given === undefined) return []
  const { head } = given.row
  const events = [event(head + 1, note)]
  const { outcome } = await storage.append(batch(head, { token: given.lease.token, batchId: note, events }))
  return outcome === 'ok' ? events : []
}

// Whether all processes die here or the power fails: what is acknowledged is in the journal.
async function judgeJournal(
  simulated: SimulatedDisk,
  answers: ReadonlyMap<number, unknown>,
): Promise<string | undefined> {
  for (const answer of answers.values()) if (answer instanceof Error && !isDoubt(answer)) return String(answer)
  const acknowledged = [...answers.values()].flatMap((answer) =>
    answer instanceof Error ? [] : (answer as Acknowledged),
  )
  const [durable] = crashStates(simulated.initial, simulated.changes, simulated.changes.length)
  for (const image of [simulated.image, durable]) {
    const mistake = image && (await judgeImage(image, acknowledged))
    if (mistake !== undefined) return mistake
  }
  return undefined
}

async function judgeImage(image: DiskImage, acknowledged: Acknowledged): Promise<string | undefined> {
  try {
    const storage = opened(new SimulatedDisk(image), { now: () => later, boot: 2 })
    const journal = (await viewOf(storage)).runs[0]?.journal ?? []
    if (journal.some(({ seq }, index) => seq !== index + 1)) return `the journal is ${JSON.stringify(journal)}`
    const lost = acknowledged.find((one) => JSON.stringify(journal[one.seq - 1]) !== JSON.stringify(one))
    return lost && `acknowledged and lost: ${JSON.stringify(lost)}`
  } catch (error) {
    return `rejects: ${String(error)}`
  }
}

// A process that cannot tell what became of its write says so: its writer loads the run again.
function isDoubt(error: Error): boolean {
  return error.name === 'StorageFault' && 'code' in error && error.code === 'STORAGE_UNAVAILABLE'
}
