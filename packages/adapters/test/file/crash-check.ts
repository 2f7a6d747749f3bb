import { isDeepStrictEqual } from 'node:util'
import { memoryStorage, type AcquiredRun, type RunRow, type Storage } from '@segno/core'
import type { RunEvent } from '@segno/schema/plan'
import { fileStorage } from '../../src/file/index.ts'
import { crashStates } from './crash-states.ts'
import { fingerprint, type DiskImage } from './disk-image.ts'
import { SimulatedDisk, type DiskHooks } from './simulated-disk.ts'
import { batch, blobHashes, event, leaseMs, planHash, type Move, type Workload } from './workloads.ts'

/** What a storage tells, all of it but for who holds a run. */
export interface View {
  readonly plan: unknown
  readonly listed: readonly string[]
  readonly runs: readonly (RunView | undefined)[]
}

interface RunView {
  readonly row: Omit<RunRow, 'holder'>
  /** Whether the snapshot, which may be lost, and the events after it are those of the journal. */
  readonly isCacheTrue: boolean
  readonly journal: readonly RunEvent[]
  readonly inbox: readonly unknown[]
  readonly blobs: readonly (string | undefined)[]
}

/** What a storage that keeps its promises tells before the first move and after each, and what it answers. */
export interface Expectation {
  readonly views: readonly View[]
  readonly answers: readonly unknown[]
  /** When each move is made, by the store's clock. */
  readonly times: readonly number[]
}

/** A moment at which a crash is judged: so many moves acknowledged, perhaps one more under way. */
export interface Moment {
  readonly workload: Workload
  readonly expectation: Expectation
  readonly acknowledged: number
}

const folder = '/host/project/.segno'
const runIds = ['run', 'other']
const epoch = Date.UTC(2026, 0, 1)

/** Plays a workload on a memory storage. */
export async function expectationOf({ moves }: Workload): Promise<Expectation> {
  const times = timesOf(moves)
  let now = epoch
  const storage = memoryStorage({ now: () => now })
  const views = [await viewOf(storage)]
  const answers: unknown[] = []
  for (const [index, { make }] of moves.entries()) {
    now = times[index] ?? now
    answers.push(await make(storage))
    views.push(await viewOf(storage))
  }
  return { views, answers, times }
}

/** What came of playing a workload on files. */
export interface Played {
  readonly simulated: SimulatedDisk
  /** How many changes the disk had seen when each move was answered. */
  readonly answeredAt: readonly number[]
  readonly answers: readonly unknown[]
}

/** Plays a workload on files; each process has a storage of its own. */
export async function play({ moves }: Workload, hooks: DiskHooks = {}): Promise<Played> {
  const times = timesOf(moves)
  const simulated = new SimulatedDisk()
  let now = epoch
  const processes = new Map<number, Storage>()
  const answeredAt: number[] = []
  const answers: unknown[] = []
  for (const [index, { make, by = 0 }] of moves.entries()) {
    now = times[index] ?? now
    const storage = processes.get(by) ?? opened(simulated, { now: () => now, hooks })
    processes.set(by, storage)
    answers.push(await make(storage))
    answeredAt.push(simulated.changes.length)
  }
  await settled(simulated)
  return { simulated, answeredAt, answers }
}

/** Waits for what goes on after an answer: a folder that was thrown away is emptied. */
export async function settled(simulated: SimulatedDisk): Promise<void> {
  let before: number
  do {
    before = simulated.changes.length
    for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
  } while (simulated.changes.length > before)
}

/** What came of all crashes of a workload. */
export interface CrashReport {
  readonly states: number
  /** What is wrong, one line for each state of the disk. */
  readonly wrong: readonly string[]
}

/** Opens what the disk may hold after a crash at each of its changes, and judges what is told and whether it goes on. */
export async function crashEverywhere(workload: Workload): Promise<CrashReport> {
  const seen = new Set<string>()
  const wrong: string[] = []
  for await (const mistake of crashes(workload, {}, seen)) if (mistake !== undefined) wrong.push(mistake)
  return { states: seen.size, wrong }
}

/** Whether some crash shows that something is wrong with a disk. */
export async function isFoundOut(workload: Workload, hooks: DiskHooks): Promise<boolean> {
  for await (const mistake of crashes(workload, hooks, new Set())) if (mistake !== undefined) return true
  return false
}

