import { validateJson } from '@segno/schema/plan'
import type { Json, JsonSchema } from '@segno/schema/plan'
import type { AttemptOutcome } from '../kernel/decide.ts'
import { measure } from '../kernel/kept.ts'
import type { AbortCode } from '../ports/abort.ts'
import type { Logger } from './engine-options.ts'
import { failureOf, finalFailure } from './failure.ts'
import type { HandlerContext, HandlerDefinition, StandardResult, StandardSchema } from './handler.ts'
import { NotJson, copyJson } from './json-copy.ts'

/** What a handler is called with, and what it may give. */
export interface Performance {
  readonly path: string
  readonly input: Json
  readonly outputSchema: JsonSchema | undefined
}

/** The attempt at work, and the way to stop it. */
export class AttemptAtWork implements HandlerContext {
  readonly runId: string
  readonly path: string
  readonly attempt: number
  readonly idempotencyKey: string
  readonly #logger: Logger | undefined
  // An abort controller costs more than a small step; most handlers never ask for the signal.
  #controller: AbortController | undefined
  #aborted: AbortCode | undefined
  #leave: (() => void) | undefined
  #isOver = false

  constructor(
    {
      runId,
      path,
      attempt,
      key,
    }: { readonly runId: string; readonly path: string; readonly attempt: number; readonly key: string },
    logger: Logger | undefined,
  ) {
    this.runId = runId
    this.path = path
    this.attempt = attempt
    this.idempotencyKey = key
    this.#logger = logger
  }

  /** Its turn has come, and `left` gives its place to others; false if nobody waits for it any more. */
  enter(left: () => void): boolean {
    if (this.#isOver) return false
    this.#leave = left
    return true
  }

  /** Nobody waits for it any more. */
  leave(): void {
    this.#isOver = true
    this.#leave?.()
    this.#leave = undefined
  }

  /** Whether its turn has not come yet. */
  get isQueued(): boolean {
    return !this.#isOver && this.#leave === undefined
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted !== undefined && !this.#controller.signal.aborted) this.#controller.abort(reasonOf(this.#aborted))
    return this.#controller.signal
  }

  get log(): HandlerContext['log'] {
    const { runId, path, attempt } = this
    const logger = this.#logger
    return (message, details) => {
      logger?.log('info', message, { runId, path, attempt, ...(details === undefined ? {} : { details }) })
    }
  }

  abort(code: AbortCode): void {
    this.#aborted ??= code
    this.#controller?.abort(reasonOf(code))
  }
}

function reasonOf(code: AbortCode): Error {
  return Object.assign(new Error(`the attempt has to stop: ${code}`), { name: 'AbortError', code, retryable: true })
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
  const failed = (error: unknown): void => settle({ kind: 'failed', failure: failureOf(error) })
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

function outcomeOf(output: unknown, { path, outputSchema }: Performance): AttemptOutcome {
  const json = copyJson(output)
  if (json instanceof NotJson)
    return invalid('OUTPUT_INVALID', `what the handler of "${path}" returned`, { problem: json.message })
  if (outputSchema !== undefined) {
    const [problem] = validateJson(outputSchema, json ?? null)
    if (problem !== undefined) {
      const where = { problem: `${problem.path} ${problem.message}`.trim() }
      return invalid('OUTPUT_INVALID', `what the handler of "${path}" returned`, where)
    }
  }
  if (json === undefined) return { kind: 'completed' }
  const measured = measure(json)
  if ('failure' in measured) return { kind: 'failed', failure: measured.failure }
  return 'blob' in measured ? { kind: 'completed', outputBlob: measured.blob } : { kind: 'completed', output: json }
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
