import { isJsonObject, resolveInputs, validateJson } from '@segno/schema/plan'
import type { Definition, Json, JsonSchema } from '@segno/schema/plan'
import type { AskNode, PlanNode } from './plan.ts'

/**
 * What is wrong with an output that somebody gives a step by hand: it has to
 * be what the step itself could have given, as far as that is declared.
 */
export function outputProblem(node: PlanNode, output: Json | undefined): string | undefined {
  switch (node.kind) {
    case 'work':
      if (node.outputSchema === undefined) return undefined
      if (node.request === undefined) return misfit(node.outputSchema, output)
      return isJsonObject(output) ? misfit(node.outputSchema, output['body'], 'its `body`') : 'a response is an object'
    case 'waitFor':
      return node.schema === undefined ? undefined : misfit(node.schema, output)
    case 'ask':
      return answerProblem(node, output)
    case 'call':
      return outputsProblem(node.unit.definition, output)
    case 'start':
      if (node.wait) return outputsProblem(node.child.definition, output)
      return isJsonObject(output) && typeof output['runId'] === 'string' ? undefined : 'it has no `runId`'
    default:
      return undefined
  }
}

function misfit(schema: JsonSchema, value: Json | undefined, what = 'it'): string | undefined {
  if (value === undefined) return `${what} is missing`
  const [problem] = validateJson(schema, value)
  if (problem === undefined) return undefined
  return `${what} does not fit its schema: ${`${problem.path} ${problem.message}`.trim()}`
}

function answerProblem({ choices, form }: AskNode, output: Json | undefined): string | undefined {
  if (!isJsonObject(output)) return 'an answer is an object with `choice` or `form`'
  if (choices !== undefined) {
    const isOne = choices.some((choice) => choice === output['choice'])
    return isOne ? undefined : `its \`choice\` is none of ${choices.join(', ')}`
  }
  if (form === undefined) return undefined
  const resolved = resolveInputs({ input: form } as unknown as Definition, output['form'] ?? {})
  return 'problems' in resolved
    ? `its \`form\`: ${resolved.problems.map(({ message }) => message).join('; ')}`
    : undefined
}

function outputsProblem({ output: declared = {} }: Definition, output: Json | undefined): string | undefined {
  const names = Object.keys(declared)
  if (names.length === 0) return undefined
  if (!isJsonObject(output)) return `the outputs of the workflow are an object: ${names.join(', ')}`
  for (const [name, { value: _value, ...schema }] of Object.entries(declared)) {
    const problem = misfit(schema, output[name], `its \`${name}\``)
    if (problem !== undefined) return problem
  }
  return undefined
}
