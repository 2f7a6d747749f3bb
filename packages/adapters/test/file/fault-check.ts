import type { Storage } from '@segno/core'
import {
  expectationOf,
  isOneOf,
  judged,
  opened,
  remainsOn,
  same,
  settled,
  viewOf,
  whileUnderWay,
} from './crash-check.ts'
import type { Expectation, Moment } from './crash-check.ts'
import { crashStates } from './crash-states.ts'
import { diskError, SimulatedDisk } from './simulated-disk.ts'
import type { DiskCall, DiskHooks } from './simulated-disk.ts'
import type { Workload } from './workloads.ts'

/** A fault of the disk: at which of its calls it begins, which it is, and whether it lasts. */
export interface DiskFault {
  readonly at: number
  readonly code: string
  /** So much of a write happens all the same. */
  readonly share: number
  readonly lasts: boolean
}

/** What came of all faults. */
export interface FaultReport {
  injected: number
  /** Calls to the storage that told that nothing was written, that something may have been, and that did not notice. */
  refused: number
  ambiguous: number
  unharmed: number
  readonly wrong: string[]
}

/** Plays a workload once for each fault at each call to the disk. */
export async function faultEverywhere(workload: Workload): Promise<FaultReport> {
  const report: FaultReport = { injected: 0, refused: 0, ambiguous: 0, unharmed: 0, wrong: [] }
  const expectation = await expectationOf(workload)
  const calls = await callsOf(workload, expectation)
  for (const [at, call] of calls.entries()) {
    for (const [code, share] of faultsOf(call, at)) {
      for (const lasts of [false, true]) {
        report.injected += 1
        const fault = { at, code, share, lasts }
        const mistake = await playWithFault({ workload, expectation, fault, report }).catch(
          (error: unknown) => `rejects: ${String(error)}`,
        )
        if (mistake !== undefined)
          report.wrong.push(
            `${workload.name}, ${code} at ${at} (${call.name} ${call.path})${lasts ? ' and on' : ''}: ${mistake}`,
          )
      }
    }
  }
  return report
}

/** Which faults the call can meet, and how much of it happens all the same. The codes take turns. */
function faultsOf({ name }: DiskCall, at: number): readonly (readonly [string, number])[] {
  const oneOf = (...codes: readonly string[]): readonly (readonly [string, number])[] => [
    [codes[at % codes.length] ?? 'EIO', 0],
  ]
  switch (name) {
    case 'write':
      return [
        ['ENOSPC', 0],
        ['EDQUOT', 0.5],
        ['EIO', 1],
      ]
    case 'sync':
    case 'syncFolder':
    case 'close':
      return oneOf('EIO')
    case 'read':
    case 'list':
    case 'look':
    case 'has':
      return oneOf('EIO', 'EMFILE')
    default:
      return oneOf('EROFS', 'ENOSPC', 'EMFILE', 'EDQUOT')
  }
}

interface Trial {
  readonly workload: Workload
  readonly expectation: Expectation
  readonly fault: DiskFault
  readonly report: FaultReport
}

async function callsOf(workload: Workload, expectation: Expectation): Promise<DiskCall[]> {
  const calls: DiskCall[] = []
  const hooks: DiskHooks = {
    async before(call) {
      calls.push(call)
      return undefined
    },
  }
  const clock = { now: 0 }
  const process = processes(new SimulatedDisk(), clock, hooks)
  for (const [index, { make, by = 0 }] of workload.moves.entries()) {
    clock.now = expectation.times[index] ?? 0
    await make(process(by))
  }
  return calls
}

