import type { Mistake, RelatedMistake } from '../../diagnostic/mistake.ts'
import type { Environment } from '../../type/environment.ts'
import type { TypeProblem } from '../../type/inference.ts'
import type { MapType, Type } from '../../type/type.ts'

/** Where an expression stands. */
interface ExpressionAt {
  readonly pointer: string
  readonly offset: number
  readonly environment: Environment
  whereIs(id: string): RelatedMistake | undefined
}

/** What is wrong in an expression, told at its place in the definition; of steps, in words of steps. */
export function mistakeOfProblem(
  problem: TypeProblem,
  { pointer, offset, environment, whereIs }: ExpressionAt,
): Mistake {
  const { start, end, root, path, severity, ...words } = problem
  // What is asked for has to be had.
  const rest = severity === undefined || problem.code === 'UNTYPED_VALUE' ? words : { ...words, severity }
  const at = { start: start + offset, end: end + offset }
  const id = root?.startsWith('steps.') === true ? root.slice('steps.'.length) : undefined
  if (id === undefined || path?.length !== 1) return { ...rest, pointer, at }
  const type = environment.typeOf(root ?? '')
  if (problem.code !== 'MAYBE_MISSING' || type === undefined) return { ...rest, pointer, at }
  const told = mayNotHaveRun(id, String(path[0]), type)
  const place = told && whereIs(id)
  return { ...(told ?? rest), pointer, at, ...(place && { related: [place] }) }
}

type Words = Omit<Mistake, 'pointer' | 'at'>

// A step shows in each status other fields, so the statuses that lack the field say why it may be missing.
function mayNotHaveRun(id: string, field: string, type: Type): Words | undefined {
  const shown = (type.kind === 'union' ? type.members : [type]).filter((member) => member.kind === 'map')
  const isGiven = shown.some(({ fields }) => (fields.get(field)?.type.kind ?? 'never') !== 'never')
  if (!isGiven && field === 'output' && shown.some((member) => statusOf(member) === 'completed')) {
    return { code: 'OUTPUT_NOT_DECLARED', message: `"${id}" gives no output`, hint: `give "${id}" an "output"` }
  }
  const statuses = shown.filter(({ fields }) => fields.get(field)?.isOptional !== false).map(statusOf)
  // The field is always there: what may be missing is an element of it.
  if (statuses.length === 0) return undefined
  const hint = `guard it: has(steps.${id}.${field}) ? … : …`
  if (statuses.every((status) => status === 'completed')) {
    return { code: 'MAYBE_MISSING', message: `"${id}" may have completed without ${noun(field)} here`, hint }
  }
  const words = statuses.length > reasonsMax ? 'not have completed' : statuses.map(reasonOf).join(' or ')
  return { code: 'STEP_MAY_NOT_HAVE_RUN', message: `"${id}" may ${words} here, and then has no ${field}`, hint }
}

const reasonsMax = 2

function statusOf({ fields }: MapType): string {
  const status = fields.get('status')?.type
  return status?.kind === 'literal' ? String(status.value) : ''
}

function reasonOf(status: string): string {
  return reasons.get(status) ?? 'have no value'
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['pending', 'not have run'],
  ['running', 'still be running'],
  ['waiting', 'still be waiting'],
  ['completed', 'have completed'],
  ['failed', 'have failed'],
  ['skipped', 'have been skipped'],
  ['cancelled', 'have been cancelled'],
])

function noun(field: string): string {
  return /^[aeiou]/.test(field) ? `an ${field}` : `a ${field}`
}
