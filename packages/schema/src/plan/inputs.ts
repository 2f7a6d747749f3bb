import type { Definition, InputProperty, JsonSchema } from '../definition.ts'
import { didYouMean } from '../diagnostic/suggest.ts'
import { isJsonObject, pointerPart, type Json, type JsonObject } from '../json.ts'
import { validateJson } from './json-schema.ts'

/** One thing that is wrong with the input of a run. */
export interface InputProblem {
  readonly kind: 'missing' | 'unknown' | 'misfit'
  /** The input's name. */
  readonly name: string
  /** JSON Pointer (RFC 6901) into the input. */
  readonly path: string
  readonly message: string
  readonly hint?: string
}

/**
 * The inputs of a run with defaults filled in, or all that is wrong with them:
 * missing, unknown and wrongly typed ones. An optional input that is not given
 * has no value.
 */
export function resolveInputs(
  definition: Definition,
  input: Json,
): { readonly values: JsonObject } | { readonly problems: readonly InputProblem[] } {
  if (!isJsonObject(input)) {
    return {
      problems: [
        { kind: 'misfit', name: '', path: '', message: 'the input has to be an object with a field per input' },
      ],
    }
  }
  const declared = definition.input ?? {}
  const values: Record<string, Json> = {}
  const problems = unknownInputs(declared, input)
  for (const [name, property] of Object.entries(declared)) {
    const given = Object.hasOwn(input, name) ? input[name] : undefined
    const value = given === undefined ? property.default : given
    if (value !== undefined) {
      values[name] = value
      problems.push(...misfitsOf(name, property, value))
    } else if (property.optional !== true) {
      problems.push({ kind: 'missing', name, path: pointerPart(name), message: `the input "${name}" is missing` })
    }
  }
  return problems.length > 0 ? { problems } : { values }
}

function unknownInputs(declared: Readonly<Record<string, InputProperty>>, input: JsonObject): InputProblem[] {
  const names = Object.keys(declared)
  return Object.keys(input)
    .filter((name) => input[name] !== undefined && !Object.hasOwn(declared, name))
    .map((name) => {
      const hint = didYouMean(name, names) ?? (names.length > 0 ? `inputs: ${names.join(', ')}` : 'there are no inputs')
      return { kind: 'unknown', name, path: pointerPart(name), message: `there is no input "${name}"`, hint }
    })
}

function misfitsOf(name: string, property: InputProperty, value: Json): InputProblem[] {
  return validateJson(property satisfies JsonSchema, value).map(({ path, message }) => ({
    kind: 'misfit',
    name,
    path: `${pointerPart(name)}${path}`,
    message: `the input "${name}"${path === '' ? '' : ` at ${path}`}: ${message}`,
  }))
}
