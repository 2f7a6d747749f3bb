import type { Clock } from '../ports/clock.ts'
import { mayHaveWritten } from '../ports/storage-fault.ts'
import type { CreateOutcome } from '../ports/storage.ts'

const delaysMs = [20, 50, 100, 250, 500, 1000]

/** How a creation is sent, and what is told of a try that failed. */
export interface Creation {
  readonly clock: Clock
  readonly send: () => Promise<CreateOutcome>
  readonly warn: (error: unknown) => void
  /** The run may exist and be held for nobody: no try was answered in time to be given its lease. */
  readonly inDoubt: () => void
}

/**
 * Sends a creation until it is answered: the run may exist, and be held, while
 * nobody knows. A fault that says that nothing was written ends it at once, but
 * not after one that did not say so.
 */
export async function createSurely({ clock, send, warn, inDoubt }: Creation): Promise<CreateOutcome> {
  let doubtful = false
  for (let sent = 0; ; sent += 1) {
    try {
      const outcome = await send()
      if (doubtful && outcome.outcome === 'existing') inDoubt()
      return outcome
    } catch (error) {
      doubtful ||= mayHaveWritten(error)
      if (!doubtful) throw error
      const delayMs = delaysMs[sent]
      if (delayMs === undefined) {
        inDoubt()
        throw error
      }
      warn(error)
      await new Promise<void>((resolve) => clock.schedule(delayMs, resolve))
    }
  }
}