/** What is wrong with each state of the disk after a crash; those that were seen are left out. */
async function* crashes(workload: Workload, hooks: DiskHooks, seen: Set<string>): AsyncGenerator<string | undefined> {
  const expectation = await expectationOf(workload)
  const { simulated, answeredAt } = await play(workload, hooks)
  for (let count = 0; count <= simulated.changes.length; count += 1) {
    const acknowledged = answeredAt.filter((at) => at <= count).length
    for (const image of crashStates(simulated.initial, simulated.changes, count)) {
      const state = `${acknowledged} ${fingerprint(image)}`
      if (seen.has(state)) continue
      seen.add(state)
      const mistake = await judged(remainsOn(image), { workload, expectation, acknowledged })
      yield mistake && `${workload.name}, ${acknowledged} acknowledged, crash ${count}: ${mistake}`
    }
  }
}

/** A store that is left after a crash, and how processes open it that come then. */
export interface Remains {
  open(now: () => number): Storage
  /** The same after another crash, that leaves only what is durable. */
  openDurable(now: () => number): Storage
}

/** A simulated disk with nothing on it but what a crash has left, and a host that has begun anew. */
export function remainsOn(image: DiskImage): Remains {
  const simulated = new SimulatedDisk(image)
  return {
    open: (now) => opened(simulated, { now, boot: 2 }),
    openDurable(now) {
      const [durable = simulated.image] = crashStates(simulated.initial, simulated.changes, simulated.changes.length)
      return opened(new SimulatedDisk(durable), { now, boot: 3 })
    },
  }
}

/** What opens a store on a simulated disk. */
export interface Opening {
  readonly now: () => number
  readonly hooks?: DiskHooks
  /** How often the host has begun. Of the processes of earlier times everybody knows that they are dead. */
  readonly boot?: number
}

/** Opens the store on a simulated disk, as a process of its own. */
export function opened(simulated: SimulatedDisk, { now, hooks = {}, boot = 1 }: Opening): Storage {
  const identity = { pid: 1, host: 'host', boot: String(boot) }
  const process = { identity, isDead: (other: { readonly boot?: string }) => other.boot !== identity.boot }
  return fileStorage({ dir: folder, now, disk: simulated.disk(hooks), process })
}

/** What is wrong with what a new process finds; `undefined` if nothing is. */
export async function judged(remains: Remains, moment: Moment): Promise<string | undefined> {
  try {
    return await judge(remains, moment)
  } catch (error) {
    return `rejects: ${String(error)}`
  }
}

async function judge(remains: Remains, { workload, expectation, acknowledged }: Moment): Promise<string | undefined> {
  const { views, times } = expectation
  const underWay = workload.moves[acknowledged]
  const [kept, done] = [views[acknowledged], views[acknowledged + 1]]
  let now = times[Math.min(acknowledged, times.length - 1)] ?? epoch
  const storage = remains.open(() => now)
  const found = await viewOf(storage)
  if (!isOneOf(found, whileUnderWay(kept, done))) return `tells ${differenceOf(found, kept)}`
  if (underWay !== undefined) {
    const answer = await underWay.make(storage)
    const then = await viewOf(storage)
    const isFenced = JSON.stringify(answer)?.includes('fenced') === true
    if (!isOneOf(then, isFenced ? whileUnderWay(kept, done) : [done]))
      return `sent again (${JSON.stringify(answer)}) tells ${differenceOf(then, done)}`
  }
  now += 2 * leaseMs
  const tokens = tokensIn(expectation.answers.slice(0, acknowledged))
  const after = await goOn(storage, await viewOf(storage), tokens)
  if (typeof after === 'string') return after
  if (!isOneOf(await viewOf(remains.open(() => now)), [after])) return 'another process does not see what goes on'
  const survived = await viewOf(remains.openDurable(() => now))
  return isOneOf(survived, [after]) ? undefined : `a second crash loses ${differenceOf(survived, after)}`
}

