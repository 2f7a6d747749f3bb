import type { Json } from '@segno/schema/plan'
import type { Input } from '../kernel/decide.ts'
import { FewMap } from '../kernel/few-map.ts'
import type { AttemptName } from '../kernel/state.ts'

/** How many values beside the journal a driver keeps at hand. */
const valuesMax = 64

/** What came while the state was being loaded, or waits for values beside the journal; and those that are at hand. */
export class Undecided {
  readonly values = new FewMap<string, Json>()
  #deferred: readonly Input[] = []
  #needing: Input | undefined

  /** Whether the first of it waits for values. */
  get needsValues(): boolean {
    return this.#needing !== undefined
  }

  /** In order. */
  get inputs(): readonly Input[] {
    return this.#needing === undefined ? this.#deferred : [this.#needing, ...this.#deferred]
  }

  defer(input: Input): void {
    this.#deferred = [...this.#deferred, input]
  }

  /** Whether it is the first that needs values: they are to be asked for. */
  need(input: Input): boolean {
    if (this.#needing !== undefined) {
      this.defer(input)
      return false
    }
    this.#needing = input
    return true
  }

  /** The first of it can never be decided. */
  dropNeeding(): void {
    this.#needing = undefined
  }

  /** All of it, to be decided. */
  take(): readonly Input[] {
    const { inputs } = this
    this.replace([])
    return inputs
  }

  replace(inputs: readonly Input[]): void {
    this.#deferred = inputs
    this.#needing = undefined
  }

  keepValues(values: ReadonlyMap<string, Json>): void {
    if (this.values.size > valuesMax) this.values.clear()
    for (const [sha256, value] of values) this.values.set(sha256, value)
  }

  /** Whether the handler of an attempt has ended, and what that means waits for values. */
  isSettling({ path, attempt }: AttemptName): boolean {
    return this.inputs.some((input) => input.type === 'settled' && input.path === path && input.attempt === attempt)
  }
}
