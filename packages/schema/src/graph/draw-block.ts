import type {
  ForEachStep,
  IfStep,
  MatchStep,
  ParallelStep,
  RepeatStep,
  StatesStep,
  Step,
  TryStep,
} from '../definition.ts'
import { pointerPart } from '../json.ts'
import { cutText } from './cut-text.ts'
import { addCluster, addEdge, addListCluster, addNode, orNothing, type Drawing, type Place } from './drawing.ts'
import type { BlockKind, GraphItem } from './graph.ts'
import { expressionText, labelText } from './step-text.ts'
import { isFinal, transitionsOf } from './transitions.ts'

/** A block and how it is described. */
export interface Block<S> {
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

/** Draws a block with all that is inside, and tells its id. */
export function addBlock(drawing: Drawing, kind: BlockKind, block: Block<Step>): string {
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
    drawing.step(drawing, child, { pointer: `${item.pointer}/parallel/${index}`, items }),
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
  const list = drawing.list(drawing, { steps, pointer: `${item.pointer}/do` })
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
    return addCluster(drawing, { ...described, kind: 'state' }, () => drawing.list(drawing, place).items)
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