// A run is taken up, or where there is none one is created: after a crash everything goes on.
async function goOn(storage: Storage, before: View, tokens: ReadonlyMap<string, number>): Promise<View | string> {
  const run = before.runs[0]
  if (run === undefined) {
    const created = await storage.createRun(
      { runId: 'run', incarnation: 'fresh', workflow: 'crash', plan: planHash, labels: {} },
      { events: [event(1, 'fresh')], status: 'running', wakeAt: null },
      { inputHash: 'fresh' },
    )
    return created.outcome === 'created' ? viewOf(storage) : `creates nothing: ${JSON.stringify(created)}`
  }
  const { head, incarnation, status } = run.row
  const delivered = await storage.deliver('run', { id: 'next', name: 'next', payload: null })
  if (status === 'completed') return delivered.outcome === 'closed' ? viewOf(storage) : 'takes a message after the end'
  if (delivered.outcome !== 'accepted') return `takes no message: ${delivered.outcome}`
  const { runs } = await storage.acquire({ owner: 'next', ttlMs: leaseMs, limit: 9, runIds: ['run'] })
  const token = runs[0]?.lease.token ?? 0
  if (token <= (tokens.get(incarnation) ?? 0)) return `gives the token ${token} after ${tokens.get(incarnation)}`
  const next = { incarnation, token, batchId: 'next', events: [event(head + 1, 'next')], consume: ['next'] }
  const { outcome } = await storage.append(batch(head, next))
  const after = await viewOf(storage)
  const journal = [...run.journal, ...next.events]
  if (outcome !== 'ok' || !isDeepStrictEqual(after.runs[0]?.journal, journal)) return `does not go on: ${outcome}`
  return after
}

/** Everything that a storage tells. */
export async function viewOf(storage: Storage): Promise<View> {
  const { runs: rows } = await storage.list({}, { limit: 99 })
  const runs: (RunView | undefined)[] = []
  for (const runId of runIds) runs.push(await runViewOf(storage, runId))
  return { plan: await storage.getPlan(planHash), listed: rows.map(({ runId }) => runId), runs }
}

async function runViewOf(storage: Storage, runId: string): Promise<RunView | undefined> {
  const run = await storage.load(runId)
  if (run === undefined) return undefined
  // Who holds a run is told by whoever asks, and not by its journal.
  const row = { ...run.row, holder: undefined }
  const blobs: (string | undefined)[] = []
  for (const hash of blobHashes) blobs.push(await storage.getBlob(runId, hash))
  const [tail, journal] = [await gathered(run.tail), await gathered(storage.read(runId, 1))]
  const { seq, state } = run.snapshot ?? { seq: 0, state: { seq: 0 } }
  const isCacheTrue = same([state, tail], [{ seq }, journal.slice(seq)])
  return { row, isCacheTrue, journal, inbox: run.inbox, blobs }
}

async function gathered(pages: AsyncIterable<readonly RunEvent[]>): Promise<RunEvent[]> {
  const all: RunEvent[] = []
  for await (const page of pages) all.push(...page)
  return all
}

/** When each move is made, by the clock of the store. */
export function timesOf(moves: readonly Move[]): number[] {
  let now = epoch
  return moves.map(({ afterMs = 0 }) => (now += afterMs))
}

/** The highest token that was given to each incarnation of the run. */
function tokensIn(answers: readonly unknown[]): Map<string, number> {
  const tokens = new Map<string, number>()
  for (const answer of answers) {
    const { lease, runs = [] } = (answer ?? {}) as { lease?: AcquiredRun['lease']; runs?: readonly AcquiredRun[] }
    for (const given of [lease, ...runs.map((run) => run.lease)]) {
      if (given?.runId === 'run')
        tokens.set(given.incarnation, Math.max(given.token, tokens.get(given.incarnation) ?? 0))
    }
  }
  return tokens
}

/** What may be told while a move is under way: a blob is there before the batch that names it. */
export function whileUnderWay(kept: View | undefined, done: View | undefined): readonly (View | undefined)[] {
  return [kept, done, kept && { ...kept, runs: kept.runs.map((run, n) => withBlobs(run, done?.runs[n])) }]
}

function withBlobs(run: RunView | undefined, later: RunView | undefined): RunView | undefined {
  return run && later && run.row.incarnation === later.row.incarnation ? { ...run, blobs: later.blobs } : run
}

/** Whether a view is one of those. */
export function isOneOf(view: View, allowed: readonly (View | undefined)[]): boolean {
  return allowed.some((one) => one !== undefined && same(view, one))
}

/** Whether both are the same JSON value: a field that is `undefined` is one that is missing. */
export function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(asJson(a), asJson(b))
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null))
}

function differenceOf(found: View, expected: View | undefined): string {
  return `${JSON.stringify(found)}\n  where it was ${JSON.stringify(expected)}`
}