async function playWithFault({ workload, expectation, fault, report }: Trial): Promise<string | undefined> {
  const simulated = new SimulatedDisk()
  const faulty = faultyHooks(fault)
  const clock = { now: 0 }
  const process = processes(simulated, clock, faulty.hooks)
  let acknowledged = 0
  for (const [index, { make, by = 0 }] of workload.moves.entries()) {
    clock.now = expectation.times[index] ?? 0
    let failed: 'refused' | 'inDoubt' | undefined
    for (let tries = 0; ; tries += 1) {
      const struck = faulty.struck()
      const answer = await answerOf(make(process(by)))
      if (!('error' in answer)) {
        if (failed === undefined && struck < faulty.struck()) report.unharmed += 1
        if (failed === undefined && !same(answer.value, expectation.answers[index])) {
          return `answers ${JSON.stringify(answer.value)} to ${workload.moves[index]?.what}`
        }
        if (failed !== undefined && isLost(answer.value))
          return afterwards(simulated, { workload, expectation, acknowledged })
        break
      }
      if (failed !== 'inDoubt') failed = isRefusal(answer.error) ? 'refused' : 'inDoubt'
      const mistake = await judgeFault(answer.error, { simulated, expectation, index, now: clock.now, report, failed })
      if (mistake !== undefined) return mistake
      if (tries === 1) faulty.heal()
      if (tries === 4) return 'does not come back when the disk does'
    }
    acknowledged = index + 1
  }
  faulty.heal()
  return afterwards(simulated, { workload, expectation, acknowledged })
}

// The power fails at last, and takes all that is not durable: what was acknowledged in spite of the fault is there.
async function afterwards(simulated: SimulatedDisk, moment: Moment): Promise<string | undefined> {
  await settled(simulated)
  const [durable] = crashStates(simulated.initial, simulated.changes, simulated.changes.length)
  for (const image of [durable, simulated.image]) {
    const mistake = image && (await judged(remainsOn(image), moment))
    if (mistake !== undefined) return `after a crash: ${mistake}`
  }
  return undefined
}

interface Failed {
  readonly simulated: SimulatedDisk
  readonly expectation: Expectation
  readonly index: number
  readonly now: number
  readonly report: FaultReport
  /** Whether any try may have written. */
  readonly failed: 'refused' | 'inDoubt'
}

async function judgeFault(
  error: unknown,
  { simulated, expectation, index, now, report, failed }: Failed,
): Promise<string | undefined> {
  if (!(error instanceof Error) || error.name !== 'StorageFault' || !('code' in error) || !('ambiguous' in error))
    return `rejects with ${String(error)}`
  if (error.code !== 'STORAGE_UNAVAILABLE') return `rejects with ${String(error.code)}: ${error.message}`
  if (error.ambiguous === true) report.ambiguous += 1
  else report.refused += 1
  const [kept, done] = [expectation.views[index], expectation.views[index + 1]]
  const found = await viewOf(opened(simulated, { now: () => now }))
  const allowed = whileUnderWay(kept, done).filter((view) => failed === 'inDoubt' || view !== done)
  if (isOneOf(found, allowed)) return undefined
  return `tells (${failed}) ${JSON.stringify(found)}\n  where it was ${JSON.stringify(kept)}`
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'ambiguous' in error && error.ambiguous === false
}

function processes(
  simulated: SimulatedDisk,
  clock: { readonly now: number },
  hooks: DiskHooks,
): (by: number) => Storage {
  const all = new Map<number, Storage>()
  return (by) => {
    const storage = all.get(by) ?? opened(simulated, { now: () => clock.now, hooks })
    all.set(by, storage)
    return storage
  }
}

function faultyHooks({ at, code, share, lasts }: DiskFault) {
  let calls = 0
  let struck = 0
  let healed = false
  const hooks: DiskHooks = {
    async before({ name, path }) {
      const strikes = !healed && (lasts ? calls >= at && isHit(code, name) : calls === at)
      calls += 1
      if (!strikes) return undefined
      struck += 1
      // Only a write can happen in part.
      return { bytes: (length) => (name === 'write' ? Math.floor(length * share) : 0), error: diskError(code, path) }
    },
  }
  return { hooks, struck: () => struck, heal: () => void (healed = true) }
}

// A disk that is full or cannot be written can still be read.
function isHit(code: string, name: DiskCall['name']): boolean {
  const reads = name === 'read' || name === 'list' || name === 'look' || name === 'has' || name === 'close'
  return code === 'EIO' || code === 'EMFILE'
    ? name !== 'write' && name !== 'sync'
    : !reads && name !== 'sync' && name !== 'syncFolder'
}

// What was in doubt cost the lease: the run is free again when that has run out.
function isLost(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return false
  return ('outcome' in answer && answer.outcome === 'fenced') || ('runs' in answer && same(answer.runs, []))
}

async function answerOf(work: Promise<unknown>): Promise<{ readonly value: unknown } | { readonly error: unknown }> {
  try {
    return { value: await work }
  } catch (error) {
    return { error }
  }
}
