import { fingerprint } from './disk-image.ts'
import type { DiskCall, DiskHooks, SimulatedDisk } from './simulated-disk.ts'

/** What two processes do with one disk, and what has to be true whenever one of them has made a call to it. */
export interface Contest {
  /** A disk on which everything is prepared. */
  prepare(): Promise<SimulatedDisk>
  /** What each process does. Every call to its disk waits until it is that process's turn. */
  readonly processes: readonly ((simulated: SimulatedDisk, hooks: DiskHooks) => Promise<unknown>)[]
  /** What is wrong now; `answers` are those of the processes that have finished. */
  judge(simulated: SimulatedDisk, answers: ReadonlyMap<number, unknown>): Promise<string | undefined>
}

/** What all orders of the calls came to. */
export interface Exploration {
  /** Situations that differ in what is on the disk or in what a process has been told by it. */
  readonly situations: number
  /** Orders of the calls, of which many lead to the same situations. */
  readonly interleavings: bigint
  readonly wrong: readonly string[]
}

/**
 * Makes the calls of all processes in every order. A process decides by what its
 * disk tells it and by nothing else, so that two orders after which the disk and
 * all that it told are the same need not be followed both.
 */
export async function explore(contest: Contest): Promise<Exploration> {
  const known = new Map<string, bigint>()
  const wrong: string[] = []
  const follow = async (turns: readonly number[]): Promise<bigint> => {
    const situation = await situationAfter(contest, turns)
    const before = known.get(situation.key)
    if (before !== undefined) return before
    const mistake = await contest.judge(situation.simulated, situation.answers)
    if (mistake !== undefined) wrong.push(`${turns.join('')}: ${mistake}`)
    let orders = situation.waiting.length === 0 ? 1n : 0n
    // One that is wrong is not followed: what comes of it is wrong too.
    if (mistake === undefined) for (const process of situation.waiting) orders += await follow([...turns, process])
    known.set(situation.key, orders)
    return orders
  }
  const interleavings = await follow([])
  return { situations: known.size, interleavings, wrong }
}

interface Situation {
  readonly simulated: SimulatedDisk
  readonly key: string
  readonly answers: ReadonlyMap<number, unknown>
  /** Processes that wait for their turn. */
  readonly waiting: readonly number[]
}

async function situationAfter(contest: Contest, turns: readonly number[]): Promise<Situation> {
  const simulated = await contest.prepare()
  const answers = new Map<number, unknown>()
  const gates = contest.processes.map((): (() => void)[] => [])
  const told = contest.processes.map((): string[] => [])
  for (const [process, work] of contest.processes.entries()) {
    const hooks: DiskHooks = {
      before: () => new Promise((resolve) => gates[process]?.push(() => resolve(undefined))),
      after: (call, answer) => void told[process]?.push(shown(call, answer)),
    }
    void work(simulated, hooks).then(
      (answer) => answers.set(process, answer),
      (error: unknown) => answers.set(process, error),
    )
  }
  await quiet()
  for (const turn of turns) {
    gates[turn]?.shift()?.()
    await quiet()
  }
  const waiting = gates.flatMap((gate, process) => (gate.length > 0 ? [process] : []))
  return { simulated, key: JSON.stringify([fingerprint(simulated.image), told]), answers, waiting }
}

// A process that is not at a gate has nothing to wait for but promises that are settled.
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function shown({ name, path }: DiskCall, answer: unknown): string {
  if (answer instanceof Uint8Array) return `${name} ${path} ${Buffer.from(answer).toString('latin1')}`
  const isFile = name === 'create' || name === 'open'
  return `${name} ${path} ${isFile ? answer !== undefined : JSON.stringify(answer)}`
}
