import type { Type } from './type.ts'
import { union } from './union.ts'

/** What a name means where an expression stands, before anything narrows it. */
export interface TypeScope {
  /** Of a variable such as `input`, or of a step, as `steps.review`; `undefined` where there is none. */
  typeOf(root: string): Type | undefined
}

/**
 * What is known at one place: the types of a scope, and what conditions on the
 * way there have proved. Immutable; narrowing gives another one.
 */
export class Environment {
  readonly scope: TypeScope
  readonly narrowed: ReadonlyMap<string, Type>
  /** Whether anything can get here: false once a name has no possible value. */
  readonly isPossible: boolean

  constructor(scope: TypeScope, narrowed: ReadonlyMap<string, Type> = new Map(), isPossible = true) {
    this.scope = scope
    this.narrowed = narrowed
    this.isPossible = isPossible
  }

  typeOf(root: string): Type | undefined {
    return this.narrowed.get(root) ?? this.scope.typeOf(root)
  }

  /** Here, a name has this type. */
  with(root: string, type: Type): Environment {
    return new Environment(this.scope, new Map(this.narrowed).set(root, type), this.isPossible && type.kind !== 'never')
  }

  /** Nothing gets here. */
  impossible(): Environment {
    return new Environment(this.scope, this.narrowed, false)
  }

  /** The same knowledge about the names of another scope; what it does not have is left out. */
  inside(scope: TypeScope): Environment {
    return new Environment(scope, this.narrowed, this.isPossible)
  }

  /** What is known where either has been: of each name the union. Both have one scope. */
  or(other: Environment): Environment {
    if (!this.isPossible) return other
    if (!other.isPossible || this.narrowed === other.narrowed) return this
    const narrowed = new Map<string, Type>()
    for (const [root, type] of this.narrowed) {
      const there = other.narrowed.get(root)
      if (there !== undefined) narrowed.set(root, there === type ? type : union([type, there]))
    }
    return new Environment(this.scope, narrowed, true)
  }
}

/** The types of the names that a scope has of its own. */
export type OwnTypes = Pick<ReadonlyMap<string, Type>, 'has' | 'get'>

/** A scope of variables that are known from the beginning, inside another one. */
export function scopeOf(types: OwnTypes, around?: TypeScope): TypeScope {
  return { typeOf: (root) => types.get(root) ?? around?.typeOf(root) }
}
