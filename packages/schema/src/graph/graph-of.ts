import type {
  CallStep,
  Definition,
  ForEachStep,
  IfStep,
  MatchStep,
  ParallelStep,
  RepeatStep,
  StatesStep,
  Step,
  TryStep,
} from '../definition.ts'
import { kindOf } from '../definition.ts'
import { pointerPart } from '../json.ts'
import { cutText } from './cut-text.ts'
import type { BlockKind, ClusterKind, EdgeKind, Graph, GraphCluster, GraphEdge, GraphItem, GraphNode } from './graph.ts'
import { detailOf, expressionText, labelText } from './step-text.ts'
import { isFinal, transitionsOf } from './transitions.ts'

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
  const drawing: Drawing = { nodes: [], clusters: [], edges: [], definition, prefix: '', root: '', expand }
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

/** A graph while it is made. */
interface Drawing {
  readonly nodes: GraphNode[]
  readonly clusters: GraphCluster[]
  readonly edges: GraphEdge[]
  readonly expand: boolean
  /** The workflow that is drawn: the whole, or an imported one. */
  readonly definition: Definition
  /** What its ids begin with, and its pointers. */
  readonly prefix: string
  readonly root: string
}

/** What became of a list of steps. */
interface DrawnList {
  readonly items: readonly string[]
  readonly first?: string
  readonly last?: string
  /** Where its end leads. */
  readonly leads?: 'on' | 'return' | 'fail'
}

/** A list and where it is written down. */
interface Place {
  readonly steps: readonly Step[]
  readonly pointer: string
}

function addNode(drawing: Drawing, node: GraphNode): string {
  drawing.nodes.push(node)
  return node.id
}

function addEdge(drawing: Drawing, edge: Omit<GraphEdge, 'kind'> & { readonly kind?: EdgeKind }): void {
  drawing.edges.push({ kind: 'sequence', ...edge })
}

type Described = Omit<GraphItem, 'id'>

