import type { z } from 'zod'
import type { Mistake } from '../diagnostic/mistake.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import { Definition } from '../document/workflow.ts'
import { isJsonObject, pointerPart, type Json } from '../json.ts'

/** All the ways in which a document is not a definition. */
export function shapeMistakes(document: Json): Mistake[] {
  if (!isJsonObject(document)) {
    return [
      { code: 'INVALID_VALUE', message: 'a workflow is a map with the keys "segno", "name" and "steps"', pointer: '' },
    ]
  }
  const { error } = Definition.safeParse(document, { jitless: true, reportInput: true })
  return (error?.issues ?? []).flatMap((issue) => mistakesOf(issue, document, []))
}

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

function mistakesOf(issue: Issue, document: Json, prefix: Path): Mistake[] {
  const path = [...prefix, ...issue.path]
  if (issue.code === 'invalid_union') {
    // An alternative that took the value as a whole and stumbled inside it is
    // the one that was meant.
    const meant = issue.errors.find((errors) => errors.length > 0 && errors.every((inner) => inner.path.length > 0))
    if (meant) return meant.flatMap((inner) => mistakesOf(inner, document, path))
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? issue.message
    return [{ code: 'INVALID_VALUE', message, pointer: pointerOf(path), at: 'key' }]
  }
  if (issue.code === 'custom' && issue.params) return [customMistake(issue, path)]
  return [
    isMissing(document, path)
      ? missing(path)
      : { code: 'INVALID_VALUE', message: issue.message, pointer: pointerOf(path) },
  ]
}

function customMistake({ params = {}, message }: z.core.$ZodIssueCustom, path: Path): Mistake {
  const key = String(params['key'] ?? '')
  const allowed = Array.isArray(params['allowed']) ? params['allowed'].map(String) : []
  const known = suggestion(key, allowed)
  switch (params['diagnostic']) {
    case 'UNKNOWN_KEY':
      return { code: 'UNKNOWN_KEY', message: `unknown key "${key}"`, ...known, pointer: pointerOf(path), at: 'key' }
    case 'NO_VERB':
      return key === ''
        ? { code: 'NO_VERB', message, hint: 'such as uses, set, do or forEach', pointer: pointerOf(path) }
        : { code: 'NO_VERB', message, ...known, pointer: pointerOf([...path, key]), at: 'key' }
    case 'TWO_VERBS':
      return { code: 'TWO_VERBS', message, pointer: pointerOf(path) }
    default:
      return { code: 'INVALID_VALUE', message, pointer: pointerOf(path) }
  }
}

function isMissing(document: Json, path: Path): boolean {
  let value: unknown = document
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return true
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return false
}

function missing(path: Path): Mistake {
  const key = String(path.at(-1))
  return {
    code: 'MISSING_KEY',
    message: `the key "${key}" is missing`,
    pointer: pointerOf(path.slice(0, -1)),
    at: 'key',
  }
}

function pointerOf(path: Path): string {
  return path.map((key) => pointerPart(String(key))).join('')
}
