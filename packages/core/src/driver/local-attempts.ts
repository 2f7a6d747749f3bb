import type { AbortCode } from '../ports/abort.ts'
import { FewMap } from '../kernel/few-map.ts'
import { abortOf } from '../kernel/outstanding.ts'
import type { AttemptName, RunState } from '../kernel/state.ts'
import type { AttemptEffect } from './protocol.ts'
import type { RequestList } from './request-list.ts'

/**
 * Attempts whose handlers are at work here, by path. Each is told to stop at most once.
 * What its handler is to be told is added to the requests that are given.
 */
export class LocalAttempts {
  readonly #attempts = new FewMap<string, { readonly attempt: number; aborted: boolean }>()

  get size(): number {
    return this.#attempts.size
  }

  has({ path, attempt }: AttemptName): boolean {
    return this.#attempts.get(path)?.attempt === attempt
  }

  /** Lets its handler begin, also where it is to stop already: it is what tells how that ends. */
  begin(effect: AttemptEffect, state: RunState | undefined, requests: RequestList): void {
    const { path, attempt } = effect
    this.#attempts.set(path, { attempt, aborted: false })
    requests.push({ type: 'perform', attempt: effect })
    const step = state?.steps.get(path)
    if (step?.status === 'cancelling') this.abort(effect, abortOf(step).code, requests)
  }

  /** The journal has given these up, whatever their handlers still do. */
  forget(names: readonly AttemptName[], requests: RequestList): void {
    for (const name of names) {
      if (!this.has(name)) continue
      const { path, attempt } = name
      this.#attempts.delete(path)
      requests.push({ type: 'forget', path, attempt })
    }
  }

  delete({ path }: AttemptName): void {
    this.#attempts.delete(path)
  }

  /** What tells it to stop, unless that was done. */
  abort({ path, attempt }: AttemptName, code: AbortCode, requests: RequestList): void {
    const local = this.#attempts.get(path)
    if (local === undefined || local.attempt !== attempt || local.aborted) return
    local.aborted = true
    requests.push({ type: 'abort', path, attempt, code })
  }

  /** The same for all of them, or for those that are meant. */
  abortAll(code: AbortCode, requests: RequestList, isMeant: (name: AttemptName) => boolean = () => true): void {
    for (const [path, { attempt }] of this.#attempts) {
      if (isMeant({ path, attempt })) this.abort({ path, attempt }, code, requests)
    }
  }
}

/** Whether the journal wants an attempt to be at work. */
export function isWanted(state: RunState | undefined, { path, attempt }: AttemptName): boolean {
  const step = state?.steps.get(path)
  return step !== undefined && step.attempt === attempt && (step.status === 'running' || step.status === 'cancelling')
}