// Pushed before what is inside is drawn: parents come first.
function addCluster(
  drawing: Drawing,
  { id, kind, ...described }: Described & { readonly id: string; readonly kind: ClusterKind },
  draw: () => readonly string[],
): string {
  const items: string[] = []
  drawing.clusters.push({ id, kind, ...described, items })
  items.push(...draw())
  return id
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

interface ListCluster extends Described {
  readonly id: string
  readonly kind: ClusterKind
  readonly place: Place
}

function addListCluster(drawing: Drawing, { place, ...cluster }: ListCluster): string {
  return addCluster(drawing, { ...cluster, pointer: place.pointer }, () => orNothing(drawing, cluster.id, place))
}

function orNothing(drawing: Drawing, id: string, place: Place): readonly string[] {
  const { items } = addList(drawing, place)
  return items.length > 0 ? items : [addNode(drawing, { id: `${id}:nothing`, kind: 'nothing', label: 'nothing' })]
}

/** Draws a step and what takes it back, and tells its id. */
function addStep(
  drawing: Drawing,
  step: Step,
  { pointer, items }: { readonly pointer: string; readonly items: string[] },
): string {
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

/** A block and how it is described. */
interface Block<S> {
  readonly step: S
  readonly item: GraphItem
}

type BlockDrawers = { readonly [K in BlockKind]: (drawing: Drawing, block: Block<never>) => readonly string[] }

const drawers: BlockDrawers = {
  do: (drawing, { step, item }: Block<IfStep>) =>
    orNothing(drawing, item.id, { steps: step.do, pointer: `${item.pointer}/do` }),
  if: drawIf,
  match: drawMatch,
  parallel: drawParallel,
  forEach: drawForEach,
  repeat: drawRepeat,
  try: drawTry,
  states: drawStates,
}

function addBlock(drawing: Drawing, kind: BlockKind, block: Block<Step>): string {
  return addCluster(drawing, { ...block.item, kind }, () => drawers[kind](drawing, block as Block<never>))
}

/** A list that a decision may lead to. */
interface Branch extends Place {
  readonly name: string
  readonly label: string
  /** What has to be so. */
  readonly when: string
}

function drawIf(drawing: Drawing, { step, item }: Block<IfStep>): readonly string[] {
  const { pointer } = item
  return drawDecision(drawing, item.id, {
    question: step.if,
    branches: [
      { name: 'do', label: 'then', when: 'true', steps: step.do, pointer: `${pointer}/do` },
      ...(step.else
        ? [{ name: 'else', label: 'else', when: 'false', steps: step.else, pointer: `${pointer}/else` }]
        : []),
    ],
  })
}

function drawMatch(drawing: Drawing, { step, item }: Block<MatchStep>): readonly string[] {
  const { pointer } = item
  const cases = Object.entries(step.cases).map(([key, steps]): Branch => {
    const label = labelText(key)
    return { name: `case:${key}`, label, when: label, steps, pointer: `${pointer}/cases${pointerPart(key)}` }
  })
  const others = step.default && { name: 'default', label: 'default', when: 'default', steps: step.default }
  const branches = others ? [...cases, { ...others, pointer: `${pointer}/default` }] : cases
  return drawDecision(drawing, item.id, { question: step.match, branches })
}

function drawDecision(
  drawing: Drawing,
  id: string,
  { question, branches }: { readonly question: string | boolean; readonly branches: readonly Branch[] },
): readonly string[] {
  const gate = addNode(drawing, { id: `${id}:gate`, kind: 'decision', label: expressionText(question) })
  const lists = branches.map(({ name, label, when, ...place }) => {
    const branch = addListCluster(drawing, { id: `${id}:${name}`, kind: 'branch', label, place })
    addEdge(drawing, { from: gate, to: branch, kind: 'branch', label: when })
    return branch
  })
  return [gate, ...lists]
}

function drawParallel(drawing: Drawing, { step, item }: Block<ParallelStep>): readonly string[] {
  const items: string[] = []
  step.parallel.forEach((child, index) =>
    addStep(drawing, child, { pointer: `${item.pointer}/parallel/${index}`, items }),
  )
  for (const child of step.parallel) {
    for (const needed of child.needs ?? []) {
      const [from, to] = [`${drawing.prefix}${needed}`, `${drawing.prefix}${child.id}`]
      addEdge(drawing, { from, to, kind: 'needs' })
    }
  }
  return items.length > 0 ? items : orNothing(drawing, item.id, { steps: [], pointer: '' })
}

function drawForEach(drawing: Drawing, { step, item }: Block<ForEachStep>): readonly string[] {
  const { in: list, as = 'item' } = step.forEach
  const source = typeof list === 'string' ? expressionText(list) : `${list.length} written out`
  return drawLoop(drawing, item, { label: `each ${labelText(as)} in ${source}`, again: 'next', steps: step.do })
}

function drawRepeat(drawing: Drawing, { step, item }: Block<RepeatStep>): readonly string[] {
  const { max, until, while: goesOn } = step.repeat
  const most = `at most ${expressionText(String(max), 24)} times`
  const conditions = [
    ...(goesOn === undefined ? [] : [`while ${expressionText(goesOn)}`]),
    ...(until === undefined ? [] : [`until ${expressionText(until)}`]),
  ]
  const [label = most, ...more] = conditions
  const detail = [...more, ...(conditions.length === 0 ? [] : [most])].join(' · ')
  return drawLoop(drawing, item, { label, again: 'again', steps: step.do, ...(detail !== '' && { detail }) })
}

interface Loop {
  readonly label: string
  readonly detail?: string
  readonly again: string
  readonly steps: readonly Step[]
}

function drawLoop(drawing: Drawing, item: GraphItem, { again, steps, ...words }: Loop): readonly string[] {
  const gate = addNode(drawing, { id: `${item.id}:gate`, kind: 'loop', ...words })
  const list = addList(drawing, { steps, pointer: `${item.pointer}/do` })
  if (list.first !== undefined) addEdge(drawing, { from: gate, to: list.first })
  if (list.last !== undefined && list.leads === 'on') {
    addEdge(drawing, { from: list.last, to: gate, kind: 'loop', label: again })
  }
  return [gate, ...list.items]
}

const codesMax = 36

function drawTry(drawing: Drawing, { step, item }: Block<TryStep>): readonly string[] {
  const { id, pointer } = item
  const place = { steps: step.try, pointer: `${pointer}/try` }
  const body = addListCluster(drawing, { id: `${id}:do`, kind: 'body', label: 'try', place })
  const clauses = (step.catch ?? []).map((clause, index) => {
    const codes = clause.on === undefined ? 'any failure' : cutText(clause.on.join(', '), codesMax)
    const inside = { steps: clause.do, pointer: `${pointer}/catch/${index}/do` }
    const name = `catch[${index}]`
    const caught = addListCluster(drawing, {
      ...{ id: `${id}:${name}`, kind: 'clause', label: 'catch', detail: codes, place: inside },
    })
    addEdge(drawing, { from: body, to: caught, kind: 'catch', label: codes })
    return caught
  })
  if (step.finally === undefined) return [body, ...clauses]
  const at = { steps: step.finally, pointer: `${pointer}/finally` }
  const last = addListCluster(drawing, { id: `${id}:finally`, kind: 'finally', label: 'finally', place: at })
  for (const from of [body, ...clauses]) addEdge(drawing, { from, to: last, kind: 'finally' })
  return [body, ...clauses, last]
}

function drawStates(drawing: Drawing, { step, item }: Block<StatesStep>): readonly string[] {
  const idOf = (name: string): string => `${item.id}:state:${name}`
  const entry = addNode(drawing, { id: `${item.id}:entry`, kind: 'entry', label: 'start' })
  const states = Object.entries(step.states).map(([name, state]) => {
    const pointer = `${item.pointer}/states${pointerPart(name)}`
    const described = {
      id: idOf(name),
      label: labelText(name),
      pointer,
      ...(isFinal(state) && { final: true as const }),
    }
    const place = { steps: state.do ?? [], pointer: `${pointer}/do` }
    if (place.steps.length === 0) return addNode(drawing, { ...described, kind: 'state' })
    return addCluster(drawing, { ...described, kind: 'state' }, () => addList(drawing, place).items)
  })
  if (Object.hasOwn(step.states, step.initial)) addEdge(drawing, { from: entry, to: idOf(step.initial) })
  for (const [name, state] of Object.entries(step.states)) {
    for (const { to, label } of transitionsOf(state)) {
      const words = label === undefined ? {} : { label }
      if (Object.hasOwn(step.states, to)) {
        addEdge(drawing, { from: idOf(name), to: idOf(to), kind: 'transition', ...words })
      }
    }
  }
  return [entry, ...states]
}
