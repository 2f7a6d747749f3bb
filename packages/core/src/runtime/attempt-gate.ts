/** Lets so many attempts be at work at a time; the others wait in the order in which they came. */
export interface AttemptGate {
  /** Calls `enter` when it is its turn; the place is free again once `left` is called. */
  run(enter: (left: () => void) => void): void
}

/** A gate of the given width. */
export function attemptGate(width: number): AttemptGate {
  // By their numbers: taking the first out of a long list would move all the others.
  const waiting = new Map<number, (left: () => void) => void>()
  let first = 0
  let last = 0
  let inside = 0
  const next = (): void => {
    const enter = inside < width ? waiting.get(first) : undefined
    if (enter === undefined) return
    waiting.delete(first++)
    inside++
    let isInside = true
    enter(() => {
      if (!isInside) return
      isInside = false
      inside--
      // From here, attempts that end at once would nest as deep as there are many.
      queueMicrotask(next)
    })
  }
  return {
    run: (enter) => {
      waiting.set(last++, enter)
      next()
    },
  }
}
