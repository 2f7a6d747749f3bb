import * as z from 'zod/mini'
import { httpMethods, reservedHandlers } from '../definition.ts'
import type * as model from '../definition.ts'
import { pathMistake } from '../plan/path.ts'
import { parseInstant } from '../plan/instant.ts'
import { Budget, Check, Consumes, Produces, Prompt, Queue } from './agent.ts'
import { construct, expected } from './construct.ts'
import { Input, JsonSchema } from './json-schema.ts'
import { Arguments, Capture, Script, SecretNames, Shell, Size, processSettings } from './process.ts'
import {
  Code,
  CountOrTemplate,
  Duration,
  FixedDuration,
  Flag,
  Identifier,
  Labels,
  Slot,
  Text,
  Value,
  count,
} from './slot.ts'
import { verbOf } from './verb.ts'

/** A step: the schema of its verb, which is picked by its keys. */
export const Step: z.ZodMiniType<model.Step> = z.unknown().check(
  z.superRefine((value, context) => {
    const picked = verbOf(value)
    if ('mistake' in picked) {
      context.addIssue({
        code: 'custom',
        message: picked.message,
        params: { diagnostic: picked.mistake, ...picked.params },
      })
      return
    }
    const schema: z.ZodMiniType = stepSchemas[picked.kind]
    const { error } = schema.safeParse(value, { jitless: true, reportInput: true })
    for (const issue of error?.issues ?? [])
      context.issues.push({ ...issue, input: issue.input } as z.core.$ZodRawIssue)
  }),
) as unknown as z.ZodMiniType<model.Step>

export type Step = model.Step

const Steps = z.array(Step, { error: expected('a list of steps') })
const Needs = z.array(Text, { error: expected('a list of step ids') })

/** Retries of an attempt. */
export const Retry = construct<model.Retry>({
  max: count(0),
  delay: z.exactOptional(Duration),
  backoff: z.exactOptional(z.enum(['exponential', 'constant'], { error: expected('exponential or constant') })),
  maxDelay: z.exactOptional(Duration),
  jitter: z.exactOptional(Flag),
  on: z.exactOptional(z.array(Code, { error: expected('a list of failure codes') })),
  except: z.exactOptional(z.array(Code, { error: expected('a list of failure codes') })),
})

const base = {
  id: Identifier,
  title: z.exactOptional(Text),
  description: z.exactOptional(Text),
  if: z.exactOptional(Slot),
  needs: z.exactOptional(Needs),
  labels: z.exactOptional(Labels),
}

const undoError = { error: expected('one step of work, or a call, that takes the step back') }

/** The step that takes back another: picked by its verb as any step, without what has no meaning there. */
export const Undo: z.ZodMiniType<model.Undo> = z.unknown().check(
  z.superRefine((value, context) => {
    const picked = verbOf(value)
    const kind = 'kind' in picked ? picked.kind : undefined
    const schema = kind === undefined ? undefined : undoSchemas[kind]
    if (schema === undefined) {
      context.addIssue({ code: 'custom', message: undoError.error({ input: value }) })
      return
    }
    const { error } = schema.safeParse(value, { jitless: true, reportInput: true })
    for (const issue of error?.issues ?? [])
      context.issues.push({ ...issue, input: issue.input } as z.core.$ZodRawIssue)
  }),
) as unknown as z.ZodMiniType<model.Undo>

const timed = {
  ...base,
  timeout: z.exactOptional(Duration),
  onFailure: z.exactOptional(z.enum(['fail', 'continue', 'block'], { error: expected('fail, continue or block') })),
  undo: z.exactOptional(Undo),
}

const retried = {
  ...timed,
  retry: z.exactOptional(Retry),
  secrets: z.exactOptional(SecretNames),
  budget: z.exactOptional(Budget),
}
const block = { ...retried, ...processSettings, output: z.exactOptional(Value) }
const effects = ['pure', 'idempotent', 'once'] as const
const Effect = z.exactOptional(z.enum(effects, { error: expected('pure, idempotent or once') }))
// Only a handler is given the transaction.
const HandlerEffect = z.exactOptional(z.enum([...effects, 'tx'], { error: expected('pure, idempotent, once or tx') }))

const work = {
  ...retried,
  effect: Effect,
  idempotencyKey: z.exactOptional(Text.check(z.minLength(1, { error: expected('a key') }))),
  queue: z.exactOptional(Queue),
  check: z.exactOptional(Check),
  produces: z.exactOptional(Produces),
  consumes: z.exactOptional(Consumes),
}

