import { FewMap } from '../kernel/few-map.ts'
import type { Effect, Errand } from '../kernel/outstanding.ts'
import type { RequestList } from './request-list.ts'

/** What is being done about other runs: each thing once at a time, however often the state wants it. */
export class Errands {
  readonly #names = new FewMap<string, true>()

  get areOpen(): boolean {
    return this.#names.size > 0
  }

  /** Asks for it, unless it is being done already. */
  begin(errand: Errand, requests: RequestList): void {
    const name = `${errand.type} ${errand.runId}${errand.type === 'stopChild' && errand.force ? ' by force' : ''}`
    if (this.#names.has(name)) return
    this.#names.set(name, true)
    requests.push({ type: 'errand', name, errand })
  }

  done(name: string): void {
    this.#names.delete(name)
  }
}

/** Whether an effect is about another run. */
export function isErrand(effect: Effect): effect is Errand {
  return effect.type === 'child' || effect.type === 'stopChild' || effect.type === 'tell'
}
