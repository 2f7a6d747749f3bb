import type { KnownPlan } from '../kernel/deciding.ts'
import { FewMap } from '../kernel/few-map.ts'
import { planWanted } from '../kernel/messages.ts'
import type { InboxMessage } from '../ports/storage.ts'

/**
 * Messages on their way into the journal, in order. One that names a plan stays
 * in the inbox until the plan is at hand, and those after it with it: what they
 * ask for comes after what it asks for.
 */
export class MessageQueue {
  /** Plans that the run may be migrated to, by hash. */
  readonly plans = new FewMap<string, KnownPlan>()
  #waiting: InboxMessage[] = []
  #asked: string | undefined

  /** Whether a message waits for its plan: nothing may go on before it. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0
  }

  add(messages: readonly InboxMessage[]): void {
    this.#waiting.push(...messages)
  }

  /** Those that can be taken in now. */
  takeReady(): readonly InboxMessage[] {
    const waiting = this.#waiting
    const at = waiting.findIndex((message) => !this.#isReady(message))
    this.#waiting = at < 0 ? [] : waiting.slice(at)
    return at < 0 ? waiting : waiting.slice(0, at)
  }

  /** The plan that has to be loaded for the next one, where it was not asked for yet. */
  wanted(): string | undefined {
    const [first] = this.#waiting
    const hash = first === undefined ? undefined : planWanted(first)
    if (hash === undefined || hash === this.#asked) return undefined
    this.#asked = hash
    return hash
  }

  /** A plan has come, or cannot be had; the latter counts for those that wait for it now. */
  known(hash: string, known: KnownPlan): void {
    if (this.#asked === hash) this.#asked = undefined
    this.plans.set(hash, known)
  }

  /** What could not be had may be there when it is asked for again. */
  forgetRefused(hash: string): void {
    const known = this.plans.get(hash)
    if (known !== undefined && 'refused' in known) this.plans.delete(hash)
  }

  /** Those that are still in the inbox are read again. */
  clear(): void {
    this.#waiting = []
    this.#asked = undefined
  }

  #isReady(message: InboxMessage): boolean {
    const hash = planWanted(message)
    return hash === undefined || this.plans.has(hash)
  }
}
