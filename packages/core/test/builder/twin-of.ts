import { kindOf, normalise } from '@segno/schema/plan'
import type {
  CatchClause,
  Definition,
  EmitStep,
  ForEachStep,
  Json,
  JsonSchema,
  MachineState,
  Question,
  RepeatStep,
  Step,
  Transition,
  Undo,
  WaitForStep,
} from '@segno/schema/plan'
import { handlerNamed } from '../../src/builder/define-handler.ts'
import { defineWorkflow } from '../../src/builder/define-workflow.ts'
import { defineQuestion } from '../../src/builder/question.ts'
import { defineSignal } from '../../src/builder/signal.ts'
import type { TypedSignal } from '../../src/builder/signal.ts'
import type { TypedWorkflow } from '../../src/builder/typed-workflow.ts'
import { given, noTwin, schemaOf, slot } from './given.ts'

/** The `w` of a builder, without its types. */
type Verbs = Readonly<Record<string, (...given: readonly unknown[]) => unknown>>
type Steps = readonly Step[]

/** What is known while a definition is written anew. */
interface Twin {
  readonly imports: ReadonlyMap<string, TypedWorkflow>
  /** The imports that a step has called. */
  readonly called: Set<string>
  /** What the verbs gave, by the id of the step. */
  readonly steps: Map<string, unknown>
}

/**
 * The workflow that calls of the builder give for a definition: each step by its
 * verb, each expression as it stands. Throws `NoTwin` for what the builder has no
 * call for.
 */
export function twinOf(definition: Definition): TypedWorkflow {
  const { segno: _, name, input, output, imports = {}, steps, finally: last, ...header } = normalise(definition)
  for (const key of ['agents', 'artifacts', 'concurrency']) if (key in header) noTwin(`\`${key}\` is reserved`)
  const inner = Object.entries(imports).map(([key, found]) => [key, twinOf(found as Definition)] as const)
  const twin: Twin = { imports: new Map(inner), called: new Set(), steps: new Map() }
  const schemas = {
    ...(input && { input: mapped(input, schemaOf) }),
    ...(output && { output: mapped(output, ({ value: __, ...schema }) => schemaOf(schema)) }),
  }
  const workflow = defineWorkflow(name, { ...header, ...schemas }, (w) => {
    const verbs = w as unknown as Verbs
    if (last) verbs['finally']?.((inside: Verbs) => write(twin, inside, last))
    write(twin, verbs, steps)
    const values = Object.entries(output ?? {}).filter(([, { value }]) => value !== undefined)
    return (values.length === 0 ? undefined : mapped(Object.fromEntries(values), ({ value }) => given(value))) as never
  })
  if (twin.called.size < inner.length) noTwin('an import that no step calls: the builder takes in what is called')
  return workflow
}

function mapped<T>(map: Readonly<Record<string, T>>, change: (value: T) => unknown): Record<string, never> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)])) as Record<string, never>
}

function write(twin: Twin, w: Verbs, steps: Steps): undefined {
  for (const step of steps) twin.steps.set(step.id, writeStep(twin, w, step))
}

/** A callback that writes a list, and gives what the block says that it gives. */
function inside(twin: Twin, steps: Steps, output?: Json): (w: Verbs) => unknown {
  return (w) => {
    write(twin, w, steps)
    return output === undefined ? undefined : given(output)
  }
}

// `call` is done by its own function; the arguments of any other verb, after the id, by its entry here.
function writeStep(twin: Twin, w: Verbs, step: Step): unknown {
  const kind = kindOf(step)
  const isReply = 'emit' in step && step.emit.reply !== undefined
  const verb = kind === 'uses' ? 'step' : isReply ? 'reply' : kind
  const fields = fieldsOf(step)
  const call = argumentsOf[kind]
  if (call === undefined) return noTwin(`\`${kind}\` is reserved`)
  return w[verb]?.(step.id, ...call(twin, fields, optionsOf(twin, fields)))
}

/** The fields of a step of any kind: which of them there are, its verb says. */
type Fields = Readonly<Record<'call' | 'initial' | 'run' | 'start' | 'uses', string>> &
  Readonly<Record<'exec' | 'http' | 'set' | 'sleep' | 'sleepUntil' | 'watch' | 'return' | 'fail', Json>> &
  Readonly<Record<'parallel' | 'do' | 'try', Steps>> &
  Readonly<Record<'assert' | 'match', string | boolean>> & {
    readonly id?: string
    readonly if?: string | boolean
    readonly needs?: readonly string[]
    readonly undo?: Undo
    readonly with?: Json
    readonly output?: Json
    readonly shell?: string
    readonly message?: string
    readonly ask: Question
    readonly waitFor: WaitForStep['waitFor']
    readonly emit: EmitStep['emit']
    readonly forEach: ForEachStep['forEach']
    readonly repeat: RepeatStep['repeat']
    readonly onExhausted?: Json
    readonly states: Readonly<Record<string, MachineState>>
    readonly cases: Readonly<Record<string, Steps>>
    readonly else?: Steps
    readonly default?: Steps
    readonly catch?: readonly CatchClause[]
    readonly finally?: Steps
  }

