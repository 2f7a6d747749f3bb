import * as z from 'zod'
import { reservedHandlers } from '../definition.ts'
import type * as model from '../definition.ts'
import { construct, expected } from './construct.ts'
import { JsonSchema } from './json-schema.ts'
import { Arguments, Capture, Script, SecretNames, Shell, processSettings } from './process.ts'
import { Code, CountOrTemplate, Duration, Flag, Identifier, Labels, Slot, Text, Value, count } from './slot.ts'
import { verbOf } from './verb.ts'

/** A step: the schema of its verb, which is picked by its keys. */
export const Step: z.ZodType<model.Step> = z.unknown().superRefine((value, context) => {
  const picked = verbOf(value)
  if ('mistake' in picked) {
    context.addIssue({
      code: 'custom',
      message: picked.message,
      params: { diagnostic: picked.mistake, ...picked.params },
    })
    return
  }
  const schema: z.ZodType = stepSchemas[picked.kind]
  const { error } = schema.safeParse(value, { jitless: true, reportInput: true })
  for (const issue of error?.issues ?? []) context.issues.push({ ...issue, input: issue.input } as z.core.$ZodRawIssue)
}) as unknown as z.ZodType<model.Step>

export type Step = model.Step

const Steps = z.array(Step, { error: expected('a list of steps') })
const Needs = z.array(Text, { error: expected('a list of step ids') })

/** Retries of an attempt. */
export const Retry = construct<model.Retry>({
  max: count(0),
  delay: Duration.exactOptional(),
  backoff: z.enum(['exponential', 'constant'], { error: expected('exponential or constant') }).exactOptional(),
  maxDelay: Duration.exactOptional(),
  jitter: Flag.exactOptional(),
  on: z.array(Code, { error: expected('a list of failure codes') }).exactOptional(),
  except: z.array(Code, { error: expected('a list of failure codes') }).exactOptional(),
})

const base = {
  id: Identifier,
  title: Text.exactOptional(),
  description: Text.exactOptional(),
  if: Slot.exactOptional(),
  needs: Needs.exactOptional(),
  labels: Labels.exactOptional(),
}

const timed = {
  ...base,
  timeout: Duration.exactOptional(),
  onFailure: z.enum(['fail', 'continue', 'block'], { error: expected('fail, continue or block') }).exactOptional(),
}

const retried = { ...timed, retry: Retry.exactOptional(), secrets: SecretNames.exactOptional() }
const block = { ...retried, ...processSettings, output: Value.exactOptional() }
const Effect = z.enum(['pure', 'idempotent', 'once'], { error: expected('pure, idempotent or once') }).exactOptional()

/** Runs a handler. */
const UsesStep = construct<model.UsesStep>({
  ...retried,
  uses: Text.regex(/^[A-Za-z0-9][\w./:-]{0,127}(@\d+)?$/, {
    error: expected('the name of a handler such as send-mail or send-mail@2'),
  }).refine((name) => !reservedHandlers.some((word) => word === name.replace(/@\d+$/, '')), {
    error: ({ input }) => `"${String(input)}" is the name of a verb, so no handler has it`,
  }),
  with: Value.exactOptional(),
  effect: Effect,
  output: construct<{ readonly schema: model.JsonSchema }>({ schema: JsonSchema }).exactOptional(),
})

const processStep = { ...retried, ...processSettings, effect: Effect, output: Capture.exactOptional() }

/** Runs a program. */
const ExecStep = construct<model.ExecStep>({ ...processStep, exec: Arguments })

/** Runs a script. */
const RunStep = construct<model.RunStep>({ ...processStep, run: Script, shell: Shell.exactOptional() })

const Values = z.record(Identifier, Value, { error: expected('a map of values') })

/** Computes values. */
const SetStep = construct<model.SetStep>({ ...base, set: Values })

/** Fails unless true. */
const AssertStep = construct<model.AssertStep>({ ...base, assert: Slot, message: Text.exactOptional() })

/** Waits for a while. */
const SleepStep = construct<model.SleepStep>({ ...timed, sleep: Duration })

/** Waits for a signal. */
const WaitForStep = construct<model.WaitForStep>({
  ...timed,
  waitFor: construct<model.WaitForStep['waitFor']>({
    signal: Text.min(1, { error: expected('the name of a signal') }),
    if: Slot.exactOptional(),
    schema: JsonSchema.exactOptional(),
  }),
})

// `do` is also the body of these, and `if` a modifier beside them.
const bodyOwners = ['forEach', 'repeat'] as const

/** A group of steps. */
const DoStep = construct<model.DoStep>({ ...block, do: Steps }, bodyOwners)

/** One of two lists. */
const IfStep = construct<model.IfStep>({ ...block, if: Slot, do: Steps, else: Steps.exactOptional() }, bodyOwners)

/** One of several lists. */
const MatchStep = construct<model.MatchStep>({
  ...block,
  match: Slot,
  cases: z.record(z.string(), Steps, { error: expected('a map of cases, each a list of steps') }),
  default: Steps.exactOptional(),
})

const AtLeast = construct<{ readonly atLeast: number }>({ atLeast: count(1) })

/** Steps that run together. */
const ParallelStep = construct<model.ParallelStep>({
  ...block,
  parallel: Steps,
  concurrency: CountOrTemplate.exactOptional(),
  join: z.union([z.enum(['all', 'any']), AtLeast], { error: expected('all, any or { atLeast: 2 }') }).exactOptional(),
  failFast: Flag.exactOptional(),
})

const listError = { error: expected('a list, or an expression that gives one') }

/** The same steps for each item. */
const ForEachStep = construct<model.ForEachStep>({
  ...block,
  forEach: construct<model.ForEachStep['forEach']>({
    in: z.union([z.string().min(1, listError), z.array(Value)], listError),
    as: Identifier.exactOptional(),
    concurrency: CountOrTemplate.exactOptional(),
    collect: Flag.exactOptional(),
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
    until: Slot.exactOptional(),
    while: Slot.exactOptional(),
    every: Duration.exactOptional(),
    initial: Value.exactOptional(),
  }),
  do: Steps,
  onExhausted: OnExhausted.exactOptional(),
})

/** One handler of failures. */
export const CatchClause = construct<model.CatchClause>({
  on: z.array(Code, { error: expected('a list of failure codes') }).exactOptional(),
  as: Identifier.exactOptional(),
  do: Steps,
})

/** Steps whose failure is handled. */
const TryStep = construct<model.TryStep>({
  ...block,
  try: Steps,
  catch: z
    .array(CatchClause, { error: expected('a list of clauses such as { on: [TIMEOUT], do: [] }') })
    .exactOptional(),
  finally: Steps.exactOptional(),
})

/** Ends the workflow. */
const ReturnStep = construct<model.ReturnStep>({ ...base, return: Values })

/** Fails here. */
const FailStep = construct<model.FailStep>({
  ...base,
  fail: construct<model.FailStep['fail']>({ code: Code, message: Text, data: Value.exactOptional() }),
})

/** The schema of each kind of step. */
export const stepSchemas = {
  uses: UsesStep,
  exec: ExecStep,
  run: RunStep,
  set: SetStep,
  assert: AssertStep,
  sleep: SleepStep,
  waitFor: WaitForStep,
  do: DoStep,
  if: IfStep,
  match: MatchStep,
  parallel: ParallelStep,
  forEach: ForEachStep,
  repeat: RepeatStep,
  try: TryStep,
  return: ReturnStep,
  fail: FailStep,
} satisfies Record<model.StepKind, z.ZodType<model.Step>>