const HandlerName = Text.check(
  z.regex(/^[A-Za-z0-9][\w./:-]{0,127}(@\d+)?$/, {
    error: expected('the name of a handler such as send-mail or send-mail@2'),
  }),
  z.refine((name) => !reservedHandlers.some((word) => word === name.replace(/@\d+$/, '')), {
    error: ({ input }) => `"${String(input)}" is the name of a verb, so no handler has it`,
  }),
)

const OutputSchema = z.exactOptional(construct<{ readonly schema: model.JsonSchema }>({ schema: JsonSchema }))

const usesFields = { uses: HandlerName, with: z.exactOptional(Value), output: OutputSchema, effect: HandlerEffect }

/** Runs a handler. */
const UsesStep = construct<model.UsesStep>({ ...work, ...usesFields })

const processFields = { ...processSettings, output: z.exactOptional(Capture) }
const execFields = { ...processFields, exec: Arguments }
const runFields = { ...processFields, run: Script, shell: z.exactOptional(Shell) }

/** Runs a program. */
const ExecStep = construct<model.ExecStep>({ ...work, ...execFields })

/** Runs a script. */
const RunStep = construct<model.RunStep>({ ...work, ...runFields })

type Candidate = NonNullable<model.AgentStep['candidates']>[number]

/** A turn of an agent. */
const AgentStep = construct<model.AgentStep>({
  ...work,
  ...processSettings,
  agent: Identifier,
  prompt: Prompt,
  session: z.exactOptional(construct<NonNullable<model.AgentStep['session']>>({ resume: Text })),
  output: z.exactOptional(
    construct<NonNullable<model.AgentStep['output']>>({
      schema: JsonSchema,
      maxSize: z.exactOptional(Size),
    }),
  ),
  candidates: z.exactOptional(
    z.array(construct<Candidate>({ agent: Identifier, prompt: z.exactOptional(Prompt) }), {
      error: expected('a list of agents such as { agent: writer }'),
    }),
  ),
  judge: z.exactOptional(construct<NonNullable<model.AgentStep['judge']>>({ agent: Identifier, prompt: Prompt })),
})

const urlError = { error: expected('a URL such as https://api.example.com/orders') }

