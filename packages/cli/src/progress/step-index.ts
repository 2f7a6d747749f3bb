import { kindOf, pointerPart, type Definition, type Step, type StepKind, type Undo } from '@segno/schema'

/** A step as the definition declares it. */
export interface DeclaredStep {
  readonly id: string
  readonly kind: StepKind
  /** JSON Pointer (RFC 6901) into the definition; of a called workflow, into what stands in the place of the import. */
  readonly pointer: string
  /** How often it may be tried, where that is declared. */
  readonly attemptsMax?: number
  /** Whether a failure in it is foreseen: caught, collected or passed over. */
  readonly tolerant: boolean
  /** What it calls: the handler of `uses`. */
  readonly handler?: string
  /** The lists that it holds, by the name that `branch.taken` tells; those of a state machine are called `state:<name>`. */
  readonly lists: Lists
  /** What takes it back. */
  readonly undo?: DeclaredStep
  /** Of a state machine: what leads out of each state once its steps are over. */
  readonly exits?: ReadonlyMap<string, StateExits>
  /** Of a `start`: whether the run is not waited for, and goes on when this one ends. */
  readonly isLetGo?: true
}

/** What a state machine that rests in a state waits for. */
export interface StateExits {
  /** The signals that it names. */
  readonly signals: readonly string[]
  /** Whether it also goes on after some time. */
  readonly isTimed: boolean
}

/** Lists of steps by name. */
export type Lists = ReadonlyMap<string, readonly DeclaredStep[]>

/** The lists of the workflow itself: `do` and, where it has one, `finally`. */
export function declaredLists(definition: Definition): Lists {
  return listsOf({ definition, pointer: '', called: new Map() })
}

/** Every step of some lists, each before what is inside it; not those of the workflows that are called. */
export function* everyStep(lists: Lists): Generator<DeclaredStep> {
  for (const steps of lists.values()) {
    for (const step of steps) {
      yield step
      if (step.undo !== undefined) yield step.undo
      if (step.kind !== 'call') yield* everyStep(step.lists)
    }
  }
}

/** A workflow, where it stands in the definition, and the lists of those that it calls as far as somebody asked. */
interface Unit {
  readonly definition: Definition
  readonly pointer: string
  readonly called: Map<string, Lists>
}

function listsOf(unit: Unit): Lists {
  const { definition, pointer } = unit
  const index = new Map([['do', listOf(definition.steps, `${pointer}/steps`, unit)]])
  if (definition.finally) index.set('finally', listOf(definition.finally, `${pointer}/finally`, unit))
  return index
}

function listOf(steps: readonly Step[], pointer: string, unit: Unit): readonly DeclaredStep[] {
  return steps.map((step, index) => declared(step, step.id, { pointer: `${pointer}${pointerPart(index)}`, unit }))
}

interface Place {
  readonly pointer: string
  readonly unit: Unit
}

function declared(step: Step | Undo, id: string, { pointer, unit }: Place): DeclaredStep {
  const kind = kindOf(step as Step)
  const retry =
    ('retry' in step ? step.retry : undefined) ?? (isWork(kind) ? unit.definition.defaults?.retry : undefined)
  const undo = 'undo' in step ? step.undo : undefined
  const own: Omit<DeclaredStep, 'lists'> = {
    ...{ id, kind, pointer },
    ...(retry && { attemptsMax: retry.max + 1 }),
    ...('uses' in step && { handler: step.uses }),
    tolerant: isTolerant(step),
    ...(undo && { undo: declared(undo, `${id}.undo`, { pointer: `${pointer}/undo`, unit }) }),
    ...('states' in step && { exits: exitsOf(step) }),
    ...('start' in step && step.detached === true && step.wait === false && { isLetGo: true }),
  }
  // Called workflows may call others by the thousands: only what comes up is looked at.
  if ('call' in step) {
    const { call } = step
    return {
      ...own,
      get lists() {
        return calledLists(unit, call)
      },
    }
  }
  const lists = listsIn(step as Step).map(
    ([name, key, steps]) => [name, listOf(steps, `${pointer}/${key}`, unit)] as const,
  )
  return { ...own, lists: new Map(lists) }
}

function calledLists({ definition, pointer, called }: Unit, name: string): Lists {
  const known = called.get(name)
  if (known !== undefined) return known
  const found = definition.imports?.[name]
  const place = `${pointer}/imports${pointerPart(name)}`
  const lists: Lists =
    typeof found === 'object' ? listsOf({ definition: found, pointer: place, called: new Map() }) : new Map()
  called.set(name, lists)
  return lists
}

function isWork(kind: StepKind): boolean {
  return kind === 'uses' || kind === 'http' || kind === 'agent' || isProcess(kind)
}

/** Whether a step starts a process, which leaves what it prints. */
export function isProcess(kind: StepKind): boolean {
  return kind === 'exec' || kind === 'run'
}

function isTolerant(step: Step | Undo): boolean {
  if ('onFailure' in step && step.onFailure === 'continue') return true
  if ('try' in step) return (step.catch ?? []).length > 0
  return 'forEach' in step && step.forEach.collect === true
}

function exitsOf({ states }: Extract<Step, { states: unknown }>): ReadonlyMap<string, StateExits> {
  return new Map(
    Object.entries(states).map(([name, { on = {}, after = {} }]) => [
      name,
      { signals: Object.keys(on), isTimed: Object.keys(after).length > 0 },
    ]),
  )
}

type ListIn = readonly [name: string, key: string, steps: readonly Step[]]

function listsIn(step: Step): readonly ListIn[] {
  if ('match' in step) {
    const cases = Object.entries(step.cases).map(([key, steps]): ListIn => [
      `case:${key}`,
      `cases${pointerPart(key)}`,
      steps,
    ])
    return step.default ? [...cases, ['default', 'default', step.default]] : cases
  }
  if ('parallel' in step) return [['do', 'parallel', step.parallel]]
  if ('states' in step) {
    return Object.entries(step.states).map(([name, state]): ListIn => [
      `state:${name}`,
      `states${pointerPart(name)}/do`,
      state.do ?? [],
    ])
  }
  if ('try' in step) {
    const catches = (step.catch ?? []).map((clause, at): ListIn => [`catch[${at}]`, `catch/${at}/do`, clause.do])
    const last: readonly ListIn[] = step.finally ? [['finally', 'finally', step.finally]] : []
    return [['do', 'try', step.try], ...catches, ...last]
  }
  if (!('do' in step)) return []
  const body: ListIn = ['do', 'do', step.do]
  return 'else' in step && step.else ? [body, ['else', 'else', step.else]] : [body]
}