function fieldsOf(step: Step | Undo): Fields {
  return step as unknown as Fields
}

type Options = Readonly<Record<string, unknown>>
type Arguments = (twin: Twin, fields: Fields, options: Options) => readonly unknown[]

const argumentsOf: Partial<Record<ReturnType<typeof kindOf>, Arguments>> = {
  uses: (_, { uses, with: input, output }, options) => {
    const [name = '', major] = String(uses).split('@')
    const own = { ...(major !== undefined && { major: Number(major) }), ...(output !== undefined && { output }) }
    return [handlerNamed(name), input === undefined ? undefined : given(input), { ...options, ...own }]
  },
  exec: (_, { exec, output }, options) => [given(exec), { ...options, ...capture(output) }],
  run: (_, { run, shell, output }, options) => [
    run,
    { ...options, ...(shell !== undefined && { shell }), ...capture(output) },
  ],
  http: (_, { http, output }, options) => [given(http), { ...options, ...outputSchema(output) }],
  call: (twin, fields, options) => called(twin, fields.call, fields, options),
  start: (twin, fields, options) =>
    called(twin, fields.start, fields, { ...options, ...picked(fields, ['wait', 'detached']) }),
  set: (_, { set }, options) => [given(set), options],
  assert: (_, { assert, message }, options) => [
    slot(assert),
    { ...options, ...(message !== undefined && { message: given(message) }) },
  ],
  sleep: (_, { sleep }, options) => [given(sleep), options],
  sleepUntil: (_, { sleepUntil }, options) => [given(sleepUntil), options],
  waitFor: (_, { waitFor }, options) => awaited(waitFor, options),
  ask: (_, { ask }, options) => asked(ask, options),
  watch: (_, { watch }, options) => [given(watch), options],
  emit: ({ steps }, { emit }, options) =>
    emit.reply === undefined ? emitted(emit, options) : [replied(steps, emit.reply), dataOf(emit), options],
  do: (twin, { do: steps, output }, options) => [inside(twin, steps, output), options],
  if: (twin, fields, { if: condition, ...options }) => {
    const { do: steps, else: others } = branching(fields)
    return [condition, inside(twin, steps), others && inside(twin, others), options]
  },
  match: (twin, fields, options) => {
    const { match, cases, default: others } = branching(fields)
    if (options['if'] !== undefined) noTwin('`if` on `match`: it belongs into an `if` block around')
    const own = others === undefined ? {} : { default: inside(twin, others) }
    return [slot(match), mapped(cases, (steps: Steps) => inside(twin, steps)), { ...options, ...own }]
  },
  parallel: (twin, { parallel, output, ...fields }, options) => [
    inside(twin, parallel, output),
    { ...options, ...picked(fields, ['concurrency', 'join', 'failFast']) },
  ],
  forEach: (twin, { forEach, do: steps, output }, options) => {
    const { in: items, ...rest } = forEach
    const list = typeof items === 'string' ? slot(items) : given(items)
    // Without a name of its own, an inner loop would get one that is not taken.
    return [list, inside(twin, steps, output), { ...options, as: 'item', ...(given(rest) as object) }]
  },
  repeat: (twin, fields, options) => looped(twin, fields, options),
  try: (twin, fields, options) => tried(twin, fields, options),
  states: (twin, fields, options) => {
    const { states, initial } = branching(fields)
    const written = mapped(states, (state: MachineState) => (w: Verbs) => writeState(twin, w, state))
    return [initial, written, { ...options, ...picked(fields, ['max']) }]
  },
  return: (_, { return: outputs }, options) => [given(outputs), options],
  fail: (_, { fail }, options) => [given(fail), options],
}

// What a branch returns is written as its last step, and nothing beside it.
function branching(fields: Fields): Fields {
  if (fields.output !== undefined)
    noTwin(`\`output\` on \`${kindOf(fields as unknown as Step)}\`: each branch returns what it gives`)
  return fields
}

function picked(fields: object, keys: readonly string[]): object {
  return given(Object.fromEntries(Object.entries(fields).filter(([key]) => keys.includes(key)))) as object
}

/** Where a schema stands beside other fields. */
interface Schematic {
  readonly schema?: JsonSchema
}

function capture(output: Json | undefined): object {
  if (output === undefined) return {}
  const { schema, ...rest } = output as Schematic
  return { output: { ...(given(rest) as object), ...(schema !== undefined && { schema: schemaOf(schema) }) } }
}

function outputSchema(output: Json | undefined): object {
  const { schema } = (output ?? {}) as Schematic
  return schema === undefined ? {} : { output: { schema: schemaOf(schema) } }
}

function called(twin: Twin, name: string, { with: input }: Fields, options: Options): readonly unknown[] {
  twin.called.add(name)
  return [twin.imports.get(name), input === undefined ? {} : given(input), { ...options, as: name }]
}

