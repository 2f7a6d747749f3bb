import { fingerprint } from './disk-image.ts'
import type { DiskCall, DiskHooks, SimulatedDisk } from './simulated-disk.ts'

/** A disk on which everything is prepared, and what each process does with it then. */
export interface Prepared {
  readonly simulated: SimulatedDisk
  readonly processes: readonly (() => Promise<unknown>)[]
}

/** What processes do with one disk, and what has to be true whenever one of them has made a call to it. */
export interface Contest {
  /** Prepares it. From then on every call of a process to its disk waits for that process's turn. */
  prepare(hooksOf: (process: number) => DiskHooks): Promise<Prepared>
  /** What is wrong now; `answers` are those of the processes that have finished. */
  judge(simulated: SimulatedDisk, answers: ReadonlyMap<number, unknown>): Promise<string | undefined>
  /** Finds the part of a path that is random, and so another one each time. */
  readonly random?: RegExp
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
    const { key, simulated, answers, waiting } = await situationAfter(contest, turns)
    const before = known.get(key)
    if (before !== undefined) return before
    const mistake = await contest.judge(simulated, answers)
    if (mistake !== undefined) wrong.push(`${turns.join('')}: ${mistake}`)
    let orders = waiting.length === 0 ? 1n : 0n
    // One that is wrong is not followed: what comes of it is wrong too.
    if (mistake === undefined) for (const process of waiting) orders += await follow([...turns, process])
    known.set(key, orders)
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
  const desk = new Desk(contest.random)
  const { simulated, processes } = await contest.prepare((process) => desk.hooksOf(process))
  const answers = new Map<number, unknown>()
  desk.isOpen = true
  for (const [process, work] of processes.entries()) {
    void work().then(
      (answer) => answers.set(process, answer),
      (error: unknown) => answers.set(process, error),
    )
  }
  await quiet()
  for (const turn of turns) {
    desk.next(turn)
    await quiet()
  }
  const image = fingerprint(simulated.image, (name) => desk.plain(name))
  return { simulated, key: `${image} ${desk.told()}`, answers, waiting: desk.waiting() }
}

/** Where processes wait for their turn, and where it is noted what each was told. */
class Desk {
  isOpen = false
  readonly #random: RegExp | undefined
  readonly #gates = new Map<number, (() => void)[]>()
  readonly #told = new Map<number, string[]>()
  readonly #names = new Map<string, string>()

  constructor(random: RegExp | undefined) {
    this.#random = random
  }

  hooksOf(process: number): DiskHooks {
    const gate: (() => void)[] = []
    const told: string[] = []
    let count = 0
    this.#gates.set(process, gate)
    this.#told.set(process, told)
    return {
      before: async ({ path }) => {
        const name = this.#random?.exec(path)?.[1]
        if (name !== undefined && !this.#names.has(name)) this.#names.set(name, `${process}-${(count += 1)}`)
        if (this.isOpen) await new Promise<void>((resolve) => gate.push(resolve))
        return undefined
      },
      after: (call, answer) => void told.push(shown(call, answer)),
    }
  }

  next(process: number): void {
    this.#gates.get(process)?.shift()?.()
  }

  waiting(): number[] {
    return [...this.#gates].flatMap(([process, gate]) => (gate.length > 0 ? [process] : []))
  }

  plain(text: string): string {
    let plain = text
    for (const [name, number] of this.#names) plain = plain.replaceAll(name, number)
    return plain
  }

  told(): string {
    return this.plain(JSON.stringify([...this.#told]))
  }
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
