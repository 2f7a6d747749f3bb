import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isJsonObject, resolveInputs, type Definition, type InputProblem, type InputProperty } from '@segno/schema'
import type { Json, JsonObject } from '@segno/schema'
import { CommandError, type Complaint } from './command-error.ts'

/** The inputs of a run as the command line gives them. */
export interface GivenInputs {
  /** `key=value`, `key:=json`, `key@file`. */
  readonly pairs: readonly string[]
  /** A JSON file with all of them, or `-` for standard input; single ones win over it. */
  readonly file?: string | undefined
  readonly cwd: string
  /** The option that the pairs stand behind, as messages name it; `-i` unless given. */
  readonly flag?: '-i' | '--form'
}

/** The inputs of a run, typed as the workflow declares them. All mistakes end the command together. */
export function readInputs(definition: Definition, given: GivenInputs): JsonObject {
  const declared = definition.input ?? {}
  const { flag = '-i', cwd } = given
  const complaints: Complaint[] = []
  const values: Record<string, Json> = given.file === undefined ? {} : inputFile(given.file, given.cwd)
  const named = new Set<string>()
  for (const pair of given.pairs) {
    const read = readPair(pair, declared, { cwd, flag })
    if ('complaint' in read) complaints.push(read.complaint)
    else if (named.has(read.name)) complaints.push(repeated(read.name, flag))
    else values[read.name] = read.value
    if (read.name !== undefined) named.add(read.name)
  }
  const resolved = resolveInputs(definition, values)
  const problems = 'problems' in resolved ? resolved.problems : []
  // What could not be read is no second time missing.
  const told = problems.filter(({ kind, name }) => kind !== 'missing' || !named.has(name))
  complaints.push(...inputComplaints(definition, told, flag))
  if (complaints.length > 0) throw new CommandError(complaints)
  return 'values' in resolved ? resolved.values : {}
}

/** What the user has to put right about inputs that the workflow does not take. */
export function inputComplaints(
  { input = {} }: Definition,
  problems: readonly InputProblem[],
  flag: Flag = '-i',
): Complaint[] {
  return problems.map((problem) => complaintOf(problem, input, flag))
}

type Flag = NonNullable<GivenInputs['flag']>

/** Where files are, and how messages name the option. */
interface PairOptions {
  readonly cwd: string
  readonly flag: Flag
}

type Read =
  | { readonly name: string; readonly value: Json }
  | { readonly name?: string | undefined; readonly complaint: Complaint }

const pairPattern = /^([A-Za-z][A-Za-z0-9_]*)(:=|=|@)(.*)$/s

function readPair(pair: string, declared: Readonly<Record<string, InputProperty>>, { cwd, flag }: PairOptions): Read {
  const [, name, sign, text] = pairPattern.exec(pair) ?? []
  if (name === undefined || text === undefined) {
    const message = `${flag} ${pair}: expected key=value, key:=json or key@file`
    return { complaint: { code: 'INPUT_SYNTAX', message, hint: `for example: ${flag} name=Ada` } }
  }
  const types = typesOf(Object.hasOwn(declared, name) ? declared[name] : undefined)
  const option = `${flag} ${name}`
  if (sign === ':=') return parsed(name, text, { option: `${option}:=`, expected: 'JSON', flag })
  if (sign === '=') return typed(name, text, { types, flag })
  try {
    const content = readFileSync(resolve(cwd, text), 'utf8')
    return takesText(types)
      ? { name, value: content }
      : parsed(name, content, { option: `${option}@${text}`, expected: 'JSON in the file', flag })
  } catch (error) {
    const message = `${option}@${text}: ${reasonText(error)}`
    return { name, complaint: { code: 'FILE_UNREADABLE', message, hint: 'the path is relative to the working folder' } }
  }
}

function typesOf(property: InputProperty | undefined): readonly string[] {
  const type = property?.['type']
  if (typeof type === 'string') return [type]
  return Array.isArray(type) ? type.filter((name) => typeof name === 'string') : []
}

function takesText(types: readonly string[]): boolean {
  return types.length === 0 || types.includes('string') || types.includes('path')
}

