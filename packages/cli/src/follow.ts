import type { RunHandle } from '@segno/core'
import type { RunEvent } from '@segno/schema'
import { advance } from './progress/advance.ts'
import { isStuck, type Progress } from './progress/progress.ts'

/** Where a run is when following it ends. */
export type Followed = 'ended' | 'waiting' | 'blocked' | 'paused'

// After this long without an event, a run that looks stuck is asked whether it is.
const stuckAfterMs = 50

/**
 * Folds the events of a run as they come, until it ends, or cannot go on by
 * itself: then nobody in this process could help it.
 */
export async function follow(
  run: RunHandle,
  progress: Progress,
  onEvent: (event: RunEvent) => void,
): Promise<Followed> {
  const leave = new AbortController()
  let stuck: Followed | undefined
  let timer: NodeJS.Timeout | undefined
  const ask = async (): Promise<void> => {
    const { status, head, wakeAt } = await run.row()
    if (head !== progress.seq) return
    const parked = status === 'waiting' || status === 'blocked' || status === 'paused'
    if (parked && (wakeAt === null || wakeAt > Date.now())) {
      stuck = status
      leave.abort()
    } else timer = later(ask)
  }
  try {
    for await (const event of run.events({ signal: leave.signal })) {
      clearTimeout(timer)
      advance(progress, event)
      onEvent(event)
      if (isStuck(progress)) timer = later(ask)
    }
  } finally {
    clearTimeout(timer)
  }
  return stuck ?? 'ended'
}

// A store that cannot be asked now is asked by the engine again and again; the next event tells more.
function later(ask: () => Promise<void>): NodeJS.Timeout {
  return setTimeout(() => void ask().catch(() => undefined), stuckAfterMs)
}
