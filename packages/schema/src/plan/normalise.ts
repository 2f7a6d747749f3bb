import type {
  Capture,
  CatchClause,
  Defaults,
  Definition,
  Duration,
  Limits,
  MachineState,
  Retry,
  Step,
  Transition,
  Undo,
} from '../definition.ts'
import { stripMarks } from '../expression/template.ts'
import { formatDuration, parseDuration } from './duration.ts'
import { parseSize } from './size.ts'

/**
 * The canonical form of a definition, in which twins from YAML and TypeScript
 * are equal: expression slots as text without `${{ }}`, durations in one
 * spelling, no `x-*` keys, no `as` that says its default, no field that is
 * `undefined`. Normalising twice changes nothing more.
 */
export function normalise(definition: Definition): Definition {
  return tidy<Definition>({
    ...definition,
    ...(definition.defaults && { defaults: defaults(definition.defaults) }),
    ...(definition.limits && { limits: limits(definition.limits) }),
    ...(definition.imports && { imports: closed(definition.imports) }),
    steps: definition.steps.map(step),
    ...(definition.finally && { finally: definition.finally.map(step) }),
  })
}

// A path is no part of what is closed: what it leads to has taken its place, or will.
function closed(imports: NonNullable<Definition['imports']>): NonNullable<Definition['imports']> {
  return Object.fromEntries(
    Object.entries(imports).map(([name, found]) => [name, typeof found === 'string' ? found : normalise(found)]),
  )
}

function defaults(value: Defaults): Defaults {
  return tidy<Defaults>({ ...timeLimit(value), ...(value.retry && { retry: retry(value.retry) }) })
}

function limits(value: Limits): Limits {
  return tidy<Limits>({ ...value, ...(value.duration !== undefined && { duration: duration(value.duration) }) })
}

function retry(value: Retry): Retry {
  return tidy<Retry>({
    ...value,
    ...(value.delay !== undefined && { delay: duration(value.delay) }),
    ...(value.maxDelay !== undefined && { maxDelay: duration(value.maxDelay) }),
  })
}

function timeLimit<T extends { readonly timeout?: Duration }>(value: T): T {
  return value.timeout === undefined ? value : { ...value, timeout: duration(value.timeout) }
}

function step(value: Step): Step {
  const isProcess = 'exec' in value || 'run' in value
  return tidy<Step>(canonicalFields(value, isProcess ? processForms : stepForms))
}

/** The canonical form of one field; `never` since each takes the type of its own field. */
type FieldForms = Readonly<Record<string, (field: never) => unknown>>

const stepForms: FieldForms = {
  if: slot,
  assert: slot,
  match: slot,
  timeout: duration,
  sleep: duration,
  retry,
  do: list,
  else: list,
  default: list,
  parallel: list,
  try: list,
  finally: list,
  cases: (cases: Readonly<Record<string, readonly Step[]>>) =>
    Object.fromEntries(Object.entries(cases).map(([key, steps]) => [key, list(steps)])),
  catch: (clauses: readonly CatchClause[]) => clauses.map(catchClause),
  waitFor: (waitFor: object) => tidy(canonicalFields(waitFor, { if: slot })),
  repeat: (repeat: object) => tidy(canonicalFields(repeat, { until: slot, while: slot, every: duration })),
  forEach: (forEach: object) => unnamed(tidy(canonicalFields(forEach, { in: slot })), 'item'),
  fail: (fail: object) => tidy(fail),
  join: tidyObject,
  onExhausted: tidyObject,
  workspace: tidyObject,
  http: (http: object) => tidy(canonicalFields(http, { maxSize: bytes })),
  ask: tidyObject,
  watch: (watch: object) => tidy(canonicalFields(watch, { every: duration })),
  emit: tidyObject,
  states: (states: Readonly<Record<string, MachineState>>) =>
    Object.fromEntries(Object.entries(states).map(([name, state]) => [name, machineState(state)])),
  undo: (undo: Undo) => step(undo as Step),
}

// The `output` of a block is a value of the author's.
const processForms: FieldForms = { ...stepForms, output: capture }

function machineState(state: MachineState): object {
  return tidy(
    canonicalFields(state, { do: list, on: transitionsByKey, after: transitionsByDuration, next: transitions }),
  )
}

// One transition stands for a list of one.
function transitions(given: Transition | readonly Transition[]): object[] {
  return [given].flat().map((transition) => tidy(canonicalFields(transition, { if: slot })))
}

function transitionsByKey(given: Readonly<Record<string, Transition | readonly Transition[]>>): object {
  return Object.fromEntries(Object.entries(given).map(([key, some]) => [key, transitions(some)]))
}

function transitionsByDuration(given: Readonly<Record<string, Transition | readonly Transition[]>>): object {
  return Object.fromEntries(Object.entries(given).map(([key, some]) => [duration(key), transitions(some)]))
}

function bytes(size: number | string): number | string {
  return typeof size === 'string' ? (parseSize(size) ?? size) : size
}

function capture({ maxSize, ...rest }: Capture): object {
  return tidy({ ...rest, maxSize: maxSize === undefined ? undefined : bytes(maxSize) })
}

function canonicalFields(value: object, forms: FieldForms): object {
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => {
      const form = Object.hasOwn(forms, key) && field !== undefined ? forms[key] : undefined
      return [key, form ? form(field as never) : field]
    }),
  )
}

function list(steps: readonly Step[]): readonly Step[] {
  return steps.map(step)
}

function catchClause(clause: CatchClause): object {
  return unnamed(tidy({ ...clause, do: list(clause.do) }), 'error')
}

// A list may stand in `in`.
function slot(value: unknown): unknown {
  return typeof value === 'string' || typeof value === 'boolean' ? stripMarks(String(value)).text.trim() : value
}

function duration(text: Duration): Duration {
  const ms = parseDuration(text)
  return ms === undefined ? text : formatDuration(ms)
}

function unnamed(value: object, defaultName: string): object {
  if (!('as' in value) || value.as !== defaultName) return value
  const { as: _, ...rest } = value
  return rest
}

function tidyObject(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? tidy(value) : value
}

/** Without `x-*` keys and fields that are `undefined`. */
function tidy<T extends object>(value: object): T {
  return Object.fromEntries(
    Object.entries(value).filter(([key, field]) => field !== undefined && !key.startsWith('x-')),
  ) as T
}
