import { isTerminal, type RunRow, type Storage } from '@segno/core'
import { isDue, isOthers } from './owner.ts'
import { advance } from './progress/advance.ts'
import { awaitedRuns, isStuck, newProgress, type Progress } from './progress/progress.ts'
import type { Store } from './store.ts'

/** A run that has not ended, and that another one waits for. */
export interface Member {
  readonly row: RunRow
  readonly progress: Progress
}

/** The runs that a run has started and waits for, and theirs. */
export class Family {
  readonly #storage: Storage
  readonly #root: Progress
  readonly #known = new Map<string, Progress>()

  constructor(storage: Storage, root: Progress) {
    this.#storage = storage
    this.#root = root
  }

  /** Those that have not ended, as their journals tell them by now; each after the one that started it. */
  async *open(): AsyncGenerator<Member> {
    const wanted = [...awaitedRuns(this.#root)]
    for (let runId = wanted.shift(); runId !== undefined; runId = wanted.shift()) {
      const row = await this.#storage.row(runId)
      if (row === undefined || isTerminal(row.status)) {
        this.#known.delete(runId)
        continue
      }
      const progress = await this.#read(row)
      if (progress === undefined) continue
      yield { row, progress }
      wanted.push(...awaitedRuns(progress))
    }
  }

  /** Whether none of them can go on by itself. */
  async rests(): Promise<boolean> {
    for await (const { row, progress } of this.open()) {
      if (row.head !== progress.seq || !isStuck(progress) || !(await this.isIdle(row))) return false
    }
    return true
  }

  /** Whether nobody is at work on a run, nor has anything to do for it now. */
  async isIdle(row: RunRow): Promise<boolean> {
    const { status, holder } = row
    const isParked = status === 'waiting' || status === 'blocked' || status === 'paused'
    // Whoever holds it may be about to take in a message.
    return isParked && holder === undefined && !(await isDue(this.#storage, row))
  }

  async #read({ runId, plan, head }: RunRow): Promise<Progress | undefined> {
    const definition = this.#known.has(runId) ? undefined : await this.#storage.getPlan(plan)
    const progress = this.#known.get(runId) ?? (definition && newProgress(definition))
    // Without its plan nothing can be told of it, and nobody can drive it.
    if (progress === undefined) return undefined
    this.#known.set(runId, progress)
    if (progress.seq >= head) return progress
    for await (const page of this.#storage.read(runId, progress.seq + 1)) {
      for (const event of page) advance(progress, event)
    }
    return progress
  }
}

/** The ids of the runs that a run has started, waited for or not, and theirs, as far as they have not ended. */
export async function startedRuns(storage: Storage, runId: string): Promise<readonly string[]> {
  const found: string[] = []
  const wanted = [runId]
  for (let one = wanted.shift(); one !== undefined; one = wanted.shift()) {
    for (const child of await childrenOf(storage, one)) {
      const row = await storage.row(child)
      if (row === undefined || isTerminal(row.status)) continue
      found.push(child)
      wanted.push(child)
    }
  }
  return found
}

async function childrenOf(storage: Storage, runId: string): Promise<ReadonlySet<string>> {
  const children = new Set<string>()
  for await (const page of storage.read(runId, 1)) {
    for (const event of page) {
      if (event.type === 'step.started' && event.child !== undefined) children.add(event.child)
      if (event.type === 'child.settled') children.delete(event.child)
    }
  }
  return children
}

/** What else there is to say of a run that is left: of those that it waits for, and of those that wait for no word of this command. */
export interface Relatives {
  /** Those that it waits for, and theirs. */
  readonly open: readonly Progress[]
  /** The ids of those that go on without it, and that nobody else drives. */
  readonly left: readonly string[]
  /** The id of the one that waits for it, where it has ended and nobody else drives that one. */
  readonly parent?: string
}

const openMax = 20

/** The runs beside a run that people have to know of when it is left. */
export async function relativesOf(
  runId: string,
  { progress, family, store: { storage } }: RelativesOptions,
): Promise<Relatives> {
  const open: Progress[] = []
  for await (const member of family.open()) if (open.push(member.progress) === openMax) break
  const hasEnded = progress.endedAt !== undefined
  const left: string[] = []
  for (const { runId: child, outcome, isLetGo } of progress.runs.values()) {
    if (outcome === undefined && (hasEnded || isLetGo) && (await isLeft(storage, child))) left.push(child)
  }
  const { parent } = (await storage.row(runId)) ?? {}
  const waits = hasEnded && parent !== undefined && (await isLeft(storage, parent.runId))
  return { open, left, ...(waits && { parent: parent.runId }) }
}

async function isLeft(storage: Storage, runId: string): Promise<boolean> {
  const row = await storage.row(runId)
  return row !== undefined && !isTerminal(row.status) && !isOthers(row)
}

interface RelativesOptions {
  readonly progress: Progress
  readonly family: Family
  readonly store: Pick<Store, 'storage'>
}
