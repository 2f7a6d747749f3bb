import type { Json, JsonObject } from '@segno/schema/plan'
import type { Dice } from './dice.ts'

type Path = readonly (string | number)[]

/** The definition with something changed in it, sense or nonsense: what the checker says of it is another matter. */
export function wild(definition: JsonObject, dice: Dice): JsonObject {
  let changed = definition
  for (let count = 1 + dice.below(3); count > 0; count--) changed = changedOnce(changed, dice)
  return changed
}

function changedOnce(definition: JsonObject, dice: Dice): JsonObject {
  const places = [...placesIn(definition)]
  for (let tries = 0; tries < 20; tries++) {
    const { path, value } = dice.pick(places)
    const changed = isMap(value)
      ? changedMap(value, dice)
      : typeof value === 'string'
        ? changedText(value, places, dice)
        : Array.isArray(value)
          ? changedList(value as readonly Json[], dice)
          : undefined
    if (changed !== undefined) return put(definition, path, changed) as JsonObject
  }
  return definition
}

interface Place {
  readonly path: Path
  readonly value: Json
}

function* placesIn(value: Json, path: Path = []): Generator<Place> {
  yield { path, value }
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value))
    yield* placesIn(inner as Json, [...path, Array.isArray(value) ? Number(key) : key])
}

function put(value: Json, [key, ...rest]: Path, changed: Json): Json {
  if (key === undefined) return changed
  if (Array.isArray(value))
    return (value as readonly Json[]).with(
      Number(key),
      put((value as readonly Json[])[Number(key)] ?? null, rest, changed),
    )
  const map = value as JsonObject
  return { ...map, [key]: put(map[key] ?? null, rest, changed) }
}

const optionalKeys = [
  ...[
    'if',
    'onFailure',
    'retry',
    'timeout',
    'output',
    'else',
    'default',
    'finally',
    'catch',
    'needs',
    'join',
    'failFast',
  ],
  ...['onExhausted', 'schema', 'required', 'additionalProperties', 'optional', 'undo', 'collect', 'initial', 'message'],
] as const

// A key goes, or one of those that change how a step ends comes, or a schema takes more.
function changedMap(value: JsonObject, dice: Dice): JsonObject | undefined {
  const present = optionalKeys.filter((key) => key in value)
  if (present.length > 0 && dice.chance(60)) {
    const { [dice.pick(present)]: left, ...rest } = value
    return left === undefined ? undefined : rest
  }
  if (typeof value['type'] === 'string')
    return { ...value, type: dice.pick([[value['type'], 'null'], 'string', 'number', 'object']) }
  if (isMap(value['cases'])) {
    const [first, ...others] = Object.entries(value['cases'])
    return first === undefined ? undefined : { ...value, cases: Object.fromEntries(others) }
  }
  if ('parallel' in value) return { ...value, join: dice.pick<Json>(['any', { atLeast: 1 }]) }
  if (isMap(value['repeat'])) return { ...value, repeat: swapped(value['repeat']) }
  if (isMap(value['forEach'])) return { ...value, forEach: { ...value['forEach'], collect: dice.chance(50) } }
  if (typeof value['id'] !== 'string' || 'set' in value || 'return' in value || 'fail' in value || 'assert' in value)
    return undefined
  return { ...value, onFailure: 'continue' }
}

function swapped(repeat: JsonObject): JsonObject {
  const { until, while: condition, ...rest } = repeat
  return until === undefined ? { ...rest, until: condition ?? true } : { ...rest, while: until }
}

// A guard goes, or a condition says something else, or another expression stands there.
function changedText(value: string, places: readonly Place[], dice: Dice): string | undefined {
  const isExpression = value.startsWith('${{') && value.endsWith('}}')
  switch (dice.below(5)) {
    case 0: {
      const others = places.filter((place) => typeof place.value === 'string' && place.value.startsWith('${{'))
      return isExpression && others.length > 0 ? (dice.pick(others).value as string) : undefined
    }
    case 1:
      return replacedOne(value, dice, / && /g, ' || ')
    case 2:
      return replacedOne(value, dice, / == /g, ' != ')
    case 3:
      return replacedOne(value, dice, /has\([^()]*\)/g, dice.pick(['true', 'has(input.hint)', 'has(input.more)']))
    default:
      return withoutChoice(value, dice)
  }
}

function replacedOne(text: string, dice: Dice, pattern: RegExp, by: string): string | undefined {
  const found = [...text.matchAll(pattern)]
  if (found.length === 0) return undefined
  const { index, 0: old } = dice.pick(found)
  return text.slice(0, index) + by + text.slice(index + old.length)
}

// `(a ? b : c)` becomes `b` or `c`, or its sides change places.
function withoutChoice(text: string, dice: Dice): string | undefined {
  const found = [...text.matchAll(/\(([^()?]*(?:\([^()]*\)[^()?]*)*) \? ([^()?:]*) : ([^()?:]*)\)/g)]
  if (found.length === 0) return undefined
  const { index, 0: all, 1: condition = '', 2: yes = '', 3: no = '' } = dice.pick(found)
  const by = dice.pick([yes, no, `(${condition} ? ${no} : ${yes})`, `(!(${condition}) ? ${no} : ${yes})`])
  return text.slice(0, index) + by + text.slice(index + all.length)
}

// An item goes, or changes places with the next.
function changedList(value: readonly Json[], dice: Dice): readonly Json[] | undefined {
  if (value.length < 2) return undefined
  const index = dice.below(value.length - 1)
  if (dice.chance(50)) return value.toSpliced(index, 1)
  const [one, other] = value.slice(index, index + 2)
  return one === undefined || other === undefined ? undefined : value.toSpliced(index, 2, other, one)
}

function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
