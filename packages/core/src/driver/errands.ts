import type { Effect, Errand } from '../kernel/outstanding.ts'
import type { DriverRequest } from './protocol.ts'

/** What is being done about other runs: each thing once at a time, however often the state wants it. */
export class Errands {
  readonly #names = new Set<string>()

  get areOpen(): boolean {
    return this.#names.size > 0
  }

  /** What is to be asked for, unless it is being done already. */
  begin(errand: Errand): readonly DriverRequest[] {
    const name = `${errand.type} ${errand.runId}${errand.type === 'stopChild' && errand.force ? ' by force' : ''}`
    if (this.#names.has(name)) return []
    this.#names.add(name)
    return [{ type: 'errand', name, errand }]
  }

  done(name: string): void {
    this.#names.delete(name)
  }
}

/** Whether an effect is about another run. */
export function isErrand(effect: Effect): effect is Errand {
  return effect.type === 'child' || effect.type === 'stopChild' || effect.type === 'tell'
}
