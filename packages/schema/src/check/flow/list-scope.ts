import type { TypeScope } from '../../type/environment.ts'
import type { Type } from '../../type/type.ts'

/** The steps of a list by their roots, as `steps.review`, while it is walked: each sees those before it. */
export class ListScope {
  readonly #around: TypeScope
  readonly #steps = new Map<string, { readonly type: Type; readonly position: number }>()

  constructor(around: TypeScope) {
    this.#around = around
  }

  add(root: string, type: Type): void {
    this.#steps.set(root, { type, position: this.#steps.size })
  }

  /** What is seen now; what is added later is not. */
  seenNow(): TypeScope {
    const count = this.#steps.size
    return {
      typeOf: (root) => {
        const step = this.#steps.get(root)
        return step !== undefined && step.position < count ? step.type : this.#around.typeOf(root)
      },
    }
  }
}
