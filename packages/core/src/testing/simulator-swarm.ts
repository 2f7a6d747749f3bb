import { SegnoError } from '../error.ts'
import { faultKinds } from './faulty-storage.ts'
import type { Random } from './random.ts'

/** Everything that can go wrong in a simulated world, and what it is. */
export const simulatedFaults = {
  ...faultKinds,
  crash: 'A process dies, whatever it is about to send or has just heard.',
  pause: 'A process stands still, also for longer than its leases last, and then goes on.',
  clockSkew: 'The wall clocks of processes are wrong by up to five minutes.',
  clockStep: 'The wall clock of a process is set, forward or back.',
  noHints: 'The store tells nobody of news.',
  leaseLoss: 'The store ends a lease before its time.',
  writeWindow: 'For a while the store refuses whatever would be written, as one that is full or read-only.',
  lostPlan: 'The store does not find a plan.',
  skewedWorker: 'A process is of an older version, and cannot read what others have written.',
  lateResult: 'What a handler gives comes late.',
  repeatedMessage: 'Clients send the same message more than once.',
  cancel: 'Somebody cancels a run.',
  hold: 'Somebody pauses a run, and lets it go on later, or earlier.',
  fsyncError: 'Files: what was written may not last; the store says so, and ends the lease.',
  groupFailure: 'SQLite: the writes of several runs fail together, and may have been made all the same.',
  busy: 'SQLite: another process writes; the call is refused.',
  openTransaction: 'SQLite: all writes wait while a transaction is open.',
  lateCommit: 'PostgreSQL: the connection is lost, and what was sent is committed long after the error was told.',
  failover: 'PostgreSQL: for a while every call fails, and the clock of the store has jumped ahead after it.',
  refusedCommit: 'SQLite, PostgreSQL: the database refuses to commit what a `tx` step did.',
  lostTransaction: 'SQLite, PostgreSQL: a connection is lost while the transaction of a `tx` step is open.',
  fencedCommit:
    'SQLite, PostgreSQL: the store has ended the lease of a run when the transaction of its step is to be committed.',
  skipLocked: 'PostgreSQL: who asks for runs skips those that others look at, and gets the rest in any order.',
} as const

/** A fault of a simulated world. */
export type SimulatedFault = keyof typeof simulatedFaults

/** Which store a world has, as far as its ways to fail go. */
export type StoreProfile = 'memory' | 'file' | 'sqlite' | 'postgres'

/** The faults that only the store of this profile has, or one that is like it. */
export const profileFaults = {
  memory: [],
  file: ['fsyncError'],
  sqlite: ['groupFailure', 'busy', 'openTransaction', 'refusedCommit', 'lostTransaction', 'fencedCommit'],
  postgres: ['lateCommit', 'failover', 'skipLocked', 'refusedCommit', 'lostTransaction', 'fencedCommit'],
} as const satisfies Readonly<Record<StoreProfile, readonly SimulatedFault[]>>

export const storeProfiles = Object.keys(profileFaults) as readonly StoreProfile[]

/** The profiles of stores that have transactions. */
export const transactionalProfiles: readonly StoreProfile[] = ['sqlite', 'postgres']

/**
 * Which faults there are: `all`, so that each seed draws some of them; `none`; a list of those that there are in
 * every world; or how probable each is whenever it could strike.
 */
export type FaultSelection =
  'all' | 'none' | readonly SimulatedFault[] | Readonly<Partial<Record<SimulatedFault, number>>>

/** What a seed stands for: how large the world is and what goes wrong in it. Plain JSON, so that it can be printed. */
export interface Swarm {
  readonly profile: StoreProfile
  readonly processes: number
  readonly runs: number
  readonly leaseMs: number
  /** How long things go wrong. */
  readonly faultsMs: number
  /** How probable each fault is whenever it could strike; one that is not in it does not occur. */
  readonly faults: Readonly<Partial<Record<SimulatedFault, number>>>
  readonly delayMaxMs: number
}

interface Odds {
  /** How many worlds have the fault. */
  readonly worlds: number
  /** How often it strikes there, one of these. */
  readonly strikes: readonly number[]
}

const ofStorage: Odds = { worlds: 0.4, strikes: [0.02, 0.1, 0.25] }
const ofProfile: Odds = { worlds: 0.6, strikes: [0.03, 0.15] }
const ofTransactions: Odds = { worlds: 0.5, strikes: [0.1, 0.3] }

