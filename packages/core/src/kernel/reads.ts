import type { Expression, Template } from '@segno/schema/plan'
import type { PlanNode, PlanTransition, PlanUnit } from './plan.ts'

/**
 * Marks each step whose output something reads: an expression, or the output
 * of a block that has none declared and gives that of its last step. State
 * keeps no others, so that it grows with active work, not with history.
 */
export function markOutputsRead(nodes: readonly PlanNode[]): void {
  const read: PlanNode[] = []
  const mark = (node: PlanNode): void => {
    if (node.outputRead) return
    node.outputRead = true
    read.push(node)
  }
  const markReadBy = (source: Source, unit: PlanUnit): void => {
    for (const reference of referencesOf(source)) {
      const [id, field] = reference.path
      const node = reference.root === 'steps' && id !== undefined ? unit.byId.get(id) : undefined
      if (node !== undefined && (field === undefined || field === 'output')) mark(node)
    }
  }
  for (const node of nodes) {
    const { list, undo } = node
    if (list !== undefined) for (const source of sourcesOf(node)) markReadBy(source, list.unit)
    // An undo step stands in no list; it reads what the step reads that it takes back.
    if (list !== undefined && undo !== undefined) for (const source of sourcesOf(undo)) markReadBy(source, list.unit)
    if (node.kind !== 'workflow' && node.kind !== 'call') continue
    for (const { value } of node.unit.outputs) markReadBy(value, node.unit)
  }
  for (let node = read.pop(); node !== undefined; node = read.pop()) {
    if (node.output !== undefined || node.kind === 'parallel' || node.kind === 'call') continue
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
      return [node.input, node.idempotencyKey, ...(node.process?.inherited ?? []).map(({ env }) => env)]
    case 'call':
    case 'start':
      return [node.input]
    case 'ask':
      return [node.shown]
    case 'emit':
      return [node.signal, node.data]
    case 'states':
      return [...node.states.values()].flatMap(({ on, after, next }) =>
        testsOf([...[...on.values()].flat(), ...after.flatMap(({ transitions }) => transitions), ...next]),
      )
    case 'set':
    case 'return':
      return [node.values]
    case 'assert':
      return [node.test, node.message]
    case 'sleep':
      return [node.duration, node.until]
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

function testsOf(transitions: readonly PlanTransition[]): Source[] {
  return transitions.map(({ test }) => test)
}
