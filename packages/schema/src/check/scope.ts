import type { Definition, StatesStep } from '../definition.ts'
import type { Json } from '../json.ts'
import { pointerPart } from '../json.ts'
import { SiblingNeeds } from './sibling-needs.ts'
import { fieldsOf, retryFields, slot, template, type FieldPlace } from './step-fields.ts'
import { transitionLists } from './transitions.ts'
import { isBlock, undoPlace, workflowLists, type StepList, type StepPlace } from './walk.ts'

/**
 * What an expression sees: the steps and variables named here, and those of the
 * scopes around it. `steps` grows while a list is walked, so a scope says what
 * is true at the moment that its expression is met.
 */
export interface LexicalScope {
  readonly around?: LexicalScope
  readonly steps: SeenSteps
  /** Steps that are named around this scope, and are not seen from it. */
  readonly hidden?: ReadonlySet<string>
  readonly variables: ReadonlySet<string>
}

/** Ids of steps: of those before one in its list, or of the siblings that one needs. */
interface SeenSteps extends Iterable<string> {
  has(id: string): boolean
}

/** A value of the definition that holds expressions, and what they see. */
export interface ExpressionPlace extends Pick<FieldPlace, 'pointer' | 'value' | 'form' | 'secrets'> {
  readonly scope: LexicalScope
  /** None for those of the workflow itself. */
  readonly place?: StepPlace
}

/** Every place of a definition where expressions may stand. To be looked at one by one: see `LexicalScope`. */
export function* expressionPlaces(definition: Definition): Generator<ExpressionPlace> {
  const base: LexicalScope = { steps: new Set(), variables: new Set(['input', 'run', 'steps']) }
  const { timeout, retry } = definition.defaults ?? {}
  const settings = [
    ...template('/defaults/timeout', timeout),
    ...(retry ? retryFields(retry, '/defaults/retry') : []),
    ...template('/concurrency/group', definition.concurrency?.group),
  ]
  yield* seenFrom(base, settings)
  for (const list of workflowLists(definition)) {
    const variables = list.role === 'finally' ? ['error'] : []
    yield* placesInList(list, inside(base, idsOf(list.role === 'finally' ? definition.steps : []), variables))
  }
  const end = inside(base, idsOf([...definition.steps, ...(definition.finally ?? [])]))
  for (const [name, { value }] of Object.entries(definition.output ?? {})) {
    yield* seenFrom(end, template(`/output/${name}/value`, value))
  }
}

/** Whether a step can be read in a scope. */
export function seesStep(scope: LexicalScope, id: string): boolean {
  if (scope.steps.has(id)) return true
  return scope.around !== undefined && scope.hidden?.has(id) !== true && seesStep(scope.around, id)
}

/** All that a scope and those around it name. */
export function allNames(scope: LexicalScope, kind: 'steps' | 'variables'): string[] {
  return [...scope[kind], ...(scope.around ? allNames(scope.around, kind) : [])]
}

function inside(around: LexicalScope, steps: Iterable<string> = [], variables: Iterable<string> = []): LexicalScope {
  return { around, steps: new Set(steps), variables: new Set(variables) }
}

function besideNeeded(around: LexicalScope, needs: SiblingNeeds, id: string): LexicalScope {
  const steps = { has: (other: string) => needs.has(id, other), [Symbol.iterator]: () => needs.of(id).values() }
  return { around, steps, variables: new Set() }
}

function idsOf(steps: readonly { readonly id: string }[]): string[] {
  return steps.map(({ id }) => id)
}

function seenFrom(scope: LexicalScope, fields: readonly FieldPlace[]): ExpressionPlace[] {
  return fields.map(({ pointer, value, form, secrets, variables }) => ({
    ...{ pointer, value, form, ...(secrets && { secrets }) },
    scope: variables === undefined ? scope : inside(scope, [], variables),
  }))
}

// Children of `parallel` see those that they need; elsewhere a step sees those before it.
function* placesInList(list: StepList, around: LexicalScope): Generator<ExpressionPlace> {
  const needs = list.role === 'parallel' ? new SiblingNeeds(list.steps) : undefined
  const before = new Set(around.steps)
  const inOrder = { ...around, steps: before }
  for (const place of list.places) {
    const { step } = place
    const seen = needs === undefined ? inOrder : besideNeeded(around, needs, step.id)
    for (const found of placesInStep(place, seen)) yield { place, ...found }
    before.add(step.id)
  }
}

function* placesInStep(place: StepPlace, scope: LexicalScope): Generator<ExpressionPlace> {
  const { step, pointer } = place
  const ended = inside(scope, [step.id])
  const fields = fieldsOf(step, pointer)
  yield* seenFrom(scope, slot(`${pointer}/if`, step.if))
  yield* seenFrom(
    scope,
    fields.filter(({ seesItself }) => seesItself !== true),
  )
  yield* seenFrom(
    ended,
    fields.filter(({ seesItself }) => seesItself === true),
  )
  yield* blockPlaces(place, scope)
  const undo = undoPlace(place)
  if (!undo) return
  for (const found of seenFrom(ended, fieldsOf(undo.step, undo.pointer))) yield { place: undo, ...found }
}

/** The expressions inside of a block, and those that see its inside; none for a step that is no block. */
function* blockPlaces(place: StepPlace, scope: LexicalScope): Generator<ExpressionPlace> {
  if (!isBlock(place)) return
  const { step, pointer, lists } = place
  const end = inside(
    scope,
    lists.flatMap((list) => idsOf(list.steps)),
    variablesInside(place),
  )
  // A state may be entered after any other, and sees of its own steps those before.
  const around = (list: StepList): LexicalScope =>
    'states' in step ? { ...inside(end), hidden: new Set(idsOf(list.steps)) } : scopeOfList(place, list, scope)
  for (const list of lists) yield* placesInList(list, around(list))
  if ('states' in step) yield* seenFrom(end, conditions(step, pointer))
  if ('output' in step) yield* seenFrom(end, template(`${pointer}/output`, step.output as Json | undefined))
  if (!('repeat' in step)) return
  yield* seenFrom(end, slot(`${pointer}/repeat/until`, step.repeat.until))
  if (typeof step.onExhausted === 'object')
    yield* seenFrom(end, template(`${pointer}/onExhausted/output`, step.onExhausted.output))
}

// The steps of a state have ended when it is left.
function conditions({ states }: StatesStep, pointer: string): FieldPlace[] {
  return Object.entries(states).flatMap(([name, state]) =>
    transitionLists(state, `${pointer}/states${pointerPart(name)}`)
      .flatMap(({ transitions }) => transitions)
      .flatMap((found) => slot(`${found.pointer}/if`, found.transition.if)),
  )
}

// What handles a failure, or tidies up, sees how far the steps before it got.
function scopeOfList({ step }: StepPlace, list: StepList, scope: LexicalScope): LexicalScope {
  if (!('try' in step) || list.role === 'try') return inside(scope, [], variablesInside({ step }))
  const clause = /\/catch\/(\d+)\/do$/.exec(list.pointer)?.[1]
  const name = clause === undefined ? 'error' : (step.catch?.[Number(clause)]?.as ?? 'error')
  return inside(scope, idsOf(step.try), [name])
}

function variablesInside({ step }: Pick<StepPlace, 'step'>): string[] {
  if ('forEach' in step) return [step.forEach.as ?? 'item', 'index']
  if ('states' in step) return ['state', 'signal']
  if (!('repeat' in step)) return []
  return step.repeat.initial === undefined ? ['iteration'] : ['iteration', 'previous']
}