const odds: Readonly<Partial<Record<SimulatedFault, Odds>>> = {
  crash: { worlds: 0.6, strikes: [0.005, 0.03] },
  pause: { worlds: 0.5, strikes: [0.005, 0.02] },
  clockSkew: { worlds: 0.6, strikes: [0.5, 1] },
  clockStep: { worlds: 0.3, strikes: [0.01] },
  noHints: { worlds: 0.3, strikes: [1] },
  leaseLoss: { worlds: 0.2, strikes: [0.02, 0.1] },
  writeWindow: { worlds: 0.2, strikes: [0.1, 0.3] },
  lostPlan: { worlds: 0.2, strikes: [0.1, 0.5] },
  skewedWorker: { worlds: 0.2, strikes: [0.3] },
  lateResult: { worlds: 0.3, strikes: [0.1, 0.5] },
  repeatedMessage: { worlds: 0.9, strikes: [0.5] },
  cancel: { worlds: 0.15, strikes: [0.5] },
  hold: { worlds: 0.15, strikes: [1] },
  fsyncError: ofProfile,
  groupFailure: ofProfile,
  busy: ofProfile,
  openTransaction: { worlds: 0.6, strikes: [0.01, 0.05] },
  lateCommit: { worlds: 0.6, strikes: [0.1, 0.3] },
  failover: { worlds: 0.6, strikes: [0.1, 0.3] },
  skipLocked: { worlds: 0.6, strikes: [0.5] },
  refusedCommit: ofTransactions,
  lostTransaction: ofTransactions,
  fencedCommit: ofTransactions,
}

/**
 * Expands a seed. Each fault is there or not, so that some worlds know one kind
 * of trouble only: a fault that is always there hides others.
 */
export function swarmOf(
  random: Random,
  selection: FaultSelection = 'all',
  profiles: readonly StoreProfile[] = storeProfiles,
): Swarm {
  const draw = random.stream('swarm')
  const profile = draw.pick(profiles)
  return {
    profile,
    processes: 1 + draw.integer(3),
    runs: 1 + draw.integer(2),
    leaseMs: 6000,
    faultsMs: 10_000 + draw.integer(30_000),
    faults: faultsOf(random, profile, selection),
    delayMaxMs: draw.pick([50, 1000, 8000]),
  }
}

function faultsOf(random: Random, profile: StoreProfile, selection: FaultSelection): Swarm['faults'] {
  if (selection === 'none') return {}
  const own: readonly SimulatedFault[] = profileFaults[profile]
  const others = storeProfiles
    .flatMap((other): readonly SimulatedFault[] => profileFaults[other])
    .filter((kind) => !own.includes(kind))
  const entries = (Object.keys(simulatedFaults) as SimulatedFault[]).flatMap((kind) => {
    if (others.includes(kind)) return []
    const strength = strengthOf(random.stream(`fault ${kind}`), kind, selection)
    return strength === undefined ? [] : [[kind, strength] as const]
  })
  return Object.fromEntries(entries)
}

// What the world of a seed is does not depend on what other faults there are.
function strengthOf(draw: Random, kind: SimulatedFault, selection: FaultSelection): number | undefined {
  const { worlds, strikes } = odds[kind] ?? ofStorage
  const isThere = draw.chance(worlds)
  const strength = draw.pick(strikes)
  if (selection === 'all') return isThere ? strength : undefined
  if (Array.isArray(selection)) return selection.includes(kind) ? strength : undefined
  return (selection as Swarm['faults'])[kind]
}

/** Throws `ARGUMENT_INVALID` for a fault that there is not. */
export function checkFaults(selection: FaultSelection): void {
  if (selection === 'all' || selection === 'none') return
  const names: readonly string[] = Array.isArray(selection) ? selection : Object.keys(selection)
  const unknown = names.filter((name) => !Object.hasOwn(simulatedFaults, name))
  if (unknown.length === 0) return
  const known = Object.keys(simulatedFaults).join(', ')
  throw new SegnoError('ARGUMENT_INVALID', `There is no fault ${JSON.stringify(unknown[0])}; the faults are ${known}`)
}

/** A world in which nothing goes wrong: what a run would have been. */
export const calm: Swarm = {
  profile: 'memory',
  processes: 1,
  runs: 1,
  leaseMs: 600_000,
  faultsMs: 0,
  faults: {},
  delayMaxMs: 1,
}