const httpFields = {
  http: construct<model.RequestTemplate>({
    method: z.exactOptional(z.enum(httpMethods, { error: expected(httpMethods.join(', ')) })),
    url: Text.check(z.regex(/^(https?:\/\/|\$\{\{)/, urlError)),
    headers: z.exactOptional(z.record(z.string(), Text, { error: expected('a map of text') })),
    query: z.exactOptional(z.record(z.string(), Value, { error: expected('a map of values') })),
    body: z.exactOptional(Value),
    redirects: z.exactOptional(count(0)),
    maxSize: z.exactOptional(Size),
  }),
  output: OutputSchema,
}

/** A request over HTTP. */
const HttpStep = construct<model.HttpStep>({ ...work, ...httpFields })

const called = {
  with: z.exactOptional(z.record(Identifier, Value, { error: expected('a map of inputs') })),
  retry: z.exactOptional(Retry),
  budget: z.exactOptional(Budget),
}

/** Runs another workflow inside of this run. */
const CallStep = construct<model.CallStep>({ ...timed, ...called, call: Identifier })

/** Starts another workflow as a run of its own. */
const StartStep = construct<model.StartStep>({
  ...timed,
  ...called,
  start: Identifier,
  wait: z.exactOptional(Flag),
  detached: z.exactOptional(Flag),
})

const meaningless = new Set(['if', 'needs', 'onFailure', 'undo', 'idempotencyKey'])

/** The schema of each kind of step that takes back another. */
export const undoSchemas: Partial<Record<model.StepKind, z.ZodMiniType>> = {
  uses: undoOf({ ...work, ...usesFields }),
  exec: undoOf({ ...work, ...execFields }),
  run: undoOf({ ...work, ...runFields }),
  http: undoOf({ ...work, ...httpFields }),
  call: undoOf({ ...base, timeout: timed.timeout, ...called, call: Identifier }),
}

function undoOf(fields: Readonly<Record<string, z.ZodMiniType>>): z.ZodMiniType {
  const kept = Object.entries(fields).filter(([key]) => !meaningless.has(key))
  return construct<object>({ ...Object.fromEntries(kept), id: z.exactOptional(Identifier) } as never)
}

const Values = z.record(Identifier, Value, { error: expected('a map of values') })

/** Computes values. */
const SetStep = construct<model.SetStep>({ ...base, set: Values })

/** Fails unless true. */
const AssertStep = construct<model.AssertStep>({ ...base, assert: Slot, message: z.exactOptional(Text) })

/** Waits for a while. */
const SleepStep = construct<model.SleepStep>({ ...timed, sleep: Duration })

/** Waits until an instant. */
const SleepUntilStep = construct<model.SleepUntilStep>({
  ...timed,
  sleepUntil: Text.check(
    z.refine((text) => text.includes('${{') || parseInstant(text) !== undefined, {
      error: expected('an instant such as 2026-01-31T06:00:00Z'),
    }),
  ),
})

const choicesError = expected('a list of at least two choices such as [approve, reject]')

/** Asks a person. */
const AskStep = construct<model.AskStep>({
  ...timed,
  ask: construct<model.Question>({
    title: Text.check(z.minLength(1, { error: expected('what is asked, in a few words') })),
    body: z.exactOptional(Text),
    choices: z.exactOptional(
      z.array(Text.check(z.minLength(1)), { error: choicesError }).check(z.minLength(2, { error: choicesError })),
    ),
    form: z.exactOptional(z.record(Identifier, Input, { error: expected('a map of fields') })),
    assignees: z.exactOptional(z.array(Text, { error: expected('a list of names') })),
    subject: z.exactOptional(Value),
  }).check(z.superRefine(oneWayToAnswer, { when: () => true })),
})

// Looks beside other mistakes of the map, so that none hides another.
function oneWayToAnswer(question: model.Question, context: z.core.$RefinementCtx): void {
  if (typeof question !== 'object' || question === null) return
  const { choices, form } = question
  if ((choices === undefined) !== (form === undefined)) return
  const message = `"ask" takes either "choices" or "form", this one has ${choices === undefined ? 'neither' : 'both'}`
  context.addIssue({ code: 'custom', path: [], message })
}

const globError = expected('a pattern inside of the workspace such as inbox/*.json, without ".."')

/** Waits for files. */
const WatchStep = construct<model.WatchStep>({
  ...timed,
  watch: construct<model.WatchStep['watch']>({
    glob: Text.check(
      z.refine((text) => text.includes('${{') || (text !== '' && pathMistake(text) === undefined), {
        error: globError,
      }),
    ),
    minCount: z.exactOptional(CountOrTemplate),
    every: z.exactOptional(Duration),
  }),
})

const signalError = { error: expected('the name of a signal') }

/** Sends a signal. */
const EmitStep = construct<model.EmitStep>({
  ...timed,
  emit: construct<model.Emitted>({
    signal: z.exactOptional(Text.check(z.minLength(1, signalError))),
    reply: z.exactOptional(
      Text.check(
        z.regex(/^[A-Za-z]\w{0,63}$/, {
          error: expected('the id of a "waitFor" step, or "signal"'),
        }),
      ),
    ),
    data: z.exactOptional(Value),
    to: z.exactOptional(Text.check(z.minLength(1, { error: expected('the id of a run') }))),
  }).check(z.superRefine(signalOrReply, { when: () => true })),
})

// Looks beside other mistakes of the map, so that none hides another.
function signalOrReply(emitted: model.Emitted, context: z.core.$RefinementCtx): void {
  if (typeof emitted !== 'object' || emitted === null) return
  const { signal, reply, to } = emitted
  if ((signal === undefined) === (reply === undefined)) {
    const message = `"emit" takes either "signal" or "reply", this one has ${signal === undefined ? 'neither' : 'both'}`
    context.addIssue({ code: 'custom', path: [], message })
  } else if (reply !== undefined && to !== undefined) {
    const message = 'a "reply" goes to whoever sent the signal, so "to" has no meaning beside it'
    context.addIssue({ code: 'custom', path: ['to'], message })
  }
}

/** Waits for a signal. */
const WaitForStep = construct<model.WaitForStep>({
  ...timed,
  waitFor: construct<model.WaitForStep['waitFor']>({
    signal: Text.check(z.minLength(1, signalError)),
    if: z.exactOptional(Slot),
    schema: z.exactOptional(JsonSchema),
  }),
})

// `do` is also the body of these, and `if` a modifier beside them.
const bodyOwners = ['forEach', 'repeat'] as const

/** A group of steps. */
const DoStep = construct<model.DoStep>({ ...block, do: Steps }, bodyOwners)

/** One of two lists. */
const IfStep = construct<model.IfStep>({ ...block, if: Slot, do: Steps, else: z.exactOptional(Steps) }, bodyOwners)

/** One of several lists. */
const MatchStep = construct<model.MatchStep>({
  ...block,
  match: Slot,
  cases: z.record(z.string(), Steps, { error: expected('a map of cases, each a list of steps') }),
  default: z.exactOptional(Steps),
})

const AtLeast = construct<{ readonly atLeast: number }>({ atLeast: count(1) })

/** Steps that run together. */
const ParallelStep = construct<model.ParallelStep>({
  ...block,
  parallel: Steps,
  concurrency: z.exactOptional(CountOrTemplate),
  join: z.exactOptional(z.union([z.enum(['all', 'any']), AtLeast], { error: expected('all, any or { atLeast: 2 }') })),
  failFast: z.exactOptional(Flag),
})

const listError = { error: expected('a list, or an expression that gives one') }

/** The same steps for each item. */
const ForEachStep = construct<model.ForEachStep>({
  ...block,
  forEach: construct<model.ForEachStep['forEach']>({
    in: z.union([z.string().check(z.minLength(1, listError)), z.array(Value)], listError),
    as: z.exactOptional(Identifier),
    concurrency: z.exactOptional(CountOrTemplate),
    collect: z.exactOptional(Flag),
  }),
  do: Steps,
})

const OnExhausted = z.union(
  [z.literal('fail'), construct<{ readonly output: model.SetStep['set'][string] }>({ output: Value })],
  {
    error: expected('fail or { output: … }'),
  },
)

/** The same steps again, a bounded number of times. */
const RepeatStep = construct<model.RepeatStep>({
  ...block,
  repeat: construct<model.RepeatStep['repeat']>({
    max: CountOrTemplate,
    until: z.exactOptional(Slot),
    while: z.exactOptional(Slot),
    every: z.exactOptional(Duration),
    initial: z.exactOptional(Value),
  }),
  do: Steps,
  onExhausted: z.exactOptional(OnExhausted),
})

/** One handler of failures. */
export const CatchClause = construct<model.CatchClause>({
  on: z.exactOptional(z.array(Code, { error: expected('a list of failure codes') })),
  as: z.exactOptional(Identifier),
  do: Steps,
})

/** Steps whose failure is handled. */
const TryStep = construct<model.TryStep>({
  ...block,
  try: Steps,
  catch: z.exactOptional(
    z.array(CatchClause, { error: expected('a list of clauses such as { on: [TIMEOUT], do: [] }') }),
  ),
  finally: z.exactOptional(Steps),
})

const transitionFields = { to: Identifier, if: z.exactOptional(Slot) }
const Transition = construct<model.Transition>(transitionFields)
const SignalTransition = construct<model.SignalTransition>({ ...transitionFields, schema: z.exactOptional(JsonSchema) })

function oneOrMore<T>(transition: z.ZodMiniType<T>): z.ZodMiniType<T | readonly T[]> {
  const error = expected('where to go, such as { to: published }')
  return z.union([z.array(transition).check(z.minLength(1, { error })), transition], { error })
}

const MachineState = construct<model.MachineState>({
  do: z.exactOptional(Steps),
  on: z.exactOptional(
    z.record(Text.check(z.minLength(1, signalError)), oneOrMore(SignalTransition), {
      error: expected('a map of signals, each with where to go'),
    }),
  ),
  after: z.exactOptional(
    z.record(FixedDuration as unknown as z.ZodMiniString, oneOrMore(Transition), {
      error: expected('a map of durations, each with where to go'),
    }),
  ),
  next: z.exactOptional(z.array(Transition, { error: expected('a list such as [{ to: published }]') })),
})

/** A state machine. */
const StatesStep = construct<model.StatesStep>({
  ...block,
  states: z
    .record(Identifier, MachineState, { error: expected('a map of states') })
    .check(z.refine((states) => Object.keys(states).length > 0, { error: expected('at least one state') })),
  initial: Identifier,
  max: z.exactOptional(count(1)),
})

/** Ends the workflow. */
const ReturnStep = construct<model.ReturnStep>({ ...base, return: Values })

/** Fails here. */
const FailStep = construct<model.FailStep>({
  ...base,
  fail: construct<model.FailStep['fail']>({ code: Code, message: Text, data: z.exactOptional(Value) }),
})

/** The schema of each kind of step. */
export const stepSchemas = {
  uses: UsesStep,
  exec: ExecStep,
  run: RunStep,
  agent: AgentStep,
  http: HttpStep,
  call: CallStep,
  start: StartStep,
  set: SetStep,
  assert: AssertStep,
  sleep: SleepStep,
  sleepUntil: SleepUntilStep,
  waitFor: WaitForStep,
  ask: AskStep,
  watch: WatchStep,
  emit: EmitStep,
  do: DoStep,
  if: IfStep,
  match: MatchStep,
  parallel: ParallelStep,
  forEach: ForEachStep,
  repeat: RepeatStep,
  try: TryStep,
  states: StatesStep,
  return: ReturnStep,
  fail: FailStep,
} satisfies Record<model.StepKind, z.ZodMiniType<model.Step>>
