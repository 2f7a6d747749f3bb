import PQueue from 'p-queue'

/** Lets so many attempts be at work at a time; the others wait in the order in which they came. */
export interface AttemptGate {
  run(attempt: () => Promise<void>): void
}

/** A gate of the given width; without one, every attempt starts at once. */
export function attemptGate(width: number | undefined): AttemptGate {
  if (width === undefined) {
    return {
      run: (attempt) => {
        void attempt()
      },
    }
  }
  const queue = new PQueue({ concurrency: width })
  return {
    run: (attempt) => {
      void queue.add(attempt)
    },
  }
}
