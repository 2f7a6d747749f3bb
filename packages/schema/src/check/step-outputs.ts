import { kindOf, type Step } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import type { Imports } from './imported.ts'

/** What is wrong with a path into a step, without its place; `name` is which of its names, 1 for the step. */
export type FieldMistake = Omit<Mistake, 'pointer' | 'at'> & {
  readonly name: number
  /** Whether it is only a warning where the expression asks with `has()` whether the step gave something. */
  readonly isExcused?: boolean | undefined
}

/** What is wrong with `steps.<id>.<field>.<name>…`, where it is known what the step has. */
export function stepFieldMistake(
  [, field, name, inner]: readonly string[],
  step: Step,
  imports: Imports,
): FieldMistake | undefined {
  if (field === undefined) return undefined
  const known = unknownField(field, fieldsOf(step), 'a step', 2)
  if (known !== undefined || field !== 'output') return known
  const given = outputOf(step, imports)
  if ('nothing' in given) {
    const { nothing, hint, isExcused } = given
    const message = `"${step.id}" gives no output${nothing}`
    return { code: 'OUTPUT_NOT_DECLARED', message, hint, name: 2, isExcused }
  }
  const { fields, form } = given
  if (fields === undefined || name === undefined) return undefined
  const owner = `the output of "${step.id}"`
  const unknown = unknownField(name, fields, owner, 3)
  if (unknown !== undefined || name !== 'form' || form === undefined || inner === undefined) return unknown
  return unknownField(inner, form, `the form of "${step.id}"`, 4)
}

/** What is wrong with a field that is read of something whose fields are known. */
export function unknownField(
  field: string,
  fields: readonly string[],
  owner: string,
  name: number,
): FieldMistake | undefined {
  if (fields.includes(field)) return undefined
  const known = suggestion(field, fields)
  const all = fields.length === 0 ? 'it has none' : `the fields are ${fields.join(', ')}`
  return { code: 'UNKNOWN_FIELD', message: `${owner} has no field "${field}"`, ...known, hint: known.hint ?? all, name }
}

const stepFields = ['output', 'status', 'attempts', 'failure', 'startedAt', 'durationMs']

function fieldsOf(step: Step): readonly string[] {
  if ('exec' in step || 'run' in step) return [...stepFields, 'exitCode']
  return 'agent' in step ? [...stepFields, 'session'] : stepFields
}

/** What a step gives: nothing, with why; a map whose fields are known; or what is not known here. */
type Given =
  | { readonly nothing: string; readonly hint?: string; readonly isExcused?: boolean }
  | { readonly fields?: readonly string[]; readonly form?: readonly string[] | undefined }

function outputOf(step: Step, imports: Imports): Given {
  if (('exec' in step || 'run' in step) && !step.output) {
    return { nothing: ', since it declares none', hint: 'add output: { from: stdout } to it' }
  }
  const kind = kindOf(step)
  if (withoutOutput.has(kind)) return { nothing: `: "${kind}" has none`, isExcused: true }
  if ('http' in step) return { fields: ['status', 'headers', 'body'] }
  if ('watch' in step) return { fields: ['files'] }
  if ('ask' in step) {
    const { form } = step.ask
    return { fields: ['choice', 'form', 'by', 'at', 'comment'], form: form && Object.keys(form) }
  }
  if ('start' in step && step.wait === false) return { fields: ['runId'] }
  const called = 'call' in step ? step.call : 'start' in step ? step.start : undefined
  const imported = called === undefined ? undefined : imports.get(called)
  return imported ? { fields: Object.keys(imported.definition.output ?? {}) } : {}
}

const withoutOutput: ReadonlySet<string> = new Set(['sleep', 'sleepUntil', 'emit', 'assert'])
