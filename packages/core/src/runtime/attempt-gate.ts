import type PQueue from 'p-queue'

/** Lets so many attempts be at work at a time; the others wait in the order in which they came. */
export interface AttemptGate {
  /** Calls `enter` when it is its turn; the place is free again once `left` is called. */
  run(enter: (left: () => void) => void): void
}

/** A gate of the given width. Its queue is loaded for it: most engines have none, and the first attempts wait for that. */
export function attemptGate(width: number): AttemptGate {
  const queue = queueOf(width)
  const wait = async (enter: (left: () => void) => void): Promise<void> =>
    (await queue).add(() => new Promise<void>(enter))
  return { run: (enter) => void wait(enter) }
}

async function queueOf(concurrency: number): Promise<PQueue> {
  const { default: Queue } = await import('p-queue')
  return new Queue({ concurrency })
}
