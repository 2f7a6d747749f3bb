import { validateJson } from '@segno/schema/plan'
import type { Failure, Json, JsonSchema } from '@segno/schema/plan'
import type { AttemptOutcome } from '../kernel/decide.ts'
import { isSmall, measure } from '../kernel/kept.ts'
import type { Masker } from '../ports/masker.ts'
import type { Command, CommandContext, Shell } from '../ports/shell.ts'
import { failureOf, finalFailure } from './failure.ts'
import type { HandlerContext, HandlerDefinition, StandardResult, StandardSchema } from './handler.ts'
import { NotJson, copyJson } from './json-copy.ts'

/** What a handler is called with, and what it may give. */
export interface Performance {
  readonly path: string
  readonly input: Json
  readonly outputSchema: JsonSchema | undefined
  /** Masks the secrets that attempts of this engine were given, whatever comes of them. */
  readonly masker: Masker
}

/**
 * Calls a handler once and tells how that ended, never at once. Every promise is
 * owned here: nothing that a handler does ends as an unhandled rejection.
 */
export function perform(
  handler: HandlerDefinition<never, unknown>,
  performance: Performance,
  context: HandlerContext,
  settle: (outcome: AttemptOutcome) => void,
): void {
  const failed = (error: unknown): void => settle(failedWith(error, performance))
  const returns = (output: unknown): void => {
    let outcome: AttemptOutcome
    try {
      outcome = outcomeOf(output, performance)
    } catch (error) {
      // A getter or a `toJSON` of the output threw.
      return failed(error)
    }
    settle(outcome)
  }
  // A handler without a contract is called in as few turns as there can be: this is where a small step's time goes.
  if (handler.input !== undefined || handler.output !== undefined) {
    performChecked(handler, performance, context).then(settle, failed)
    return
  }
  try {
    const returned = handler.perform(context, own(performance.input) as never)
    if (returned instanceof Promise) returned.then(returns, failed)
    else Promise.resolve(returned).then(returns, failed)
  } catch (error) {
    queueMicrotask(() => failed(error))
  }
}

// What is in the journal is also the input of the next attempt: a handler that changes its own changes a copy.
function own(input: Json): unknown {
  return typeof input === 'object' ? copyJson(input) : input
}

/** Runs a command once and tells how that ended. */
export function performCommand(
  shell: Shell,
  command: Command,
  {
    performance,
    context,
    settle,
  }: {
    readonly performance: Performance
    readonly context: CommandContext
    readonly settle: (outcome: AttemptOutcome) => void
  },
): void {
  const run = async (): Promise<AttemptOutcome> => {
    const { output, exitCode, details } = await shell.run(command, context)
    const outcome = outcomeOf(output, performance)
    switch (outcome.kind) {
      case 'completed':
        return { ...outcome, exitCode }
      case 'failed':
        // That its output is of no use does not hide how the process ended.
        return failedWith({ ...outcome.failure, details: { ...details, exitCode } }, performance)
      case 'impossible':
        return outcome
      default:
        return outcome satisfies never
    }
  }
  run().then(settle, (error: unknown) => settle(failedWith(error, performance)))
}

/** The outcome of an attempt that threw, its secrets masked. */
export function failedWith(error: unknown, { masker }: Pick<Performance, 'masker'>): AttemptOutcome {
  const failure = failureOf(error)
  return { kind: 'failed', failure: masker.isEmpty ? failure : masked(masker, failure) }
}

function masked(masker: Masker, failure: Failure): Failure {
  const { message, details, cause } = failure
  return {
    ...failure,
    message: masker.text(message),
    ...(details === undefined ? {} : { details: masker.json(details) }),
    ...(cause === undefined ? {} : { cause: masked(masker, cause) }),
  }
}

async function performChecked(
  handler: HandlerDefinition<never, unknown>,
  performance: Performance,
  context: HandlerContext,
): Promise<AttemptOutcome> {
  let input: unknown = own(performance.input)
  if (handler.input !== undefined) {
    const checked = await validate(handler.input, input)
    if ('problem' in checked) return invalid('INPUT_INVALID', `the input of "${performance.path}"`, checked)
    input = checked.value
  }
  const output: unknown = await handler.perform(context, input as never)
  if (handler.output === undefined) return outcomeOf(output, performance)
  const checked = await validate(handler.output, output)
  if ('problem' in checked)
    return invalid('OUTPUT_INVALID', `what the handler of "${performance.path}" returned`, checked)
  return outcomeOf(checked.value, performance)
}

/** The outcome of an attempt that gave this, its secrets masked. */
export function outcomeOf(output: unknown, { path, outputSchema, masker }: Performance): AttemptOutcome {
  const what = `what the handler of "${path}" returned`
  const copied = copyJson(output)
  if (copied instanceof NotJson) return invalid('OUTPUT_INVALID', what, { problem: copied.message })
  const json = copied === undefined || masker.isEmpty ? copied : masker.json(copied)
  const misfit = misfitOf(json ?? null, outputSchema, what)
  if (misfit !== undefined) return misfit
  if (json === undefined) return { kind: 'completed' }
  if (isSmall(json)) return { kind: 'completed', output: json }
  const measured = measure(json)
  if ('failure' in measured) return { kind: 'failed', failure: measured.failure }
  return 'blob' in measured ? { kind: 'completed', outputBlob: measured.blob } : { kind: 'completed', output: json }
}

/** Why a value does not fit the schema of its step, if it does not. */
export function misfitOf(json: Json, schema: JsonSchema | undefined, what: string): AttemptOutcome | undefined {
  if (schema === undefined) return undefined
  const [misfit] = validateJson(schema, json)
  if (misfit === undefined) return undefined
  return invalid('OUTPUT_INVALID', what, { problem: `${misfit.path} ${misfit.message}`.trim() })
}

function invalid(
  code: 'INPUT_INVALID' | 'OUTPUT_INVALID',
  what: string,
  { problem }: { readonly problem: string },
): AttemptOutcome {
  return { kind: 'failed', failure: finalFailure(code, `${what} does not fit: ${problem}`) }
}

type Checked = { readonly value: unknown } | { readonly problem: string }

async function validate(schema: StandardSchema, value: unknown): Promise<Checked> {
  const result: StandardResult<unknown> = await schema['~standard'].validate(value)
  if (result.issues === undefined) return { value: result.value }
  const problem = result.issues
    .map(({ path, message }) => {
      const where = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
      return where === '' ? message : `${where}: ${message}`
    })
    .join('; ')
  return { problem }
}
