import { typeLimits } from './limits.ts'
import { misfitOf, type TypeMisfit } from './misfit.ts'
import type { Type } from './type.ts'
import { Subtyping } from './subtyping.ts'

export type { TypeMisfit } from './misfit.ts'

/**
 * The first reason why a value of type `found` may not stand where `wanted` is
 * expected; `undefined` where every one may. What is `any` fits all and takes all;
 * timestamps and durations leave as text, and fit it. Two types that are too large
 * to be compared to the end do not fit.
 */
export function fits(found: Type, wanted: Type): TypeMisfit | undefined {
  if (found === wanted || found.kind === 'any' || wanted.kind === 'any') return undefined
  const subtyping = new Subtyping(typeLimits.effortMax)
  return subtyping.holds(found, wanted) ? undefined : misfitOf(subtyping, found, wanted)
}
