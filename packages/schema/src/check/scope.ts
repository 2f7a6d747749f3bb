import type { Definition, Retry } from '../definition.ts'
import type { Json, JsonObject } from '../json.ts'
import { needed } from './needs.ts'
import { isBlock, listsOf, placeOf, workflowLists, type StepList, type StepPlace } from './walk.ts'

/**
 * What an expression sees: the steps and variables named here, and those of the
 * scopes around it. `steps` grows while a list is walked, so a scope says what
 * is true at the moment that its expression is met.
 */
export interface LexicalScope {
  readonly around?: LexicalScope
  readonly steps: Set<string>
  readonly variables: ReadonlySet<string>
}

/** A value of the definition that holds expressions, and what they see. */
export interface ExpressionPlace {
  readonly pointer: string
  readonly value: Json
  /** A slot is an expression by itself; a template is data with `${{ }}` in it. */
  readonly form: 'slot' | 'template'
  readonly scope: LexicalScope
  /** Where secrets may be read: whether as a text of their own only, or with text around them. */
  readonly secrets?: 'whole' | 'text'
  /** None for those of the workflow itself. */
  readonly place?: StepPlace
}

/** Every place of a definition where expressions may stand. To be looked at one by one: see `LexicalScope`. */
export function* expressionPlaces(definition: Definition): Generator<ExpressionPlace> {
  const base: LexicalScope = { steps: new Set(), variables: new Set(['input', 'run', 'steps']) }
  const { timeout, retry } = definition.defaults ?? {}
  if (timeout !== undefined) yield template('/defaults/timeout', timeout, base)
  if (retry) yield* retryFields(retry, '/defaults/retry', base)
  for (const list of workflowLists(definition)) {
    const variables = list.role === 'finally' ? ['error'] : []
    yield* placesInList(list, inside(base, idsOf(list.role === 'finally' ? definition.steps : []), variables))
  }
  const end = inside(base, idsOf([...definition.steps, ...(definition.finally ?? [])]))
  for (const [name, { value }] of Object.entries(definition.output ?? {})) {
    if (value !== undefined) yield template(`/output/${name}/value`, value, end)
  }
}

/** Whether a step can be read in a scope. */
export function seesStep(scope: LexicalScope, id: string): boolean {
  return scope.steps.has(id) || (scope.around !== undefined && seesStep(scope.around, id))
}

/** All that a scope and those around it name. */
export function allNames(scope: LexicalScope, kind: 'steps' | 'variables'): string[] {
  return [...scope[kind], ...(scope.around ? allNames(scope.around, kind) : [])]
}

function inside(around: LexicalScope, steps: Iterable<string> = [], variables: Iterable<string> = []): LexicalScope {
  return { around, steps: new Set(steps), variables: new Set(variables) }
}

function idsOf(steps: readonly { readonly id: string }[]): string[] {
  return steps.map(({ id }) => id)
}

function template(pointer: string, value: Json, scope: LexicalScope): ExpressionPlace {
  return { pointer, value, form: 'template', scope }
}

function slot(pointer: string, value: Json, scope: LexicalScope): ExpressionPlace {
  return { pointer, value, form: 'slot', scope }
}

// Children of `parallel` see those that they need; elsewhere a step sees those before it.
function* placesInList(list: StepList, scope: LexicalScope): Generator<ExpressionPlace> {
  for (const [index, step] of list.steps.entries()) {
    const place = placeOf(list, index, step)
    const seen = list.role === 'parallel' ? inside(scope, needed(list.steps, step.id)) : scope
    for (const found of placesInStep(place, seen)) yield { place, ...found }
    if (list.role !== 'parallel') scope.steps.add(step.id)
  }
}

function* placesInStep(place: StepPlace, scope: LexicalScope): Generator<ExpressionPlace> {
  const { step, pointer } = place
  if (step.if !== undefined) yield slot(`${pointer}/if`, step.if, scope)
  yield* fieldsOf(place, scope)
  const lists = listsOf(place)
  for (const list of lists) yield* placesInList(list, scopeOfList(place, list, scope))
  const end = inside(
    scope,
    lists.flatMap((list) => idsOf(list.steps)),
    loopVariables(place),
  )
  if ('output' in step && step.output !== undefined && isBlock(place))
    yield template(`${pointer}/output`, step.output as Json, end)
  if (!('repeat' in step)) return
  if (step.repeat.until !== undefined) yield slot(`${pointer}/repeat/until`, step.repeat.until, end)
  if (typeof step.onExhausted === 'object')
    yield template(`${pointer}/onExhausted/output`, step.onExhausted.output, end)
}

