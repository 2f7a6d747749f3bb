import type { CallStep, Definition, Step } from '../definition.ts'
import { kindOf } from '../definition.ts'
import { pointerPart } from '../json.ts'
import { addBlock } from './draw-block.ts'
import {
  addCluster,
  addEdge,
  addListCluster,
  addNode,
  type Described,
  type DrawnList,
  type Drawing,
  type Place,
  type StepPlace,
} from './drawing.ts'
import type { Graph, GraphItem } from './graph.ts'
import { detailOf, expressionText, labelText } from './step-text.ts'

/** How much of a workflow a graph shows. */
export interface GraphOptions {
  /** Shows the steps of imported workflows inside of the `call`s to them, where the imports are closed. */
  readonly expand?: boolean
}

/**
 * The graph of a definition that has no errors. A `call` is one node, unless it
 * is expanded.
 */
export function graphOf(definition: Definition, { expand = false }: GraphOptions = {}): Graph {
  const drawing: Drawing = {
    nodes: [],
    clusters: [],
    edges: [],
    definition,
    prefix: '',
    root: '',
    expand,
    list: addList,
    step: addStep,
  }
  const entry = addNode(drawing, { id: ':entry', kind: 'entry', label: 'start' })
  const list = addWorkflow(drawing)
  const exit = addNode(drawing, { id: ':exit', kind: 'exit', label: 'end' })
  if (list.first !== undefined) drawing.edges.unshift({ from: entry, to: list.first, kind: 'sequence' })
  // A `return` ends the workflow as completed.
  if (list.last !== undefined && list.leads !== 'fail') addEdge(drawing, { from: list.last, to: exit })
  const { name, description } = definition
  const { nodes, clusters, edges } = drawing
  return {
    ...{ name, ...(description !== undefined && { description }), nodes, clusters, edges },
    items: [entry, ...list.items, exit],
  }
}

function addWorkflow(drawing: Drawing): DrawnList {
  const { definition, root, prefix } = drawing
  const list = addList(drawing, { steps: definition.steps, pointer: `${root}/steps` })
  if (definition.finally === undefined) return list
  const place = { steps: definition.finally, pointer: `${root}/finally` }
  const last = addListCluster(drawing, { id: `${prefix}:finally`, kind: 'finally', label: 'finally', place })
  // It runs however the steps have ended.
  if (list.last !== undefined) addEdge(drawing, { from: list.last, to: last, kind: 'finally' })
  return { ...list, items: [...list.items, last], last, leads: 'on' }
}

/** Steps one after the other. What ends the list leads nowhere. */
function addList(drawing: Drawing, { steps, pointer }: Place): DrawnList {
  const items: string[] = []
  const drawn = steps.map((step, index) => addStep(drawing, step, { pointer: `${pointer}/${index}`, items }))
  steps.forEach((step, index) => {
    const [from, to] = [drawn[index], drawn[index + 1]]
    if (from !== undefined && to !== undefined && leadsTo(step) === 'on') addEdge(drawing, { from, to })
  })
  const [first, last, lastStep] = [drawn[0], drawn.at(-1), steps.at(-1)]
  if (first === undefined || last === undefined || lastStep === undefined) return { items }
  return { items, first, last, leads: leadsTo(lastStep) }
}

// What may be skipped leads on.
function leadsTo(step: Step): 'on' | 'return' | 'fail' {
  if (step.if !== undefined) return 'on'
  return 'return' in step ? 'return' : 'fail' in step ? 'fail' : 'on'
}

/** Draws a step and what takes it back, and tells its id. */
function addStep(drawing: Drawing, step: Step, { pointer, items }: StepPlace): string {
  const id = `${drawing.prefix}${step.id}`
  items.push(addItem(drawing, step, { id, ...describe(step), pointer }))
  if ('undo' in step && step.undo !== undefined) {
    const undo = { id: `${step.id}:undo`, ...step.undo } as Step
    const item = { id: `${id}:undo`, ...describe({ title: 'undo', ...undo }), pointer: `${pointer}/undo`, undoes: id }
    items.push(addItem(drawing, undo, item))
    addEdge(drawing, { from: id, to: item.id, kind: 'undo', label: 'undo' })
  }
  return id
}

function describe(step: Step): Described {
  const detail = detailOf(step)
  const isGate = kindOf(step) === 'if'
  return {
    label: labelText(step.title ?? step.id),
    ...(detail !== undefined && { detail }),
    ...(step.if !== undefined && !isGate && { condition: expressionText(step.if) }),
  }
}

function addItem(drawing: Drawing, step: Step, item: GraphItem): string {
  const kind = kindOf(step)
  switch (kind) {
    case 'do':
    case 'if':
    case 'match':
    case 'parallel':
    case 'forEach':
    case 'repeat':
    case 'try':
    case 'states':
      return addBlock(drawing, kind, { step, item })
    case 'call':
      return addCall(drawing, step as CallStep, item)
    default:
      return addNode(drawing, { ...item, kind })
  }
}

function addCall(drawing: Drawing, { call }: CallStep, item: GraphItem): string {
  const found = drawing.definition.imports
  const callee = drawing.expand && found !== undefined && Object.hasOwn(found, call) ? found[call] : undefined
  if (callee === undefined || typeof callee === 'string') return addNode(drawing, { ...item, kind: 'call' })
  const root = `${drawing.root}/imports${pointerPart(call)}`
  const inner: Drawing = { ...drawing, definition: callee, prefix: `${item.id}/`, root }
  return addCluster(drawing, { ...item, kind: 'call' }, () => addWorkflow(inner).items)
}
