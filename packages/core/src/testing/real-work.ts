/** How long virtual time stands still for work that is done for real. */
const patienceMs = 5000

/** Work that takes real time: handlers that read files, processes, requests. */
export class RealWork {
  #count = 0
  #waiting: (() => void)[] = []

  add(work: Promise<unknown>): void {
    this.#count++
    const ended = (): void => {
      this.#count--
      this.wake()
    }
    work.then(ended, ended)
  }

  /** Whoever waits looks again. */
  wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /**
   * Waits until some of it has ended. False at once where there is none, or where it waits for virtual time; and after 5 s:
   * then it hangs, and only time that passes can end it.
   */
  async ended(waitsForTime: () => boolean): Promise<boolean> {
    if (this.#count === 0 || waitsForTime()) return false
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#waiting.push(() => resolve(true))
    const timer = setTimeout(() => resolve(false), patienceMs)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }
}
