import type { ProcessGroup } from './process-group.ts'

/** The way from an abort signal to the end of a process group. */
export interface Stop {
  /** Call it when the leader has ended: waits for the rest of a group that is being stopped, and listens no more. */
  settled(output: Promise<unknown>): Promise<void>
  /** Whether the group has been told to end. */
  readonly isStopped: boolean
}

/**
 * Asks a group to end (`SIGTERM`) when the signal says so, and kills it after the
 * grace period. Those that the leader leaves behind have the same time for cleaning
 * up, as long as they hold its output open: a shell ends at once, what it runs may not.
 */
export function stopOnAbort(group: ProcessGroup, signal: AbortSignal, graceMs: number): Stop {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  const { promise: killed, resolve } = Promise.withResolvers<void>()
  const kill = (): void => {
    group.kill('SIGKILL')
    resolve()
  }
  const stop = (): void => {
    isStopped = true
    group.kill('SIGTERM')
    // What is stopped (SIGSTOP) hears of it only once it goes on.
    group.kill('SIGCONT')
    timer = setTimeout(kill, graceMs)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  return {
    async settled(output) {
      signal.removeEventListener('abort', stop)
      if (isStopped && group.isAlive()) await Promise.race([output, killed])
      clearTimeout(timer)
    },
    get isStopped() {
      return isStopped
    },
  }
}