/** A signal, and the name that a step gives it where that is no text. */
function signalOf(
  name: string,
  schema?: JsonSchema,
): { readonly signal: TypedSignal<unknown>; readonly named: object } {
  const signal = schema === undefined ? defineSignal(name) : defineSignal(name, schemaOf(schema))
  return { signal, named: name.includes('${{') ? { name: given(name) } : {} }
}

function awaited({ signal: name, if: condition, schema }: Fields['waitFor'], options: Options): readonly unknown[] {
  const { signal, named } = signalOf(name, schema)
  const where = condition === undefined ? {} : { where: () => slot(condition) }
  return [signal, { ...options, ...named, ...where }]
}

function emitted(emit: Fields['emit'], options: Options): readonly unknown[] {
  const { signal: name = '', to } = emit
  const { signal, named } = signalOf(name)
  const own = { ...named, ...(to !== undefined && { to: given(to) }) }
  return [signal, dataOf(emit), { ...options, ...own }]
}

function dataOf({ data }: Fields['emit']): unknown {
  return data === undefined ? undefined : given(data)
}

function replied(steps: Twin['steps'], name: string): unknown {
  return steps.get(name) ?? name
}

function asked({ choices, form = {}, ...shown }: Question, options: Options): readonly unknown[] {
  const question = choices ? defineQuestion({ choices }) : defineQuestion({ form: mapped(form, schemaOf) })
  return [question, given(shown), options]
}

function looped(twin: Twin, { repeat, onExhausted, do: steps, output }: Fields, options: Options): readonly unknown[] {
  const { until, while: during, ...bounds } = repeat
  const loop = { ...(given(bounds) as object), ...(onExhausted !== undefined && { onExhausted: given(onExhausted) }) }
  const body = (w: Verbs): unknown => {
    if (during !== undefined) w['while']?.(slot(during))
    write(twin, w, steps)
    if (until !== undefined) w['until']?.(slot(until))
    return output === undefined ? undefined : given(output)
  }
  return [loop, body, options]
}

function tried(twin: Twin, fields: Fields, options: Options): readonly unknown[] {
  const { try: body, catch: clauses, finally: last } = branching(fields)
  const handlers = clauses?.map((clause) => ({
    as: 'error',
    ...clause,
    do: inside(twin, clause.do),
  }))
  return [
    inside(twin, body),
    { ...(handlers && { catch: handlers }), ...(last && { finally: inside(twin, last) }) },
    options,
  ]
}

function writeState(twin: Twin, w: Verbs, { do: steps, on = {}, after = {}, next = [] }: MachineState): undefined {
  if (steps?.length === 0) noTwin('an empty `do` of a state: the builder leaves it out')
  write(twin, w, steps ?? [])
  const condition = (transition: Transition): object => (transition.if === undefined ? {} : { if: slot(transition.if) })
  for (const transition of next) w['next']?.(transition.to, condition(transition))
  for (const [name, some] of Object.entries(on)) {
    for (const transition of [some].flat()) {
      const { signal } = signalOf(name, 'schema' in transition ? transition.schema : undefined)
      const fits = transition.if === undefined ? {} : { if: () => slot(transition.if ?? true) }
      w['on']?.(signal, transition.to, fits)
    }
  }
  for (const [duration, some] of Object.entries(after)) {
    for (const transition of [some].flat()) w['after']?.(duration, transition.to, condition(transition))
  }
}

const optionKeys = [
  ...(['title', 'description', 'labels', 'onFailure', 'secrets', 'workspace', 'effect'] as const),
  ...(['timeout', 'retry', 'env', 'idempotencyKey'] as const),
]

function optionsOf(twin: Twin, fields: Fields): Options {
  for (const key of ['queue', 'check', 'budget', 'produces', 'consumes']) {
    if (key in fields) noTwin(`\`${key}\` is reserved`)
  }
  const { if: condition, needs, undo } = fields
  return {
    ...Object.fromEntries(optionKeys.filter((key) => key in fields).map((key) => [key, given(fields[key as never])])),
    ...(condition !== undefined && { if: slot(condition) }),
    ...(needs !== undefined && { needs: needs.map((id) => needed(twin, id)) }),
    ...(undo !== undefined && { undo: (verbs: Verbs) => takenBack(twin, verbs, undo) }),
  }
}

function needed({ steps }: Twin, id: string): unknown {
  return steps.get(id) ?? noTwin('`needs` of a step that is written after it')
}

function takenBack(twin: Twin, verbs: Verbs, undo: Undo): unknown {
  const fields = fieldsOf(undo)
  const kind = kindOf(undo as Step)
  const id = fields.id === undefined ? {} : { id: fields.id }
  const given = argumentsOf[kind]?.(twin, fields, { ...optionsOf(twin, fields), ...id }) ?? []
  return verbs[kind === 'uses' ? 'step' : kind]?.(...given)
}
