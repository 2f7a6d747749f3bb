import type { Definition, InputProperty } from '../definition.ts'
import type { Mistake, RelatedMistake } from '../diagnostic/mistake.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import { parseTemplate } from '../expression/template.ts'
import { pointerPart, type Json, type JsonObject } from '../json.ts'
import { validateJson } from '../plan/json-schema.ts'

/** The inputs that a workflow is given by another, or by a schedule. */
export interface GivenInputs {
  readonly values: JsonObject
  /** Of the map of values; also where it is not there. */
  readonly pointer: string
  /** Whether `${{ }}` in a value is an expression. */
  readonly isTemplate: boolean
  /** Where to tell what is missing. */
  readonly missingAt: Pick<Mistake, 'pointer' | 'at'>
  /** How a message names the workflow. */
  readonly owner: string
  /** The import that the workflow is, where it is another one. */
  readonly imported?: string
}

/** What is wrong with given inputs as far as it is known before a run: missing and unknown ones, and constants that do not fit. */
export function inputMistakes({ input: declared = {} }: Definition, given: GivenInputs): Mistake[] {
  const { values, owner } = given
  const names = Object.keys(declared)
  const unknown = Object.keys(values)
    .filter((name) => !Object.hasOwn(declared, name))
    .map((name) => unknownInput(name, names, given))
  // One that is misspelt is not missing too.
  const meant = new Set(unknown.map(({ replacement }) => replacement))
  const missing = names.filter((name) => isNeeded(declared[name]) && !has(values, name) && !meant.has(name))
  const words = `${missing.length === 1 ? 'the input' : 'the inputs'} ${missing.map((name) => `"${name}"`).join(', ')}`
  return [
    ...(missing.length === 0
      ? []
      : [
          {
            code: 'MISSING_INPUT',
            message: `${owner} needs ${words}`,
            ...given.missingAt,
            related: declaredAt(missing, given),
          } as const,
        ]),
    ...unknown,
    ...names.flatMap((name) => misfits(name, declared, given)),
  ]
}

/** Where inputs are declared. */
function declaredAt(names: readonly string[], { imported }: GivenInputs): RelatedMistake[] {
  return names.map((name) => ({
    message: `"${name}" is declared here`,
    pointer: `/input${pointerPart(name)}`,
    at: 'key',
    ...(imported !== undefined && { imported: [imported] }),
  }))
}

function isNeeded(property: InputProperty | undefined): boolean {
  return property !== undefined && property.default === undefined && property.optional !== true
}

function has(values: JsonObject, name: string): boolean {
  return Object.hasOwn(values, name) && values[name] !== undefined
}

function unknownInput(name: string, names: readonly string[], { owner, pointer }: GivenInputs): Mistake {
  const hint = names.length === 0 ? 'it has no inputs' : `its inputs are ${names.join(', ')}`
  const message = `${owner} has no input "${name}"`
  const place = { pointer: pointer + pointerPart(name), at: 'key' } as const
  return { code: 'UNKNOWN_INPUT', message, hint, ...suggestion(name, names), ...place }
}

function misfits(name: string, declared: NonNullable<Definition['input']>, given: GivenInputs): Mistake[] {
  const { values, pointer, isTemplate } = given
  const schema = declared[name]
  const value = schema === undefined || !has(values, name) ? undefined : values[name]
  const constant = value === undefined || !isTemplate ? value : constantOf(value)
  if (schema === undefined || constant === undefined) return []
  return validateJson(schema, constant).map(({ path, message }) => ({
    code: 'TYPE_MISMATCH',
    message: `the input "${name}"${path === '' ? '' : ` at ${path}`}: ${message}`,
    pointer: pointer + pointerPart(name) + path,
    related: declaredAt([name], given),
  }))
}

/** What a template gives each time; `undefined` where that depends on the run. */
function constantOf(value: Json): Json | undefined {
  const parsed = parseTemplate(value)
  return 'template' in parsed && parsed.template.constant ? parsed.template.evaluate(nothing) : undefined
}

const nothing = { variable: () => undefined, step: () => undefined }
