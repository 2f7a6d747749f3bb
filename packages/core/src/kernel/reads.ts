import type { Expression, Template } from '@segno/schema/plan'
import type { PlanNode, PlanOutput } from './plan.ts'

/**
 * Marks each step whose output something reads: an expression, or the output
 * of a block that has none declared and gives that of its last step. State
 * keeps no others, so that it grows with active work, not with history.
 */
export function markOutputsRead(
  nodes: readonly PlanNode[],
  byId: ReadonlyMap<string, PlanNode>,
  outputs: readonly PlanOutput[],
): void {
  const read: PlanNode[] = []
  const mark = (node: PlanNode): void => {
    if (node.outputRead) return
    node.outputRead = true
    read.push(node)
  }
  for (const source of [...nodes.flatMap(sourcesOf), ...outputs.map((output) => output.value)]) {
    for (const reference of referencesOf(source)) {
      const [id, field] = reference.path
      const node = reference.root === 'steps' && id !== undefined ? byId.get(id) : undefined
      if (node !== undefined && (field === undefined || field === 'output')) mark(node)
    }
  }
  for (let node = read.pop(); node !== undefined; node = read.pop()) {
    if (node.output !== undefined || node.kind === 'parallel') continue
    for (const list of node.lists) {
      const last = list.nodes.at(-1)
      if (last !== undefined && list.role !== 'finally') mark(last)
    }
  }
}

type Source = Expression | Template | number | undefined

function referencesOf(source: Source): Expression['references'] {
  return source === undefined || typeof source === 'number' ? [] : source.references
}

function sourcesOf(node: PlanNode): Source[] {
  const shared = [node.condition, node.timeout, node.output, node.retry?.delayMs, node.retry?.maxDelayMs]
  return [...shared, ...verbSourcesOf(node)]
}

function verbSourcesOf(node: PlanNode): Source[] {
  switch (node.kind) {
    case 'work':
      return [node.input, ...(node.process?.inherited ?? []).map(({ env }) => env)]
    case 'set':
    case 'return':
      return [node.values]
    case 'assert':
      return [node.test, node.message]
    case 'sleep':
      return [node.duration]
    case 'waitFor':
      return [node.signal, node.test]
    case 'if':
      return [node.test]
    case 'match':
      return [node.subject]
    case 'parallel':
      return [node.concurrency]
    case 'forEach':
      return [node.items, node.concurrency]
    case 'repeat':
      return [node.max, node.until, node.while, node.every, node.initial, node.exhausted]
    case 'fail':
      return [node.message, node.data]
    case 'do':
    case 'try':
    case 'workflow':
      return []
    default:
      return node satisfies never
  }
}
