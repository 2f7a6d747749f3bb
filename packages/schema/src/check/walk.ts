import { kindOf, type Definition, type Step, type StepKind } from '../definition.ts'
import { pointerPart } from '../json.ts'

/** A list of steps and what it is to the block that holds it. */
export interface StepList {
  readonly role: 'steps' | 'do' | 'else' | 'case' | 'default' | 'parallel' | 'try' | 'catch' | 'finally' | 'state'
  readonly pointer: string
  readonly steps: readonly Step[]
  /** Of each of its steps. */
  readonly places: readonly StepPlace[]
  /** The block; none for the lists of the workflow itself. */
  readonly owner?: StepPlace
}

/** A step and where it stands. */
export interface StepPlace {
  readonly step: Step
  readonly kind: StepKind
  readonly pointer: string
  readonly list: StepList
  /** Those that it holds, in the order of the text; none for a step that is no block. */
  readonly lists: readonly StepList[]
  /** The step that this one takes back: it is the `undo` of that one. */
  readonly undoes?: StepPlace
}

/** All steps of a definition and where they stand. */
interface Walk {
  readonly lists: readonly StepList[]
  readonly places: readonly StepPlace[]
  readonly withUndo: readonly StepPlace[]
}

const walks = new WeakMap<Definition, Walk>()

/** Does something with a definition that nobody changes meanwhile: its steps are looked for once. */
export function walkedOnce<T>(definition: Definition, work: () => T): T {
  walks.set(definition, walkOf(definition))
  try {
    return work()
  } finally {
    walks.delete(definition)
  }
}

function walkOf(definition: Definition): Walk {
  const known = walks.get(definition)
  if (known !== undefined) return known
  const lists = [listAt('steps', '/steps', definition.steps)]
  if (definition.finally) lists.push(listAt('finally', '/finally', definition.finally))
  const places: StepPlace[] = []
  for (const list of lists) addPlaces(places, list)
  const withUndo = places.flatMap((place) => {
    const undo = undoPlace(place)
    return undo ? [place, undo] : [place]
  })
  return { lists, places, withUndo }
}

/** Every step of a definition that has its turn in a list, a block before what is inside it. */
export function stepPlaces(definition: Definition): readonly StepPlace[] {
  return walkOf(definition).places
}

/** Every step of a definition, each followed by the one that takes it back. */
export function placesWithUndo(definition: Definition): readonly StepPlace[] {
  return walkOf(definition).withUndo
}

/** The step that takes a step back. It may have no id. */
export function undoPlace(place: StepPlace): StepPlace | undefined {
  if (!('undo' in place.step) || place.step.undo === undefined) return undefined
  // It lacks only what has no meaning there.
  const step = place.step.undo as Step
  return { step, kind: kindOf(step), pointer: `${place.pointer}/undo`, list: place.list, lists: [], undoes: place }
}

/** How a message names a step. */
export function nameOf({ step, undoes }: StepPlace): string {
  return undoes && step.id === undefined ? `the undo of "${undoes.step.id}"` : `"${step.id}"`
}

/** The lists of the workflow itself. */
export function workflowLists(definition: Definition): readonly StepList[] {
  return walkOf(definition).lists
}

/** Whether a step holds other steps. */
export function isBlock({ kind }: StepPlace): boolean {
  return blockKinds.has(kind)
}

const blockKinds: ReadonlySet<StepKind> = new Set([
  ...(['do', 'if', 'match', 'parallel', 'forEach', 'repeat', 'try', 'states'] as const),
])

function listAt(role: StepList['role'], pointer: string, steps: readonly Step[], owner?: StepPlace): StepList {
  const places: StepPlace[] = []
  const list: StepList = { role, pointer, steps, places, ...(owner && { owner }) }
  for (const [index, step] of steps.entries()) {
    const lists: StepList[] = []
    const place: StepPlace = { step, kind: kindOf(step), pointer: `${pointer}/${index}`, list, lists }
    if (isBlock(place)) lists.push(...listsIn(place))
    places.push(place)
  }
  return list
}

function listsIn(owner: StepPlace): StepList[] {
  const { step, pointer } = owner
  const list = (role: StepList['role'], steps: readonly Step[] | undefined, at: string = role): StepList[] =>
    steps ? [listAt(role, `${pointer}/${at}`, steps, owner)] : []
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

function addPlaces(all: StepPlace[], list: StepList): void {
  for (const place of list.places) {
    all.push(place)
    for (const inner of place.lists) addPlaces(all, inner)
  }
}
