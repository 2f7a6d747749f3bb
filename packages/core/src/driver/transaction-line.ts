import type { AttemptName } from '../kernel/state.ts'
import type { DriverInput } from './protocol.ts'

const nothing: readonly DriverInput[] = []
const deciding: ReadonlySet<DriverInput['type']> = new Set(['settled', 'messages', 'errandDone', 'plan'])

/**
 * Attempts that are ready for a transaction of the store, and the one that has it.
 * While one waits or is at work, nothing else of the run is decided: what is
 * committed with its rows is its own end and what follows from it, and no append of
 * the same run is in its way. All else is kept, and is heard afterwards.
 */
export class TransactionLine {
  #ready: readonly AttemptName[] = []
  #open: (AttemptName & { isSettled: boolean }) | undefined
  #kept: DriverInput[] = []

  /** The attempt that has a transaction; once it is settled, the transaction is to be ended. */
  get open(): (AttemptName & { readonly isSettled: boolean }) | undefined {
    return this.#open
  }

  get isWaiting(): boolean {
    return this.#ready.length > 0
  }

  /** An attempt waits for its transaction. */
  add({ path, attempt }: AttemptName): void {
    this.#ready = [...this.#ready, { path, attempt }]
  }

  /** The next attempt that is still wanted has the transaction. */
  openNext(isWanted: (name: AttemptName) => boolean): AttemptName | undefined {
    const wanted = this.#ready.filter(isWanted)
    const [next, ...rest] = wanted
    this.#ready = rest
    this.#open = next && { ...next, isSettled: false }
    return next
  }

  /** Its handler has ended, or never began. */
  settled({ path, attempt }: AttemptName): void {
    this.#withdraw({ path, attempt })
    if (this.#open?.path === path && this.#open.attempt === attempt) this.#open.isSettled = true
  }

  close(): void {
    this.#open = undefined
  }

  /** Whether the input was put aside until the transaction is over. */
  keep(input: DriverInput): boolean {
    if (!deciding.has(input.type) || (input.type === 'settled' && this.#isItsOwn(input))) return false
    this.#kept.push(input)
    return true
  }

  // Of one that waits no more, because it was told to stop, nothing else can be expected.
  #isItsOwn({ path, attempt }: AttemptName): boolean {
    if (this.#open !== undefined && this.#open.path !== path) {
      this.#withdraw({ path, attempt })
      return false
    }
    return this.#open !== undefined || this.#ready.some((name) => name.path === path && name.attempt === attempt)
  }

  #withdraw({ path, attempt }: AttemptName): void {
    if (this.#ready.length > 0)
      this.#ready = this.#ready.filter((name) => name.path !== path || name.attempt !== attempt)
  }

  /** What was put aside, in order. */
  takeKept(): readonly DriverInput[] {
    if (this.#kept.length === 0) return nothing
    const kept = this.#kept
    this.#kept = []
    return kept
  }
}
