import { isJsonObject, validateJson } from '@segno/schema/plan'
import type { Json } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { evaluate, loadedValue } from './deciding.ts'
import { NoValue } from './scope.ts'
import { blockOf } from './state.ts'
import type { Ending, StepState } from './state.ts'

/**
 * What a workflow gives: the run itself, or one that a step calls. A `return` that
 * a failing `finally` overtook has not happened: what it gave counts only where
 * the workflow ends with it.
 */
export function workflowOutput(deciding: Deciding, step: StepState, ending: Ending): Json | NoValue {
  const { node } = step
  const { returned, frames } = blockOf(step)
  const outputs = node.kind === 'workflow' || node.kind === 'call' ? node.unit.outputs : []
  const given = ending.kind === 'returned' && returned !== undefined ? loadedValue(deciding, returned) : undefined
  if (given instanceof NoValue) return given
  const values: Record<string, Json> = {}
  const frame = frames.at(-1)
  for (const { name, schema, value } of outputs) {
    const one =
      given === undefined ? (value === undefined ? undefined : evaluate(deciding, value, frame)) : fieldOf(given, name)
    if (one instanceof NoValue) return ofOutput(name, one)
    if (one === undefined) return invalidOutput(name, 'is given by nothing')
    const [problem] = validateJson(schema, one)
    if (problem !== undefined) return invalidOutput(name, `does not fit its schema: ${problem.path} ${problem.message}`)
    values[name] = one
  }
  return values
}

function ofOutput(name: string, { failure, need }: NoValue): NoValue {
  if (failure === undefined) return new NoValue(undefined, need)
  return new NoValue({ ...failure, message: `the output "${name}": ${failure.message}` })
}

function fieldOf(value: Json, name: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function invalidOutput(name: string, what: string): NoValue {
  return new NoValue({ code: 'OUTPUT_INVALID', message: `the output "${name}" ${what}`, retryable: false })
}
