import type { PlanNode } from './plan.ts'

/** The children of a `parallel` that need the one at `position`, directly or not, by their places. */
export function dependentsOf(
  { neededBy }: Extract<PlanNode, { kind: 'parallel' }>,
  position: number,
): ReadonlySet<number> {
  const found = new Set(neededBy[position])
  // What is added while it is gone through is gone through too.
  for (const next of found) for (const later of neededBy[next] ?? []) found.add(later)
  return found
}
