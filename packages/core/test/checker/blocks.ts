import type { Json, JsonObject } from '@segno/schema/plan'
import { comparable, denying, holding, isPinned, knowing, naming, seeing, type Guard, type Outlook } from './outlook.ts'
import {
  declaredOutput,
  readingsOfAll,
  readingsOfError,
  type Face,
  type Made,
  type Place,
  type Workshop,
} from './steps.ts'

/** A group. */
export function group(workshop: Workshop, place: Place): Made {
  const { coverage, dice } = workshop
  coverage.note('do')
  const { id, outlook } = place
  const body = workshop.listOf({ ...place, outlook })
  const last = body.faces.at(-1)
  if (last?.output !== undefined && last.mayNotHaveRun === undefined && dice.chance(30)) {
    coverage.note('implicit output')
    return { step: { id, do: body.steps }, face: { id, output: last.output } }
  }
  const { shape, value } = declaredOutput(workshop, seeing(outlook, readingsOfAll(body, workshop)))
  return {
    step: { id, do: body.steps, output: value },
    face: { id, output: { shape, isDeclared: false, isAlways: true } },
  }
}

/** One of two lists. */
export function ifElse(workshop: Workshop, place: Place): Made {
  const { coverage, dice, expressions } = workshop
  coverage.note('if')
  const { id, outlook } = place
  const condition = expressions.slot(outlook)
  const { text: test, facts, touched } = condition
  if (facts.length > 0) coverage.note('guard by block')
  const body = workshop.listOf({ ...place, outlook: holding(outlook, condition) })
  const other = dice.chance(60) ? workshop.listOf({ ...place, outlook: denying(outlook, touched) }) : undefined
  if (other !== undefined) coverage.note('else')
  const lists = { do: body.steps, ...(other === undefined ? {} : { else: other.steps }) }
  const last = body.faces.at(-1)
  if (other === undefined && last?.output !== undefined && dice.chance(40)) {
    coverage.note('implicit output')
    return { step: { id, if: test, ...lists }, face: { id, output: { ...last.output, isAlways: false } } }
  }
  const end = seeing(outlook, [
    ...readingsOfAll(body, workshop, 'another branch'),
    ...(other === undefined ? [] : readingsOfAll(other, workshop, 'another branch')),
  ])
  const { shape, value } = declaredOutput(workshop, end)
  return {
    step: { id, if: test, ...lists, output: value },
    face: { id, output: { shape, isDeclared: false, isAlways: true } },
  }
}

interface Subject {
  readonly text: string
  readonly keys: readonly string[]
  /** What each key proves. */
  readonly facts: (key: string) => readonly Guard[]
}

// What a `match` can be about here: an enum, a boolean, the tag of a union.
function subjectOf(workshop: Workshop, outlook: Outlook): Subject | undefined {
  const { dice, coverage, expressions } = workshop
  const readable = expressions.readable(outlook)
  const tags = readable.filter(
    ({ reading: { shape, isDeclared }, guards }) => guards.length === 0 && isDeclared && shape.kind === 'tagged',
  )
  const enums = readable.filter((found) => comparable(found, outlook))
  const flags = readable.filter(
    ({ reading: { shape, isDeclared, path }, guards }) =>
      guards.length === 0 && isDeclared && shape.kind === 'boolean' && !isPinned(path, outlook),
  )
  const kinds = [
    ...(enums.length > 0 ? (['enum'] as const) : []),
    ...(flags.length > 0 ? (['boolean'] as const) : []),
    ...(tags.length > 0 ? (['tag', 'tag'] as const) : []),
  ]
  if (kinds.length === 0) return undefined
  const kind = dice.pick(kinds)
  const { path, shape } = dice.pick(kind === 'enum' ? enums : kind === 'tag' ? tags : flags).reading
  const proves =
    (tag: string) =>
    (key: string): readonly Guard[] => [{ kind: 'tag', path: tag, text: `${tag} == "${key}"` }]
  if (shape.kind === 'enum') {
    coverage.note('match on enum')
    return { text: path, keys: shape.values, facts: proves(path) }
  }
  if (shape.kind !== 'tagged') {
    coverage.note('match on boolean')
    return { text: path, keys: ['true', 'false'], facts: proves(path) }
  }
  const tag = `${path}.${shape.tag}`
  if (isPinned(tag, outlook)) return undefined
  coverage.note('match on tag')
  coverage.note('guard by match')
  return { text: tag, keys: Object.keys(shape.variants), facts: proves(tag) }
}