const numberPattern = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

/** Text where text is taken; anything else is what its JSON says. */
function typed(
  name: string,
  text: string,
  { types, flag }: { readonly types: readonly string[]; readonly flag: Flag },
): Read {
  if (takesText(types)) return { name, value: text }
  const complaint = (expected: string): Read => ({
    name,
    complaint: { code: 'INPUT_INVALID', message: `${flag} ${name}=${shortened(text)}: expected ${expected}` },
  })
  if (types.every((type) => type === 'integer' || type === 'number')) {
    if (numberPattern.test(text)) return { name, value: Number(text) }
    return complaint(types.includes('number') ? 'a number' : 'an integer')
  }
  if (types.every((type) => type === 'boolean')) {
    return text === 'true' || text === 'false' ? { name, value: text === 'true' } : complaint('true or false')
  }
  const expected = types.includes('array') ? 'a list as JSON, such as ["a", "b"]' : `JSON for ${types.join(' or ')}`
  return parsed(name, text, { option: `${flag} ${name}=`, expected, flag })
}

function parsed(
  name: string,
  text: string,
  { option, expected, flag }: { readonly option: string; readonly expected: string; readonly flag: Flag },
): Read {
  try {
    return { name, value: JSON.parse(text) as Json }
  } catch (error) {
    const message = `${option}: expected ${expected}, got ${JSON.stringify(shortened(text))} (${reasonText(error)})`
    const hint = `quote it for the shell, or read it from a file: ${flag} ${name}@file.json`
    return { name, complaint: { code: 'INPUT_INVALID', message, hint } }
  }
}

function inputFile(file: string, cwd: string): Record<string, Json> {
  const flag = `--input-file ${file}`
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : resolve(cwd, file), 'utf8')
  } catch (cause) {
    const hint = 'the path is relative to the working folder; - reads standard input'
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const code = missing ? 'FILE_NOT_FOUND' : 'FILE_UNREADABLE'
    throw new CommandError({ code, message: `${flag}: ${reasonText(cause)}`, hint }, { cause })
  }
  let value: unknown
  let reason = 'it is not an object'
  try {
    value = JSON.parse(text)
  } catch (error) {
    reason = reasonText(error)
  }
  if (isJsonObject(value)) return { ...(value as Record<string, Json>) }
  const hint = 'for example: {"name": "Ada"}'
  throw new CommandError({ code: 'INPUT_FILE_INVALID', message: `${flag}: expected a JSON object: ${reason}`, hint })
}

const complaintCodes = {
  missing: 'INPUT_MISSING',
  unknown: 'INPUT_UNKNOWN',
  misfit: 'INPUT_INVALID',
} as const satisfies Record<InputProblem['kind'], string>

function complaintOf(problem: InputProblem, declared: Readonly<Record<string, InputProperty>>, flag: Flag): Complaint {
  const { kind, name } = problem
  const words = (text: string): string => (flag === '-i' ? text : inFields(text))
  const message = words(problem.message)
  const hint = problem.hint && words(problem.hint)
  const code = complaintCodes[kind]
  const property = declared[name]
  if (kind === 'misfit' && typesOf(property).includes('path')) return { code, message, hint: pathHint }
  if (kind !== 'missing') return { code, message, hint }
  const description = typeof property?.['description'] === 'string' ? `  (${property['description']})` : ''
  return { code, message, hint: `add: ${flag} ${name}=<${typesOf(property).join('|') || 'value'}>${description}` }
}

const pathHint = 'paths are relative to the working folder; --cwd names another one'

// What a run has as an input is a field of a form.
function inFields(text: string): string {
  return text.replace(/\binput(s?)\b/g, 'field$1')
}

function repeated(name: string, flag: Flag): Complaint {
  return { code: 'INPUT_REPEATED', message: `${flag} ${name} is given twice`, hint: 'give it once' }
}

const shownMax = 60

function shortened(text: string): string {
  return text.length > shownMax ? `${text.slice(0, shownMax)}…` : text
}

function reasonText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
