import type * as z from 'zod/mini'
import { foreignKey, foreignVerb } from '../diagnostic/foreign-keys.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import { Definition } from '../document/workflow.ts'
import { isJsonObject, pointerPart, type Json } from '../json.ts'
import { argumentsHint } from './arguments-hint.ts'

/** Where in a document something is. */
export type Path = readonly PropertyKey[]

/** A mistake, and the path of what is wrong: of a missing key too. */
export interface ShapeFault {
  readonly mistake: Mistake
  readonly path: Path
}

/** All the ways in which a document is not a definition. */
export function shapeFaults(document: Json): ShapeFault[] {
  if (!isJsonObject(document)) {
    const message = 'a workflow is a map with the keys "segno", "name" and "steps"'
    return [faultAt([], { code: 'INVALID_VALUE', message })]
  }
  const { error } = Definition.safeParse(document, { jitless: true, reportInput: true })
  return withoutMisspelt((error?.issues ?? []).flatMap((issue) => faultsOf(issue, document, [])))
}

// A key that is misspelt is not missing too.
function withoutMisspelt(faults: readonly ShapeFault[]): ShapeFault[] {
  const meant = new Set(
    faults.flatMap(({ mistake: { code, replacement }, path }) =>
      code === 'UNKNOWN_KEY' && replacement !== undefined ? [pointerOf([...path.slice(0, -1), replacement])] : [],
    ),
  )
  return faults.filter(({ mistake, path }) => mistake.code !== 'MISSING_KEY' || !meant.has(pointerOf(path)))
}

type Issue = z.core.$ZodIssue

function faultsOf(issue: Issue, document: Json, prefix: Path): ShapeFault[] {
  const path = [...prefix, ...issue.path]
  if (issue.code === 'invalid_union') {
    // An alternative that took the value as a whole and stumbled inside it is
    // the one that was meant.
    const meant = issue.errors.find((errors) => errors.length > 0 && errors.every((inner) => inner.path.length > 0))
    if (meant) return meant.flatMap((inner) => faultsOf(inner, document, path))
  }
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? issue.message
    return [faultAt(path, { code: 'INVALID_VALUE', message, at: 'key' })]
  }
  if (issue.code === 'custom' && issue.params) return [customFault(issue, path, document)]
  if (isMissing(document, path)) return [{ mistake: missing(path), path }]
  return [faultAt(path, { code: 'INVALID_VALUE', message: issue.message, ...helpWith(path, issue) })]
}

function helpWith(path: Path, { input, message }: Issue): Pick<Mistake, 'hint' | 'fixes'> {
  const pointer = pointerOf(path)
  if (path.at(-1) === 'exec' && typeof path.at(-2) === 'number') return argumentsHint(input, pointer)
  // The messages of the language begin with what is expected.
  if (message.startsWith('expected text') && (typeof input === 'number' || typeof input === 'boolean')) {
    return { hint: 'quote it', fixes: [{ title: 'quote it', edits: [{ op: 'quote', pointer }] }] }
  }
  const value = unquoted(input, message)
  if (value === undefined) return {}
  return {
    hint: 'write it without quotes',
    fixes: [{ title: 'remove the quotes', edits: [{ op: 'replace', pointer, value }] }],
  }
}

/** The number or boolean that was written as text where one is expected. */
function unquoted(input: unknown, message: string): number | boolean | undefined {
  if (typeof input !== 'string') return undefined
  if (/^expected a (?:whole )?number/.test(message) && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(input)) return Number(input)
  return message.startsWith('expected true or false') && /^(?:true|false)$/.test(input) ? input === 'true' : undefined
}

function customFault({ params = {}, message }: z.core.$ZodIssueCustom, path: Path, document: Json): ShapeFault {
  const key = String(params['key'] ?? '')
  const allowed = Array.isArray(params['allowed']) ? params['allowed'].map(String) : []
  switch (params['diagnostic']) {
    case 'UNKNOWN_KEY': {
      const around = valueAt(document, path.slice(0, -1))
      const found = { key, value: valueAt(document, path), around: isJsonObject(around) ? around : {}, allowed }
      const known = foreignKey(found) ?? suggestion(key, allowed)
      return faultAt(path, { code: 'UNKNOWN_KEY', message: `unknown key "${key}"`, ...known, at: 'key' })
    }
    case 'NO_VERB': {
      if (key === '') return faultAt(path, { code: 'NO_VERB', message, hint: 'such as uses, exec, set or do' })
      const known = foreignVerb(key, valueAt(document, [...path, key])) ?? suggestion(key, allowed)
      return faultAt([...path, key], { code: 'NO_VERB', message, ...known, at: 'key' })
    }
    case 'TWO_VERBS':
      return faultAt(path, { code: 'TWO_VERBS', message })
    default:
      return faultAt(path, { code: 'INVALID_VALUE', message })
  }
}

function faultAt(path: Path, mistake: Omit<Mistake, 'pointer'>): ShapeFault {
  return { mistake: { ...mistake, pointer: pointerOf(path) }, path }
}

function isMissing(document: Json, path: Path): boolean {
  return valueAt(document, path) === undefined
}

function valueAt(document: Json, path: Path): Json | undefined {
  let value: unknown = document
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key]
  }
  return value as Json | undefined
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

/** The JSON Pointer of a path. */
export function pointerOf(path: Path): string {
  return path.map((key) => pointerPart(String(key))).join('')
}
