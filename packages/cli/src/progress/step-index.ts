import { kindOf, pointerPart, type Definition, type Step, type StepKind } from '@segno/schema'

/** A step as the definition declares it. */
export interface DeclaredStep {
  readonly id: string
  readonly kind: StepKind
  /** JSON Pointer (RFC 6901) into the definition. */
  readonly pointer: string
  /** How often it may be tried, where that is declared. */
  readonly attemptsMax?: number
  /** Whether a failure in it is foreseen: caught, collected or passed over. */
  readonly tolerant: boolean
  /** What it calls: the handler of `uses`. */
  readonly handler?: string
  /** The lists that it holds, by the name that `branch.taken` tells. */
  readonly lists: ReadonlyMap<string, readonly DeclaredStep[]>
}

/** The lists of the workflow itself: `do` and, where it has one, `finally`. */
export function declaredLists(definition: Definition): ReadonlyMap<string, readonly DeclaredStep[]> {
  const index = new Map([['do', listOf(definition.steps, '/steps', definition)]])
  if (definition.finally) index.set('finally', listOf(definition.finally, '/finally', definition))
  return index
}

/** Every step of some lists, each before what is inside it. */
export function* everyStep(lists: ReadonlyMap<string, readonly DeclaredStep[]>): Generator<DeclaredStep> {
  for (const steps of lists.values()) {
    for (const step of steps) {
      yield step
      yield* everyStep(step.lists)
    }
  }
}

function listOf(steps: readonly Step[], pointer: string, definition: Definition): readonly DeclaredStep[] {
  return steps.map((step, index) => declared(step, `${pointer}${pointerPart(index)}`, definition))
}

function declared(step: Step, pointer: string, definition: Definition): DeclaredStep {
  const kind = kindOf(step)
  const retry = ('retry' in step ? step.retry : undefined) ?? (isWork(kind) ? definition.defaults?.retry : undefined)
  return {
    id: step.id,
    kind,
    pointer,
    ...(retry && { attemptsMax: retry.max + 1 }),
    ...('uses' in step && { handler: step.uses }),
    tolerant: isTolerant(step),
    lists: new Map(
      listsIn(step).map(([name, key, steps]) => [name, listOf(steps, `${pointer}/${key}`, definition)] as const),
    ),
  }
}

function isWork(kind: StepKind): boolean {
  return kind === 'uses' || isProcess(kind)
}

/** Whether a step starts a process, which leaves what it prints. */
export function isProcess(kind: StepKind): boolean {
  return kind === 'exec' || kind === 'run'
}

function isTolerant(step: Step): boolean {
  if ('onFailure' in step && step.onFailure === 'continue') return true
  if ('try' in step) return (step.catch ?? []).length > 0
  return 'forEach' in step && step.forEach.collect === true
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
  if ('try' in step) {
    const catches = (step.catch ?? []).map((clause, at): ListIn => [`catch[${at}]`, `catch/${at}/do`, clause.do])
    const last: readonly ListIn[] = step.finally ? [['finally', 'finally', step.finally]] : []
    return [['do', 'try', step.try], ...catches, ...last]
  }
  if (!('do' in step)) return []
  const body: ListIn = ['do', 'do', step.do]
  return 'else' in step && step.else ? [body, ['else', 'else', step.else]] : [body]
}
