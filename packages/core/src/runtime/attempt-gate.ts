import PQueue from 'p-queue'

/** Lets so many attempts be at work at a time; the others wait in the order in which they came. */
export interface AttemptGate {
  /** Calls `enter` when it is its turn; the place is free again once `left` is called. */
  run(enter: (left: () => void) => void): void
}

/** A gate of the given width. */
export function attemptGate(width: number): AttemptGate {
  const queue = new PQueue({ concurrency: width })
  return {
    run: (enter) => {
      void queue.add(() => new Promise<void>(enter))
    },
  }
}
