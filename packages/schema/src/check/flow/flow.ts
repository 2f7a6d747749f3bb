import type { Definition, Step, StepKind } from '../../definition.ts'
import type { Mistake } from '../../diagnostic/mistake.ts'
import { parentPointer, pointerKeys, pointerPart, type Json } from '../../json.ts'
import { Environment, scopeOf, type OwnTypes } from '../../type/environment.ts'
import { typeOfDeclared, typeOfSchema } from '../../type/from-schema.ts'
import { scalarType } from '../../type/scalar.ts'
import { anyType, mapType, nullType, textType, type Type } from '../../type/type.ts'
import { union } from '../../type/union.ts'
import { replyText } from '../reply.ts'
import { fieldsOf, retryFields, template, type FieldPlace } from '../step-fields.ts'
import {
  isBlock,
  placesWithUndo,
  stepPlaces,
  undoPlace,
  workflowLists,
  type StepList,
  type StepPlace,
} from '../walk.ts'
import { walkBlock } from './blocks.ts'
import { awaitedType } from './awaited.ts'
import { ListScope } from './list-scope.ts'
import { faceOf, inputsOf, outputOf, type Surroundings } from './outputs.ts'
import {
  failureType,
  stepStatuses,
  stepType,
  unknownStep,
  type Given,
  type KnownStep,
  type StepStatus,
  nothingGiven,
} from './step-type.ts'
import { conditionAt, slotType, templateType, type Condition, type Told, type TypedExpression } from './values.ts'

/** What is asked of a walk beside what is wrong. */
export interface FlowOptions {
  /** Whether a value of which nothing is known may not be read: that is a mistake too then. */
  readonly isTyped?: boolean | undefined
  /** Pointers to what is not as its author wrote it: of what stands there nothing is known, and nothing is told. */
  readonly doubts?: readonly string[] | undefined
  /** Called with each expression and what is known where it stands. */
  readonly onExpression?: ((found: TypedExpression) => void) | undefined
}

/**
 * Walks a definition in the order of its steps, with all that is known on each
 * path: which steps have run, what they give, what conditions have proved.
 * Tells where a value does not fit, or may not be there.
 */
export function checkFlow(definition: Definition, around: Surroundings, options: FlowOptions = {}): Mistake[] {
  const mistakes: Mistake[] = []
  const places = new Map(stepPlaces(definition).map((place) => [place.step.id, place]))
  const told: Told = {
    isTyped: options.isTyped === true,
    whereIs(id) {
      const place = places.get(id)
      if (place === undefined) return undefined
      const { step, kind, pointer } = place
      if (step.if === undefined || kind === 'if') return { message: `"${id}" is here`, pointer: `${pointer}/id` }
      return { message: `"${id}" is skipped unless this holds`, pointer: `${pointer}/if` }
    },
    mistake: (mistake) => mistakes.push(mistake),
    expression: (found) => options.onExpression?.(found),
  }
  const doubts = doubtful(options.doubts ?? [], definition)
  new Flow(definition, around, { told, doubts }).workflow()
  return mistakes
}

// No pointer has a star in this place.
const everyOutput = '/output*'

