import type { RunEvent } from '@segno/schema/plan'

type Listener = (event: RunEvent) => void

/** Tells listeners what the journal already holds. A listener that throws cannot hurt a run. */
export class RunEmitter {
  /** By type; a list is never changed, so that one that is being told may be left or joined. */
  readonly #told = new Map<string, readonly Listener[]>()
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
    this.#told.set(type, [...(this.#told.get(type) ?? []), guarded])
    this.#listeners++
    let listening = true
    return () => {
      if (!listening) return
      listening = false
      this.#listeners--
      this.#told.set(type, this.#told.get(type)?.filter((other) => other !== guarded) ?? [])
    }
  }

  emit(events: readonly RunEvent[]): void {
    if (this.#listeners === 0) return
    for (const event of events) {
      for (const listener of this.#told.get(event.type) ?? []) listener(event)
      for (const listener of this.#told.get('*') ?? []) listener(event)
    }
  }
}
