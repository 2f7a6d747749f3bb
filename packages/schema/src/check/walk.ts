import { kindOf, type Definition, type Step, type StepKind } from '../definition.ts'
import { pointerPart } from '../json.ts'

/** A list of steps and what it is to the block that holds it. */
export interface StepList {
  readonly role: 'steps' | 'do' | 'else' | 'case' | 'default' | 'parallel' | 'try' | 'catch' | 'finally' | 'state'
  readonly pointer: string
  readonly steps: readonly Step[]
  /** The block; none for the lists of the workflow itself. */
  readonly owner?: StepPlace
}

/** A step and where it stands. */
export interface StepPlace {
  readonly step: Step
  readonly kind: StepKind
  readonly pointer: string
  readonly list: StepList
  /** The step that this one takes back: it is the `undo` of that one. */
  readonly undoes?: StepPlace
}

/** Every step of a definition that has its turn in a list, a block before what is inside it. */
export function* stepPlaces(definition: Definition): Generator<StepPlace> {
  for (const list of workflowLists(definition)) yield* placesIn(list)
}

/** Every step of a definition, each followed by the one that takes it back. */
export function* placesWithUndo(definition: Definition): Generator<StepPlace> {
  for (const place of stepPlaces(definition)) {
    yield place
    const undo = undoPlace(place)
    if (undo) yield undo
  }
}

/** The step that takes a step back. It may have no id. */
export function undoPlace(place: StepPlace): StepPlace | undefined {
  if (!('undo' in place.step) || place.step.undo === undefined) return undefined
  // It lacks only what has no meaning there.
  const step = place.step.undo as Step
  return { step, kind: kindOf(step), pointer: `${place.pointer}/undo`, list: place.list, undoes: place }
}

/** How a message names a step. */
export function nameOf({ step, undoes }: StepPlace): string {
  return undoes && step.id === undefined ? `the undo of "${undoes.step.id}"` : `"${step.id}"`
}

/** The lists of the workflow itself. */
export function workflowLists(definition: Definition): StepList[] {
  const lists: StepList[] = [{ role: 'steps', pointer: '/steps', steps: definition.steps }]
  if (definition.finally) lists.push({ role: 'finally', pointer: '/finally', steps: definition.finally })
  return lists
}

/** The step at a position of a list. */
export function placeOf(list: StepList, index: number, step: Step): StepPlace {
  return { step, kind: kindOf(step), pointer: list.pointer + pointerPart(index), list }
}

/** Whether a step holds other steps. */
export function isBlock({ kind }: StepPlace): boolean {
  return blockKinds.has(kind)
}

const blockKinds: ReadonlySet<StepKind> = new Set([
  ...(['do', 'if', 'match', 'parallel', 'forEach', 'repeat', 'try', 'states'] as const),
])

/** The lists that a block holds, in the order of the text; none for a step that is no block. */
export function listsOf(owner: StepPlace): StepList[] {
  const { step, pointer } = owner
  const list = (role: StepList['role'], steps: readonly Step[] | undefined, at: string = role): StepList[] =>
    steps ? [{ role, steps, owner, pointer: `${pointer}/${at}` }] : []
  if ('match' in step) {
    const cases = Object.entries(step.cases).flatMap(([key, steps]) => list('case', steps, `cases${pointerPart(key)}`))
    return [...cases, ...list('default', step.default)]
  }
  if ('parallel' in step) return list('parallel', step.parallel)
  if ('try' in step) {
    const catches = (step.catch ?? []).flatMap((clause, index) => list('catch', clause.do, `catch/${index}/do`))
    return [...list('try', step.try), ...catches, ...list('finally', step.finally)]
  }
  if ('states' in step) {
    return Object.entries(step.states).flatMap(([name, state]) =>
      list('state', state.do, `states${pointerPart(name)}/do`),
    )
  }
  if (!('do' in step)) return []
  return [...list('do', step.do), ...('else' in step ? list('else', step.else) : [])]
}

/** The blocks around a step, the innermost first. */
export function* blocksAround(place: StepPlace): Generator<StepPlace> {
  for (let owner = place.list.owner; owner; owner = owner.list.owner) yield owner
}

function* placesIn(list: StepList): Generator<StepPlace> {
  for (const [index, step] of list.steps.entries()) {
    const place = placeOf(list, index, step)
    yield place
    for (const inner of listsOf(place)) yield* placesIn(inner)
  }
}
