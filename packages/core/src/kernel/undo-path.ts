import type { StepPath } from '@segno/schema/plan'
import { nodeAt } from './plan-path.ts'
import type { Plan, PlanNode } from './plan.ts'

/** What a path of a run names in a plan, also where it is or is inside of what takes a step back. */
export function nodeOf(plan: Plan, path: StepPath): PlanNode | undefined {
  const [first = '', ...undos] = path.split('.undo')
  let node = nodeAt(plan, first)
  for (const rest of undos) {
    const undo: PlanNode | undefined = node?.undo
    const inside = rest.indexOf('/')
    if (inside < 0) return undo
    node = undo?.kind === 'call' ? nodeAt({ root: undo }, rest.slice(inside + 1)) : undefined
  }
  return node
}
