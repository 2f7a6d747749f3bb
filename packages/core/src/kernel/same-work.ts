import { canonicalJson } from '@segno/schema/plan'
import type { Json } from '@segno/schema/plan'
import type { PlanNode } from './plan.ts'

/** Whether two steps of two plans do the same with the same input. */
export function isSameWork(before: PlanNode | undefined, now: PlanNode | undefined): now is PlanNode {
  return before !== undefined && now !== undefined && before.kind === now.kind && workOf(before) === workOf(now)
}

function workOf(node: PlanNode): string {
  switch (node.kind) {
    case 'work': {
      const { handler, major, process, request } = node
      const { script, cwd, capture } = process ?? {}
      return textOf({ handler, major, script, cwd, capture, request: request?.isHostLiteral })
    }
    case 'start':
      return node.child.hash
    case 'ask':
      return textOf({ choices: node.choices, form: node.form })
    default:
      return ''
  }
}

// What is not there is left out, as in a journal.
function textOf(work: object): string {
  return canonicalJson(JSON.parse(JSON.stringify(work)) as Json)
}