/** One of several lists. */
export function match(workshop: Workshop, place: Place): Made {
  const { id, outlook } = place
  const { dice, coverage, spoiler } = workshop
  const subject = subjectOf(workshop, outlook)
  if (subject === undefined) return tryCatch(workshop, place)
  const withDefault = dice.chance(35)
  const keys = withDefault ? subject.keys.slice(1) : subject.keys
  const listed = keys.map(
    (key) => [key, workshop.listOf({ ...place, outlook: knowing(outlook, subject.facts(key)) })] as const,
  )
  const cases: Record<string, Json> = Object.fromEntries(listed.map(([key, { steps }]) => [key, steps]))
  const left = knowing(outlook, subject.facts(subject.keys[0] ?? ''))
  const other = withDefault ? workshop.listOf({ ...place, outlook: left }) : undefined
  if (withDefault) coverage.note('match with default')
  const lists = [...listed.map(([, list]) => list), ...(other === undefined ? [] : [other])]
  const end = seeing(
    outlook,
    lists.flatMap((list) => readingsOfAll(list, workshop, 'another branch')),
  )
  const { shape, value } = declaredOutput(workshop, end)
  const face: Face = { id, output: { shape, isDeclared: false, isAlways: true } }
  const rest = { ...(other === undefined ? {} : { default: other.steps }), output: value }
  const wrong = mistakenCases(cases, withDefault, spoiler)
  // A case that is left out may hold what the output reads.
  if (wrong?.at === '/match')
    return { step: { id, match: subject.text, cases: wrong.cases, 'x-mistake': wrong.at }, face }
  const step = { id, match: subject.text, cases: wrong?.cases ?? cases, ...rest }
  return { step: wrong === undefined ? step : { ...step, 'x-mistake': wrong.at }, face }
}

function mistakenCases(
  cases: JsonObject,
  withDefault: boolean,
  spoiler: Workshop['spoiler'],
): { readonly cases: JsonObject; readonly at: string } | undefined {
  if (!withDefault && spoiler.here('a case left out')) {
    return { cases: Object.fromEntries(Object.entries(cases).slice(1)), at: '/match' }
  }
  return spoiler.here('a case that cannot be') ? { cases: { ...cases, neverQ: [] }, at: '/cases/neverQ' } : undefined
}

/** Steps whose failure is handled. */
export function tryCatch(workshop: Workshop, place: Place): Made {
  const { coverage, dice } = workshop
  coverage.note('try')
  const { id, outlook } = place
  const body = workshop.listOf(place)
  const unsure = seeing(outlook, readingsOfAll(body, workshop, 'the failure of its `try`'))
  const clauses = Array.from({ length: dice.below(3) }, (_, index) => {
    coverage.note('catch')
    const name = dice.chance(50) ? 'problem' : 'error'
    const seen = naming(unsure, [name], readingsOfError(name, false, index === 0 ? ['OOPS', 'TIMEOUT'] : undefined))
    const list = workshop.listOf({ ...place, outlook: seen })
    if (index === 0) coverage.note('catch with on')
    const clause: JsonObject = {
      ...(index === 0 ? { on: ['OOPS', 'TIMEOUT'] } : {}),
      ...(name === 'error' ? {} : { as: name }),
      do: list.steps,
    }
    return { list, clause }
  })
  const last = dice.chance(50) || clauses.length === 0 ? finallyOf(workshop, place, unsure) : undefined
  const end = clauses.length === 0 ? seeing(outlook, readingsOfAll(body, workshop)) : unsure
  const sees = seeing(
    end,
    clauses.flatMap(({ list }) => readingsOfAll(list, workshop, 'another branch')),
  )
  const { shape, value } = declaredOutput(workshop, sees)
  const step = {
    id,
    try: body.steps,
    ...(clauses.length === 0 ? {} : { catch: clauses.map(({ clause }) => clause) }),
    ...(last === undefined ? {} : { finally: last }),
    output: value,
  }
  return { step, face: { id, output: { shape, isDeclared: false, isAlways: true } } }
}

function finallyOf(workshop: Workshop, place: Place, outlook: Outlook): readonly Json[] {
  workshop.coverage.note('finally')
  const seen = naming(outlook, ['error'], readingsOfError('error', true))
  return workshop.listOf({ ...place, outlook: seen, mayReturn: false }).steps
}