/** The steps, inputs and outputs that something in doubt is a part of; all that is declared where a key of the workflow is. */
function doubtful(pointers: readonly string[], definition: Definition): ReadonlySet<string> {
  const all = new Set<string>()
  if (pointers.length === 0) return all
  const steps = new Set(placesWithUndo(definition).map(({ pointer }) => pointer))
  for (const pointer of pointers) {
    if (!/^\/\w+\//.test(pointer)) for (const declared of ['/input', everyOutput]) all.add(declared)
    let at = pointer
    // Of nested steps, the innermost: what is around it is as it was meant.
    while (at !== '' && !steps.has(at)) at = parentPointer(at)
    if (at !== '') all.add(at)
    else for (at = pointer; at !== ''; at = parentPointer(at)) all.add(at)
  }
  return all
}

/** What came of a list of steps. */
export interface WalkedList {
  /** What is known after it; impossible where it never comes to its end. */
  readonly after: Environment
  readonly steps: ReadonlyMap<string, KnownStep>
  /** What its last step gives. */
  readonly output: Given
}

/** What came of a block: what is known after it where it completes, and what it gives. */
export interface WalkedBlock {
  readonly after: Environment
  readonly output: Given
}

/** How many steps are looked at without telling anything: what loops and state machines need to know beforehand. */
const quietStepsMax = 20_000

/** One walk over a definition. */
export class Flow {
  readonly definition: Definition
  readonly #around: Surroundings
  readonly #told: Told
  readonly #doubts: ReadonlySet<string>
  #quiet = 0
  #quietSteps = 0
  /** How many have been met. */
  #returns = 0

  constructor(
    definition: Definition,
    around: Surroundings,
    { told, doubts }: { readonly told: Told; readonly doubts: ReadonlySet<string> },
  ) {
    this.definition = definition
    this.#around = around
    this.#told = told
    this.#doubts = doubts
  }

  workflow(): void {
    const { definition } = this
    const base = new Environment(scopeOf(baseTypes(definition, this.#doubts.has('/input'))))
    this.#settings(base)
    let end: Environment | undefined
    const known = new Map<string, KnownStep>()
    for (const list of workflowLists(definition)) {
      const isFinally = list.role === 'finally'
      const from = isFinally ? this.inFinally(base, known) : base
      const walked = this.list(list, from)
      // A run that completes has come to the end of both.
      end = isFinally && end ? this.#outputsAfter(end, walked) : walked.after
      for (const [id, step] of walked.steps) known.set(id, step)
    }
    if (end?.isPossible !== true) return
    for (const [name, property] of Object.entries(definition.output ?? {})) {
      if (property.value === undefined) continue
      const place = { pointer: `/output/${name}/value`, environment: end, what: `the output "${name}"` }
      const wants = this.#isDoubtful(name) ? anyType : typeOfDeclared(property)
      templateType({ ...place, value: property.value, wants }, this.told)
    }
  }

  /** Where mistakes and expressions go; nowhere while it is found out what a loop needs to know beforehand. */
  get told(): Told {
    return this.#quiet === 0 ? this.#told : { ...silent, isTyped: false }
  }

  /** Does something without telling anything; `undefined` where that has been done too often. */
  quietly<T>(walk: () => T): T | undefined {
    if (this.#quietSteps > quietStepsMax) return undefined
    this.#quiet++
    const result = walk()
    this.#quiet--
    return result
  }

  /** Walks a list; each of its steps sees those before it. */
  list(list: StepList, from: Environment): WalkedList {
    const scope = new ListScope(from.scope)
    const steps = new Map<string, KnownStep>()
    let at = from
    let isTold = !from.isPossible
    let output: Given = nothingGiven
    for (const place of list.places) {
      const { step } = place
      if (!at.isPossible && !isTold) {
        isTold = true
        const message = `"${step.id}" is never reached: nothing goes on after the step before it`
        this.told.mistake({ code: 'UNREACHABLE_STEP', severity: 'warning', message, pointer: `${place.pointer}/id` })
      }
      const { after, known } = this.step(place, at)
      steps.set(step.id, known)
      scope.add(`steps.${step.id}`, stepType(known, known.statuses))
      at = after.inside(scope.seenNow())
      output = this.#ofLast(known)
    }
    return { after: at, steps, output }
  }

  #ofLast({ output, statuses }: KnownStep): Given {
    if (!statuses.has('completed')) return nothingGiven
    return statuses.size === 1 ? output : { ...output, isOptional: true }
  }

  /** What is known after a step, in the scope that it stands in. */
  step(place: StepPlace, at: Environment): { readonly after: Environment; readonly known: KnownStep } {
    if (!this.#doubts.has(place.pointer)) return this.#step(place, at)
    const meant = this.quietly(() => this.#step(place, at))?.after
    const known: KnownStep = { kind: place.kind, ...unknownStep }
    return { after: meant?.isPossible === true ? meant : at, known }
  }

  #step(place: StepPlace, at: Environment): { readonly after: Environment; readonly known: KnownStep } {
    if (this.#quiet > 0) this.#quietSteps++
    const { step, kind, pointer } = place
    const guard = step.if === undefined || kind === 'if' ? undefined : this.condition(`${pointer}/if`, step.if, at)
    const inside = guard?.whenTrue ?? at
    const returnsBefore = this.#returns
    const { after: done, output } = isBlock(place) ? walkBlock(this, place, inside) : this.#plain(place, inside)
    const continues = 'onFailure' in step && step.onFailure === 'continue'
    const statuses = new Set<StepStatus>([
      ...(done.isPossible ? (['completed'] as const) : []),
      ...(guard?.whenFalse.isPossible === true ? (['skipped'] as const) : []),
      ...(continues && inside.isPossible ? (['failed'] as const) : []),
    ])
    const known: KnownStep = { kind, output, statuses, mayReturn: this.#returns > returnsBefore }
    this.#undo(place, inside, known)
    const ways = [done, ...(guard ? [guard.whenFalse] : []), ...(continues ? [inside] : [])]
    return { after: ways.reduce((one, other) => one.or(other)), known }
  }

  condition(pointer: string, value: Json, environment: Environment): Condition {
    return conditionAt({ value, pointer, environment, what: `"${lastName(pointer)}"` }, this.told)
  }

  /** The type of a template, which may be anything unless told otherwise. */
  template(pointer: string, value: Json, environment: Environment, wants: Type = anyType): Type {
    return templateType({ value, pointer, environment, wants, what: `"${lastName(pointer)}"` }, this.told)
  }

  slot(pointer: string, value: Json, environment: Environment, wants: Type): Type {
    return slotType({ value, pointer, environment, wants, what: `"${lastName(pointer)}"` }, this.told)
  }

  /** The fields of a step that are no business of its verb, and those of its verb that only have to fit. */
  fields(place: StepPlace, environment: Environment, without: ReadonlySet<string> = new Set()): void {
    for (const field of fieldsOf(place.step, place.pointer)) {
      if (without.has(field.pointer.slice(place.pointer.length + 1))) continue
      this.#field(field, environment)
    }
  }

  /** An environment that sees steps that may have ended in any way, or not have begun, and some variables. */
  afterAll(
    around: Environment,
    steps: ReadonlyMap<string, KnownStep>,
    variables: Readonly<Record<string, Type>> = {},
  ): Environment {
    const types = new Map(Object.entries(variables))
    for (const [id, known] of steps) types.set(`steps.${id}`, stepType(known, stepStatuses))
    return this.within(around, types)
  }

  /** What a `finally` sees: also a block that a `return` has left. */
  inFinally(around: Environment, steps: ReadonlyMap<string, KnownStep>): Environment {
    const left = new Map([...steps].map(([id, known]) => [id, known.mayReturn ? afterReturn(known) : known]))
    return this.afterAll(around, left, { error: union([failureType(), nullType]) })
  }

  /** An environment with names of its own, which hide those around it. */
  within(around: Environment, types: OwnTypes): Environment {
    const { narrowed } = around
    const own =
      types instanceof Map
        ? (types as ReadonlyMap<string, Type>).keys()
        : narrowed.names().filter((name) => types.has(name))
    return new Environment(scopeOf(types, around.scope), narrowed.without(own), around)
  }

  #field({ pointer, value, form, wants = anyType }: FieldPlace, environment: Environment): void {
    if (form === 'reply') this.#reply(pointer, String(value), environment)
    else if (form === 'template') this.template(pointer, value, environment, wants)
    else this.slot(pointer, value, environment, wants)
  }

  // It has somebody to go to where what it names has a value.
  #reply(pointer: string, name: string, environment: Environment): void {
    const value = replyText(name, environment.typeOf('signal') !== undefined)
    const at = { start: 0, end: name.length }
    const told: Told = {
      ...this.told,
      mistake: (mistake) => this.told.mistake({ ...mistake, at }),
      expression: silent.expression,
    }
    slotType({ value, pointer, environment, wants: anyType, what: '"reply"' }, told)
  }

  #isDoubtful(output: string): boolean {
    return this.#doubts.has(`/output/${output}`) || this.#doubts.has(everyOutput)
  }

  #plain(place: StepPlace, at: Environment): WalkedBlock {
    const { step, pointer } = place
    const own = this.#ofVerb(place, at)
    this.fields(place, at, own.done)
    if ('assert' in step) {
      const { whenTrue, whenFalse } = this.condition(`${pointer}/assert`, step.assert, at)
      // A message is made where the expression is false only.
      if (step.message !== undefined) this.template(`${pointer}/message`, step.message, whenFalse, scalarType)
      return { after: whenTrue, output: nothingGiven }
    }
    const ends = 'fail' in step || 'return' in step
    return { after: ends ? at.impossible() : at, output: own.output ?? outputOf(step, this.#around) }
  }

  /** What of a step is looked at by its verb: what it is given, and what it makes of that. */
  #ofVerb(place: StepPlace, at: Environment): { readonly done: ReadonlySet<string>; readonly output?: Given } {
    const { step, pointer, kind } = place
    if ('set' in step) {
      return {
        done: new Set(['set']),
        output: { type: this.template(`${pointer}/set`, step.set, at), isOptional: false },
      }
    }
    if ('assert' in step) return { done: new Set(['assert', 'message']) }
    if ('return' in step) {
      this.#returns++
      this.#returned(step.return, `${pointer}/return`, at)
      return { done: new Set(['return']) }
    }
    if ('waitFor' in step) {
      const { if: test, schema } = step.waitFor
      const data = schema === undefined ? anyType : typeOfDeclared(schema)
      if (test !== undefined) this.condition(`${pointer}/waitFor/if`, test, this.within(at, new Map([['data', data]])))
      return { done: new Set(['waitFor/if']) }
    }
    if ('emit' in step) {
      const { data } = step.emit
      const wants = data === undefined ? undefined : awaitedType(step.emit, this.definition, this.#around)
      if (data === undefined || wants === undefined) return { done: new Set() }
      const what = `the signal "${step.emit.signal ?? ''}"`
      templateType({ value: data, pointer: `${pointer}/emit/data`, environment: at, wants, what }, this.told)
      return { done: new Set(['emit/data']) }
    }
    if (kind === 'uses' || kind === 'call' || kind === 'start') {
      this.#given(step, pointer, at)
      return { done: new Set(['with']) }
    }
    return { done: new Set() }
  }

  #returned(values: Readonly<Record<string, Json>>, pointer: string, environment: Environment): void {
    const outputs = this.definition.output ?? {}
    for (const [name, value] of Object.entries(values)) {
      const schema = outputs[name]
      const wants = schema === undefined || this.#isDoubtful(name) ? anyType : typeOfDeclared(schema)
      templateType(
        { value, pointer: pointer + pointerPart(name), environment, wants, what: `the output "${name}"` },
        this.told,
      )
    }
  }

  // Which inputs of a workflow are missing or unknown is told where calls are looked at.
  #given(step: Step, pointer: string, environment: Environment): void {
    const place = { pointer: `${pointer}/with`, environment }
    const called = 'call' in step ? step.call : 'start' in step ? step.start : undefined
    if (called !== undefined) {
      const imported = this.#around.imports.get(called)
      const inputs = imported ? inputsOf(imported.definition) : anyType
      const given = ('with' in step ? step.with : undefined) ?? {}
      for (const [name, value] of Object.entries(given as Readonly<Record<string, Json>>)) {
        const wants = inputs.kind === 'map' ? (inputs.fields.get(name)?.type ?? anyType) : anyType
        const what = `the input "${name}" of "${called}"`
        templateType({ ...place, value, pointer: place.pointer + pointerPart(name), wants, what }, this.told)
      }
      return
    }
    if (!('uses' in step)) return
    const schema = faceOf(step.uses, this.#around)?.input
    const wants = schema === undefined ? anyType : typeOfSchema(schema)
    // What is missing where nothing is given is missing to the handler.
    const given = step.with === undefined ? { pointer: `${pointer}/uses`, value: {} } : { value: step.with }
    templateType({ ...place, ...given, wants, what: `"${step.uses}"` }, this.told)
  }

  #undo(place: StepPlace, at: Environment, known: KnownStep): void {
    const undo = undoPlace(place)
    if (!undo) return
    // One whose outcome nobody knows is taken back as well, or the run waits for a person where it cannot be.
    const isSure = !this.told.isTyped || !mayBeUnknown(place)
    const statuses: readonly StepStatus[] = isSure ? ['completed'] : ['completed', 'cancelled']
    const ended = known.mayReturn ? afterReturn(known) : known
    const own = new Map([[`steps.${place.step.id}`, stepType(ended, statuses)]])
    const seen = this.within(at, own)
    this.fields(undo, seen, this.#ofVerb(undo, seen).done)
  }

  #settings(environment: Environment): void {
    const { defaults = {}, concurrency } = this.definition
    const fields = [
      ...template('/defaults/timeout', defaults.timeout, textType),
      ...(defaults.retry ? retryFields(defaults.retry, '/defaults/retry') : []),
      ...template('/concurrency/group', concurrency?.group, textType),
    ]
    for (const field of fields) this.#field(field, environment)
  }

  #outputsAfter(body: Environment, { after, steps }: WalkedList): Environment {
    const types = new Map([...steps].map(([id, known]) => [`steps.${id}`, stepType(known, known.statuses)]))
    const both = this.within(body, types)
    return after.isPossible ? both : both.impossible()
  }
}

const unknownKinds: ReadonlySet<StepKind> = new Set(['uses', 'exec', 'run', 'agent', 'http', 'watch', 'emit', 'start'])

function mayBeUnknown({ kind }: StepPlace): boolean {
  return unknownKinds.has(kind)
}

function afterReturn(known: KnownStep): KnownStep {
  return { ...known, output: { ...known.output, isOptional: true } }
}

const silent: Omit<Told, 'isTyped'> = {
  whereIs: () => undefined,
  mistake: () => undefined,
  expression: () => undefined,
}

function baseTypes({ input }: Definition, isDoubtful: boolean): ReadonlyMap<string, Type> {
  const run = mapType({ id: textType, startedAt: textType, labels: mapType({}, textType) })
  return new Map<string, Type>([
    ['input', isDoubtful ? anyType : inputsOf({ input } as Definition)],
    ['run', run],
  ])
}

function lastName(pointer: string): string {
  return pointerKeys(pointer).at(-1) ?? ''
}
