import type { Definition } from '@segno/schema/plan'
import { compile } from '../kernel/compile.ts'
import type { Plan, PlanNode } from '../kernel/plan.ts'

/**
 * The steps of a workflow, and of all that it calls and starts, by their paths without the numbers of iterations.
 * The definition has been checked.
 */
export function stepsOf(definition: Definition): ReadonlyMap<string, PlanNode> {
  const steps = new Map<string, PlanNode>()
  collect(compile(definition, ''), '', steps)
  return steps
}

/** The path of an occurrence without the numbers of iterations, of rounds and of visits. */
export function stepPath(path: string): string {
  return path.replaceAll(/\[[^\]]*\]|~\d+/g, '')
}

function collect({ nodes }: Plan, prefix: string, steps: Map<string, PlanNode>): void {
  const paths = new Map<PlanNode, string>()
  for (const node of nodes) {
    // What takes a step back stands in no list: its path was told by that step.
    const path = paths.get(node) ?? inList(node, paths)
    paths.set(node, path)
    if (node.undo !== undefined) paths.set(node.undo, `${path}.undo`)
    if (path !== '') steps.set(prefix + path, node)
    if (node.kind === 'start') collect(compile(node.child.definition, node.child.hash), `${prefix}${path}/`, steps)
  }
}

function inList({ list, id }: PlanNode, paths: ReadonlyMap<PlanNode, string>): string {
  const around = list === undefined ? '' : (paths.get(list.owner) ?? '')
  return around === '' ? id : `${around}/${id}`
}
