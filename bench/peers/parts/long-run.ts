/** What the long run of a peer waits for before it goes on: a peer may take a run up as soon as it is opened, before the measurement begins. */
export interface LongRun {
  /** Resolves to what each step calls, as soon as the measurement begins. */
  readonly onStep: Promise<(index: number) => void>
  begin(onStep: (index: number) => void): void
}

/** The long run of one opened subject. */
export function longRun(): LongRun {
  const { promise, resolve } = Promise.withResolvers<(index: number) => void>()
  return { onStep: promise, begin: resolve }
}
