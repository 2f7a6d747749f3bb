import type { StepPath } from '@segno/schema/plan'
import { dependentsOf } from './dependents.ts'
import type { Plan, PlanNode } from './plan.ts'

/** One part of a path: which step, which item or iteration of it, and which attempt of that. */
interface Segment {
  readonly node: PlanNode
  readonly index: number | undefined
  readonly again: number
}

/** The step of a plan that a path names; `undefined` where the plan has none there, and for what takes back. */
export function nodeAt(plan: Plan, path: StepPath): PlanNode | undefined {
  return segmentsOf(plan, path)?.at(-1)?.node
}

function segmentsOf(plan: Plan, path: StepPath): readonly Segment[] | undefined {
  const segments: Segment[] = []
  let { unit } = plan.root
  for (const text of path.split('/')) {
    const [, id = '', index, again] = /^([^[~.]+)(?:\[(\d+)\])?(?:~(\d+))?$/.exec(text) ?? []
    const node = unit.byId.get(id)
    const around = segments.at(-1)?.node ?? plan.root
    if (node === undefined || node.list?.owner !== around) return undefined
    segments.push({ node, index: index === undefined ? undefined : Number(index), again: Number(again ?? 1) })
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
    if (own.node !== start.node) return comesAfter(own.node, start.node)
    if (start.index !== undefined && own.index !== undefined && own.index !== start.index) {
      return own.node.kind !== 'forEach' && own.index > start.index
    }
    if (own.again !== start.again && at < there.length - 1) return own.again > start.again
  }
  return true
}

function comesAfter(node: PlanNode, start: PlanNode): boolean {
  const { list } = node
  if (list === undefined || start.list === undefined) return false
  if (list !== start.list) return list.owner.lists.indexOf(list) > list.owner.lists.indexOf(start.list)
  return list.owner.kind === 'parallel'
    ? dependentsOf(list.owner, start.position).has(node.position)
    : node.position > start.position
}
