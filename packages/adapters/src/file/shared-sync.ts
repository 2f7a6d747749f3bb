/**
 * A sync that is shared by all who ask for it at the same time: those who ask while
 * one is under way wait for the next, because what they did may have come too late for it.
 */
export function sharedSync(sync: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined
  let following: Promise<void> | undefined
  const begin = (): Promise<void> => {
    following = undefined
    const begun = sync()
    current = begun
    const end = (): void => {
      if (current === begun) current = undefined
    }
    begun.then(end, end)
    return begun
  }
  return () => {
    if (current === undefined) return begin()
    // One that fails says nothing about the next one.
    following ??= current.then(begin, begin)
    return following
  }
}
