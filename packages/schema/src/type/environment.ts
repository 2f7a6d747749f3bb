import { Narrowed } from './narrowed.ts'
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
  readonly narrowed: Narrowed
  /** Of elements by computed indexes, which end with the expression. */
  readonly computed: ReadonlyMap<string, Type>
  /** Whether anything can get here: false once a name has no possible value. */
  readonly isPossible: boolean

  constructor(
    scope: TypeScope,
    narrowed: Narrowed = new Narrowed(),
    { isPossible = true, computed = noneComputed }: EnvironmentFacts = {},
  ) {
    this.scope = scope
    this.narrowed = narrowed
    this.computed = computed
    this.isPossible = isPossible
  }

  typeOf(root: string): Type | undefined {
    return (isComputed(root) ? this.computed.get(root) : this.narrowed.get(root)) ?? this.scope.typeOf(root)
  }

  /** Here, a name has this type. */
  with(root: string, type: Type): Environment {
    const isPossible = this.isPossible && type.kind !== 'never'
    const { scope, narrowed, computed } = this
    return isComputed(root)
      ? new Environment(scope, narrowed, { isPossible, computed: new Map(computed).set(root, type) })
      : new Environment(scope, narrowed.with(root, type), { isPossible, computed })
  }

  /** Nothing gets here. */
  impossible(): Environment {
    return new Environment(this.scope, this.narrowed, { isPossible: false, computed: this.computed })
  }

  /** The same knowledge about the names of another scope; what it does not have is left out. */
  inside(scope: TypeScope): Environment {
    return new Environment(scope, this.narrowed, this)
  }

  /** The same, of the elements by computed indexes only what is known of these. */
  withComputed(computed: ReadonlyMap<string, Type>): Environment {
    return new Environment(this.scope, this.narrowed, { isPossible: this.isPossible, computed })
  }

  /** What is known where either has been: of each name the union. Both have one scope. */
  or(other: Environment): Environment {
    if (!this.isPossible) return other
    if (!other.isPossible || (this.narrowed === other.narrowed && this.computed === other.computed)) return this
    const computed = new Map<string, Type>()
    for (const [root, type] of this.computed) {
      const there = other.computed.get(root)
      if (there !== undefined) computed.set(root, there === type ? type : union([type, there]))
    }
    return new Environment(this.scope, this.narrowed.or(other.narrowed), { computed })
  }
}

/** What is known beside the types of names. */
interface EnvironmentFacts {
  readonly isPossible?: boolean
  readonly computed?: ReadonlyMap<string, Type>
}

const noneComputed: ReadonlyMap<string, Type> = new Map()

/** What the roots of elements by computed indexes begin with: no name does. */
export const computedMark = '='

/** Whether a root is an element by a computed index. */
export function isComputed(root: string): boolean {
  return root.startsWith(computedMark)
}

/** The types of the names that a scope has of its own. */
export type OwnTypes = Pick<ReadonlyMap<string, Type>, 'has' | 'get'>

/** A scope of variables that are known from the beginning, inside another one. */
export function scopeOf(types: OwnTypes, around?: TypeScope): TypeScope {
  return { typeOf: (root) => types.get(root) ?? around?.typeOf(root) }
}
