import type { Json, JsonObject } from '@segno/schema/plan'

type Path = readonly (string | number)[]

/**
 * A smaller definition of which the same holds: steps, keys and items are left
 * out, and texts shortened, as long as it does. It is asked so many times at most.
 */
export function reduced(definition: JsonObject, holds: (smaller: JsonObject) => boolean, times = 1500): JsonObject {
  let best = definition
  let left = times
  for (let before = ''; before !== JSON.stringify(best);) {
    before = JSON.stringify(best)
    for (const path of pathsIn(best)) {
      for (const value of smallerThan(valueAt(best, path))) {
        if (left-- <= 0) return best
        const smaller = put(best, path, value)
        if (!isMap(smaller) || JSON.stringify(smaller).length >= JSON.stringify(best).length || !holds(smaller))
          continue
        best = smaller
        break
      }
    }
  }
  return best
}

// From the outside in, so that what is large goes first.
function pathsIn(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const entries = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value)
  return [path, ...entries.flatMap(([key, inner]) => pathsIn(inner as Json, [...path, key]))]
}

function valueAt(value: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? (inner as JsonObject)[String(key)] : undefined),
    value,
  )
}

function put(value: Json, [key, ...rest]: Path, smaller: Json | undefined): Json | undefined {
  if (key === undefined) return smaller
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    const item = put(items[Number(key)] ?? null, rest, smaller)
    if (rest.length > 0) return items.with(Number(key), item ?? null)
    if (item === undefined) return items.toSpliced(Number(key), 1)
    return isMap(item) && Array.isArray(item['x-instead'])
      ? items.toSpliced(Number(key), 1, ...(item['x-instead'] as readonly Json[]))
      : items.with(Number(key), item)
  }
  if (!isMap(value)) return value
  const inner = put(value[key] ?? null, rest, smaller)
  if (inner !== undefined) return { ...value, [key]: inner }
  const { [key]: left, ...others } = value
  return left === undefined ? value : others
}

// Nothing; what is inside of a block; a text with less in it.
function* smallerThan(value: Json | undefined): Generator<Json | undefined> {
  if (value === undefined) return
  yield undefined
  if (typeof value === 'string') yield* shorterThan(value)
  if (!isMap(value)) return
  for (const key of ['do', 'else', 'try', 'parallel', 'default', 'finally']) {
    if (Array.isArray(value[key])) yield { 'x-instead': value[key] as Json }
  }
}

// Brackets with something simple in their place, and one side of a choice.
function* shorterThan(text: string): Generator<string> {
  for (const [index, letter] of Array.from(text).entries()) {
    const end = letter === '(' ? closing(text, index) : undefined
    if (end === undefined) continue
    const [before, after, inside] = [text.slice(0, index), text.slice(end + 1), text.slice(index + 1, end)]
    for (const simple of ['1', '"a"', 'true']) yield before + simple + after
    for (const part of inside.split(/ \? | : | && | \|\| /)) yield before + part + after
  }
}

function closing(text: string, from: number): number | undefined {
  let depth = 0
  for (let index = from; index < text.length; index++) {
    if (text[index] === '(') depth++
    if (text[index] === ')' && --depth === 0) return index
  }
  return undefined
}

function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
