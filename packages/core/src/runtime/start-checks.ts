import { resolveInputs } from '@segno/schema/plan'
import type { HandlerPin, InputProblem, JsonObject } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { Plan } from '../kernel/plan.ts'
import type { Storage } from '../ports/storage.ts'
import type { EngineOptions, StartOptions } from './engine-options.ts'
import { runIdPattern } from './ids.ts'
import { NotJson, copyGiven } from './json-copy.ts'

const keyCharactersMax = 256

/** Throws `ARGUMENT_INVALID` for limits that no engine can keep. */
export function checkLimits({
  attempts = 1,
  leaseMs = 1,
  hungAfterMs = 1,
}: NonNullable<EngineOptions['limits']>): void {
  if (!Number.isSafeInteger(attempts) || attempts < 1) {
    throw new SegnoError(
      'ARGUMENT_INVALID',
      `\`limits.attempts\` is ${attempts}; expected a whole number of at least 1`,
    )
  }
  for (const [name, ms] of Object.entries({ leaseMs, hungAfterMs })) {
    if (Number.isFinite(ms) && ms > 0) continue
    throw new SegnoError('ARGUMENT_INVALID', `\`limits.${name}\` is ${ms}; expected milliseconds above 0`)
  }
}

/** Throws `ARGUMENT_INVALID` for what cannot be a run's id: it names files, rows and URLs. */
export function checkRunId(runId: string): void {
  if (typeof runId === 'string' && runIdPattern.test(runId)) return
  throw new SegnoError('ARGUMENT_INVALID', `The run id ${JSON.stringify(runId)} does not match ${runIdPattern.source}`)
}

/** Throws `ARGUMENT_INVALID` for what cannot be a key or labels of a run. */
export function checkStartOptions({ id, idempotencyKey, labels = {}, drive = true, onFailure }: StartOptions): void {
  if (onFailure !== undefined && onFailure !== 'block') {
    throw new SegnoError('ARGUMENT_INVALID', '`onFailure` of a start can only be "block"')
  }
  if (typeof drive !== 'boolean') throw new SegnoError('ARGUMENT_INVALID', '`drive` has to be true or false')
  if (id !== undefined) checkRunId(id)
  if (idempotencyKey !== undefined) checkText('`idempotencyKey`', idempotencyKey)
  for (const [name, label] of Object.entries<unknown>(labels)) {
    if (typeof label === 'string' && label.isWellFormed() && name.isWellFormed()) continue
    throw new SegnoError('ARGUMENT_INVALID', `The label "${name.toWellFormed()}" has to be a text`)
  }
}

/** Throws `ARGUMENT_INVALID` for what is no name that people give: some well-formed text. */
export function checkText(what: string, text: unknown): void {
  if (typeof text === 'string' && text !== '' && text.length <= keyCharactersMax && text.isWellFormed()) return
  throw new SegnoError(
    'ARGUMENT_INVALID',
    `${what} has to be a text of 1 to ${keyCharactersMax} characters, got ${JSON.stringify(text)?.slice(0, 80)}`,
  )
}

/** A copy of a run's input, defaults filled in. Throws `INPUT_INVALID` with all that is wrong. */
export function checkedInput(plan: Plan, input: JsonObject): JsonObject {
  const copied = copyGiven(input)
  if (copied instanceof NotJson) throw new SegnoError('INPUT_INVALID', `The input is not JSON: ${copied.message}`)
  const result = resolveInputs(plan.definition, copied === undefined ? {} : copied)
  if ('values' in result) return result.values
  throw inputInvalid(plan, result.problems)
}

/** What refuses to start a workflow whose secrets the host does not have. */
export function secretsMissing({ definition }: Plan, names: readonly string[]): SegnoError {
  const message = `The workflow "${definition.name}" needs secrets that the host has no value for: ${names.join(', ')}`
  return new SegnoError('SECRET_MISSING', message, { details: names })
}

/** Throws `TRANSACTIONS_MISSING` for a workflow with `tx` steps, where the storage has no transactions. */
export function assertTransactions(
  { definition, nodes }: Plan,
  pins: Readonly<Record<string, HandlerPin>>,
  storage: Pick<Storage, 'capabilities'>,
): void {
  if (storage.capabilities.transactions) return
  const step = nodes.find((node) => node.kind === 'work' && (node.effect ?? pins[node.handler]?.effect) === 'tx')
  if (step === undefined) return
  const message = `The step "${step.id}" of workflow "${definition.name}" has the effect tx, and this storage has no transactions`
  throw new SegnoError('TRANSACTIONS_MISSING', message)
}

/** What refuses an input, with all that is wrong with it. */
export function inputInvalid({ definition }: Plan, problems: readonly InputProblem[]): SegnoError {
  const list = problems.map(({ message, hint }) => (hint === undefined ? message : `${message} (${hint})`)).join('\n')
  return new SegnoError('INPUT_INVALID', `The input does not fit workflow "${definition.name}":\n${list}`, {
    details: problems,
  })
}