/** The expressions of a step's own fields, which see what the step sees. */
function* fieldsOf({ step, pointer }: StepPlace, scope: LexicalScope): Generator<ExpressionPlace> {
  // A step is JSON by construction; its type says more than is asked here.
  const fields = step as unknown as JsonObject
  for (const key of templateFields) {
    const value = fields[key]
    if (value !== undefined) yield template(`${pointer}/${key}`, value, scope)
  }
  if ('with' in step && step.with !== undefined)
    yield { ...template(`${pointer}/with`, step.with, scope), secrets: 'whole' }
  if ('env' in step && step.env) yield { ...template(`${pointer}/env`, step.env, scope), secrets: 'text' }
  if (('exec' in step || 'run' in step) && step.output?.path !== undefined)
    yield template(`${pointer}/output/path`, step.output.path, scope)
  if ('retry' in step && step.retry) yield* retryFields(step.retry, `${pointer}/retry`, scope)
  if ('assert' in step) yield slot(`${pointer}/assert`, step.assert, scope)
  if ('match' in step) yield slot(`${pointer}/match`, step.match, scope)
  if ('fail' in step) {
    yield template(`${pointer}/fail/message`, step.fail.message, scope)
    if (step.fail.data !== undefined) yield template(`${pointer}/fail/data`, step.fail.data, scope)
  }
  if ('waitFor' in step) {
    yield template(`${pointer}/waitFor/signal`, step.waitFor.signal, scope)
    if (step.waitFor.if !== undefined) yield slot(`${pointer}/waitFor/if`, step.waitFor.if, inside(scope, [], ['data']))
  }
  if ('forEach' in step) yield* forEachFields(step.forEach, `${pointer}/forEach`, scope)
  if ('repeat' in step) yield* repeatFields(step.repeat, `${pointer}/repeat`, scope)
}

const templateFields = ['exec', 'set', 'message', 'sleep', 'return', 'concurrency', 'timeout'] as const

function* forEachFields(
  forEach: { readonly in: Json; readonly concurrency?: Json },
  pointer: string,
  scope: LexicalScope,
): Generator<ExpressionPlace> {
  const form = typeof forEach.in === 'string' ? slot : template
  yield form(`${pointer}/in`, forEach.in, scope)
  if (forEach.concurrency !== undefined) yield template(`${pointer}/concurrency`, forEach.concurrency, scope)
}

function* repeatFields(
  repeat: { readonly max: Json; readonly while?: Json; readonly every?: Json; readonly initial?: Json },
  pointer: string,
  scope: LexicalScope,
): Generator<ExpressionPlace> {
  yield template(`${pointer}/max`, repeat.max, scope)
  if (repeat.every !== undefined) yield template(`${pointer}/every`, repeat.every, scope)
  if (repeat.initial !== undefined) yield template(`${pointer}/initial`, repeat.initial, scope)
  // Tested before an iteration: it sees none of its steps.
  const variables = repeat.initial === undefined ? ['iteration'] : ['iteration', 'previous']
  if (repeat.while !== undefined) yield slot(`${pointer}/while`, repeat.while, inside(scope, [], variables))
}

function* retryFields({ delay, maxDelay }: Retry, pointer: string, scope: LexicalScope): Generator<ExpressionPlace> {
  if (delay !== undefined) yield template(`${pointer}/delay`, delay, scope)
  if (maxDelay !== undefined) yield template(`${pointer}/maxDelay`, maxDelay, scope)
}

// What handles a failure, or tidies up, sees how far the steps before it got.
function scopeOfList({ step }: StepPlace, list: StepList, scope: LexicalScope): LexicalScope {
  if (!('try' in step) || list.role === 'try') return inside(scope, [], loopVariables({ step }))
  const clause = /\/catch\/(\d+)\/do$/.exec(list.pointer)?.[1]
  const name = clause === undefined ? 'error' : (step.catch?.[Number(clause)]?.as ?? 'error')
  return inside(scope, idsOf(step.try), [name])
}

function loopVariables({ step }: Pick<StepPlace, 'step'>): string[] {
  if ('forEach' in step) return [step.forEach.as ?? 'item', 'index']
  if (!('repeat' in step)) return []
  return step.repeat.initial === undefined ? ['iteration'] : ['iteration', 'previous']
}
