import type { OwnTypes } from '../../type/environment.ts'
import type { Type } from '../../type/type.ts'
import type { SiblingNeeds } from '../sibling-needs.ts'
import { stepType, type KnownStep } from './step-type.ts'

/**
 * What the children of a `parallel` see of those that they need, while the block
 * is walked. A child begins when all that it needs, directly or not, have ended
 * well or were skipped by their own condition: one whose need has failed is
 * skipped, and so is what needs that one.
 */
export class NeededSteps {
  readonly #needs: SiblingNeeds
  readonly #ended = new Map<string, KnownStep>()
  readonly #types = new Map<string, Type>()

  constructor(needs: SiblingNeeds) {
    this.#needs = needs
  }

  add(id: string, step: KnownStep): void {
    this.#ended.set(id, step)
  }

  /** The types of the steps that a child sees, of those that have been added: each is made when it is read. */
  from(id: string): OwnTypes {
    const idOf = (root: string): string | undefined => {
      const other = root.startsWith(prefix) ? root.slice(prefix.length) : undefined
      return other !== undefined && this.#ended.has(other) && this.#needs.has(id, other) ? other : undefined
    }
    return {
      has: (root) => idOf(root) !== undefined,
      get: (root) => {
        const other = idOf(root)
        return other === undefined ? undefined : this.#typeOf(other)
      },
    }
  }

  #typeOf(id: string): Type | undefined {
    const before = this.#types.get(id)
    const step = this.#ended.get(id)
    if (before !== undefined || step === undefined) return before
    const type = stepType(step, step.statuses)
    this.#types.set(id, type)
    return type
  }
}

const prefix = 'steps.'
