import { isTerminal, type Engine, type Storage } from '@segno/core'
import { CommandError } from './command-error.ts'
import { startedRuns } from './family.ts'
import { driverOf, isDue } from './owner.ts'

const lookMs = 1000
/** How often in a row a run that is due may be taken up in vain. */
const vainMax = 3

/** Looks after a run that somebody waits for. */
export interface Keeper {
  /** Rejects when this engine cannot drive the run. Settles in no other way. */
  readonly failed: Promise<never>
  stop(): void
}

/** What is looked after. */
export interface KeeperOptions {
  readonly engine: Engine
  readonly storage: Storage
  readonly runId: string
  /** Tells what the engine last complained about. */
  readonly why: (runId: string) => string | undefined
  /** Whether the runs that it has started are looked after too. */
  readonly withStarted: boolean
}

/**
 * Takes a run up whenever it is due and nobody drives it: at once where its
 * process has died, later where it sleeps. So it does with the runs that it had
 * started before; those that this engine starts, the engine looks after itself.
 */
export async function keep({ engine, storage, runId, why, withStarted }: KeeperOptions): Promise<Keeper> {
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Whoever waits hears of it; that nobody waits any more is no fault.
  failed.catch(() => undefined)
  /** How often in a row each was due and could not be taken up. */
  const vain = new Map<string, number>([[runId, 0]])
  let stopped = false
  const adopt = async (parent: string): Promise<void> => {
    for (const child of withStarted ? await startedRuns(storage, parent) : []) if (!vain.has(child)) vain.set(child, 0)
  }
  const look = async (): Promise<void> => {
    for (const one of [...vain.keys()]) {
      const row = await storage.row(one)
      if (stopped) return
      if (row === undefined || isTerminal(row.status)) {
        if (one === runId) return
        vain.delete(one)
      } else if (driverOf(row) === undefined) {
        const wasDue = await isDue(storage, row)
        // Also one that rests is asked for: something may have come for it since.
        const driven = await engine.recover({ runIds: [one] })
        const count = wasDue ? (vain.get(one) ?? 0) + 1 : 0
        if (count > vainMax) return fail(undrivable(one, why(one)))
        vain.set(one, count)
        // Whoever drove it until now may have started others.
        if (driven.length > 0 && one !== runId) await adopt(one)
      } else vain.set(one, 0)
    }
    if (!stopped) timer = setTimeout(() => void look().catch(again), lookMs)
  }
  // A store that does not answer now is asked again.
  const again = (): void => {
    if (!stopped) timer = setTimeout(() => void look().catch(again), lookMs)
  }
  let timer: NodeJS.Timeout | undefined
  await adopt(runId)
  await look()
  return {
    failed,
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

function undrivable(runId: string, why: string | undefined): CommandError {
  const message = `${runId} is due, and cannot be taken up`
  return new CommandError({ code: 'RUN_UNREADABLE', message, hint: why })
}
