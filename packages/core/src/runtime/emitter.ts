import { EventEmitter } from 'eventemitter3'
import type { RunEvent } from '@segno/schema/plan'

/** Tells listeners what the journal already holds. A listener that throws cannot hurt a run. */
export class RunEmitter {
  readonly #emitter = new EventEmitter()
  readonly #onError: (error: unknown) => void
  #listeners = 0

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** Listens to one type of event, or to all (`*`). Returns how to stop. */
  on(type: string, listener: (event: never) => void): () => void {
    const guarded = (event: RunEvent): void => {
      try {
        const returned: unknown = listener(event as never)
        // An async function passes for a listener, and its rejection would end the process.
        if (returned instanceof Promise) returned.catch(this.#onError)
      } catch (error) {
        this.#onError(error)
      }
    }
    this.#emitter.on(type, guarded)
    this.#listeners++
    let listening = true
    return () => {
      if (!listening) return
      listening = false
      this.#listeners--
      this.#emitter.off(type, guarded)
    }
  }

  /** Whether anybody listens. */
  get isHeard(): boolean {
    return this.#listeners > 0
  }

  emit(events: readonly RunEvent[]): void {
    if (!this.isHeard) return
    for (const event of events) {
      this.#emitter.emit(event.type, event)
      this.#emitter.emit('*', event)
    }
  }
}
