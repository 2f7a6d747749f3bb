import type { PlanNode } from './plan.ts'

/** The children of a `parallel` that need the one at `position`, directly or not, by their places. */
export function dependentsOf(
  { neededBy }: Extract<PlanNode, { kind: 'parallel' }>,
  position: number,
): ReadonlySet<number> {
  const found = new Set<number>()
  const queue = [...(neededBy[position] ?? [])]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue
    found.add(next)
    queue.push(...(neededBy[next] ?? []))
  }
  return found
}
