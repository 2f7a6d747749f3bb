import { isTerminal, type Engine } from '@segno/core'
import { CommandError } from './command-error.ts'
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

/**
 * Takes a run up whenever it is due and nobody drives it: at once where its
 * process has died, later where it sleeps. `why` tells what the engine last
 * complained about.
 */
export async function keep(engine: Engine, runId: string, why: () => string | undefined): Promise<Keeper> {
  let fail: (error: unknown) => void = () => undefined
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  // Whoever waits hears of it; that nobody waits any more is no fault.
  failed.catch(() => undefined)
  let vain = 0
  let stopped = false
  const look = async (): Promise<void> => {
    const row = await engine.run(runId).row()
    if (stopped || isTerminal(row.status)) return
    if (driverOf(row) === undefined) {
      // Also one that rests is asked for: a message may have come for it.
      await engine.recover({ runIds: [runId] })
      vain = isDue(row) ? vain + 1 : 0
      if (vain > vainMax) return fail(undrivable(runId, why()))
    } else vain = 0
    if (!stopped) timer = setTimeout(() => void look().catch(again), lookMs)
  }
  // A store that does not answer now is asked again.
  const again = (): void => {
    if (!stopped) timer = setTimeout(() => void look().catch(again), lookMs)
  }
  let timer: NodeJS.Timeout | undefined
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
