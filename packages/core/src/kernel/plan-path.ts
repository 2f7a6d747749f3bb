import type { StepPath } from '@segno/schema/plan'
import { dependentsOf } from './dependents.ts'
import type { CallNode, Plan, PlanList, PlanNode, WorkflowNode } from './plan.ts'

/** One part of a path: which step, which item or iteration of it, and which attempt of that. */
interface Segment {
  readonly node: PlanNode
  readonly list: PlanList
  readonly index: number | undefined
  readonly again: number
}

/** Where paths begin: a plan, or a workflow that is called. */
interface Rooted {
  readonly root: WorkflowNode | CallNode
}

/** The step of a plan that a path names; `undefined` where the plan has none there, and for what takes back. */
export function nodeAt(plan: Rooted, path: StepPath): PlanNode | undefined {
  return segmentsOf(plan, path)?.at(-1)?.node
}

function segmentsOf(plan: Rooted, path: StepPath): readonly Segment[] | undefined {
  const segments: Segment[] = []
  let { unit } = plan.root
  let around: PlanNode = plan.root
  for (const text of path.split('/')) {
    const [, id = '', index, again] = /^([^[~.]+)(?:\[(\d+)\])?(?:~(\d+))?$/.exec(text) ?? []
    const node = unit.byId.get(id)
    if (node?.list?.owner !== around) return undefined
    const { list } = node
    segments.push({ node, list, index: index === undefined ? undefined : Number(index), again: Number(again ?? 1) })
    around = node
    if (node.kind === 'call') ({ unit } = node)
  }
  return segments
}

/** Whether `path` is what stands at `from`, inside of it, or what can only come after it. */
export function isFrom(plan: Plan, path: StepPath, from: StepPath): boolean {
  const [here, there] = [segmentsOf(plan, path), segmentsOf(plan, from)]
  if (here === undefined || there === undefined) return false
  for (const [at, start] of there.entries()) {
    const own = here[at]
    if (own === undefined) return false
    if (own.node !== start.node) return comesAfter(own, start)
    if (start.index !== undefined && own.index !== undefined && own.index !== start.index) {
      return own.node.kind !== 'forEach' && own.index > start.index
    }
    if (own.again !== start.again && at < there.length - 1) return own.again > start.again
  }
  return true
}

function comesAfter({ node, list }: Segment, start: Segment): boolean {
  // The lists of a block are numbered in their order.
  if (list !== start.list) return list.index > start.list.index
  return list.owner.kind === 'parallel'
    ? dependentsOf(list.owner, start.node.position).has(node.position)
    : node.position > start.node.position
}
