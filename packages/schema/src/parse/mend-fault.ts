import type { DiagnosticCode } from '../diagnostic/diagnostic.ts'
import { identifierPattern } from '../document/identifier.ts'
import { isJsonObject } from '../json.ts'
import type { Doubts } from './doubts.ts'
import { pointerOf, type Path, type ShapeFault } from './shape.ts'

/** What stands for a document that is not read here. */
export const standInPath = 'unknown.segno.yaml'

/** A JSON value that may be changed. */
export type Mendable = null | boolean | number | string | Mendable[] | MendableMap
type MendableMap = { [key: string]: Mendable }

/** A key that stands for another one. */
export interface Rename {
  readonly from: string
  readonly to: string
  /** What could not be looked at before. */
  readonly shows: string
}

/** A document while it is put right, and what that makes doubtful. */
export interface Mending {
  readonly root: Mendable
  readonly doubts: Doubts
  readonly renames: Rename[]
  /** How many steps were given an id. */
  unnamed: number
}

/** Puts one fault right: by the key that was meant, or else by what says nothing. */
export function mendFault(mending: Mending, { mistake, path }: ShapeFault): void {
  const around = at(mending.root, path.slice(0, -1))
  const key = path.at(-1)
  if (key === undefined || typeof around !== 'object' || around === null) return
  const { code, replacement } = mistake
  if (code === 'MISSING_KEY') return replace(mending, path, undefined)
  const isKey = code === 'UNKNOWN_KEY' || mistake.at === 'key'
  if (!isKey || Array.isArray(around)) return replace(mending, path, at(mending.root, path))
  if (replacement === undefined || Object.hasOwn(around, replacement)) return drop(mending, around, String(key))
  around[replacement] = around[String(key)] ?? null
  delete around[String(key)]
  const [from, to] = [pointerOf(path), pointerOf([...path.slice(0, -1), replacement])]
  mending.renames.push({ from, to, shows: code === 'NO_VERB' ? pointerOf(path.slice(0, -1)) : to })
}

function drop({ doubts }: Mending, around: MendableMap, key: string): void {
  if (identifierPattern.test(key)) doubts.addWords(key)
  else doubts.addName(key)
  doubts.addWords(around[key])
  delete around[key]
}

function replace(mending: Mending, path: Path, old: Mendable | undefined): void {
  const { root, doubts } = mending
  const whole = wholeOf(path)
  if (whole.length < path.length) return replace(mending, whole, at(root, whole))
  const around = at(root, path.slice(0, -1))
  if (typeof around !== 'object' || around === null) return
  const key = String(path.at(-1))
  const value = valueFor(mending, path, old)
  if (!isOutput(path) || !isMap(old)) doubts.addPlace(pointerOf(path))
  if (key !== 'id') doubts.addWords(old)
  doubts.addCodes(codesDoubtedAt(path))
  if (key === 'wait' || key === 'ask' || isForm(path)) {
    const id = at(root, [...path.slice(0, isForm(path) ? -2 : -1), 'id'])
    if (typeof id === 'string') doubts.addStep(id)
  }
  const target = around as MendableMap
  if (value === undefined) delete target[key]
  else target[key] = value
}

/** What goes as a whole when a part of it is wrong: a schema, labels, and a list that is none of steps or clauses. */
function wholeOf(path: Path): Path {
  const [top] = path
  if (top === 'input' || top === 'output') return path.slice(0, 2)
  const schema = path.findIndex((key, index) => key === 'schema' && ownsSchema(path.slice(0, index)))
  if (schema !== -1) return path.slice(0, schema + 1)
  const form = path.findIndex((key, index) => key === 'form' && path[index - 1] === 'ask')
  if (form !== -1) return path.slice(0, form + 2)
  if (path.at(-2) === 'labels' && path.at(-3) !== 'cases') return path.slice(0, -1)
  const isItem = typeof path.at(-1) === 'number' && !isStep(path) && path.at(-2) !== 'catch' && !isTransition(path)
  return isItem ? wholeOf(path.slice(0, -1)) : path
}

function ownsSchema(path: Path): boolean {
  return schemaOwners.has(String(path.at(-1))) || isTransition(path) || isNamed(path, 'artifacts')
}

const schemaOwners: ReadonlySet<string> = new Set(['output', 'waitFor'])

/** Whether a path leads to what has a name of the author's in a map of the workflow itself. */
function isNamed(path: Path, map: 'imports' | 'agents' | 'artifacts'): boolean {
  return path.length === 2 && path[0] === map
}

/** Whether a path leads to a transition, or to the list in its place. */
function isTransition(path: Path): boolean {
  if (typeof path.at(-1) === 'number') return path.at(-2) === 'next' || isTransition(path.slice(0, -1))
  return (path.at(-2) === 'on' || path.at(-2) === 'after') && path.at(-4) === 'states'
}

/** The kinds of mistakes that may be there only since what stands at a path was not read. */
function codesDoubtedAt(path: Path): readonly DiagnosticCode[] {
  return [...codesOfSteps(path), ...codesOfNames(path), ...(path.includes('states') ? codesOfMachines : [])]
}

const codesOfMachines = ['UNREACHABLE_STATE', 'UNREACHABLE_TRANSITION', 'DEAD_STATE'] as const

function codesOfSteps(path: Path): readonly DiagnosticCode[] {
  const key = path.at(-1)
  const isInParallel = path.at(key === 'id' ? -3 : -2) === 'parallel'
  if (isStep(path)) return isInParallel ? ['OUTPUT_WITHOUT_VALUE', 'STEP_OUT_OF_SCOPE'] : ['OUTPUT_WITHOUT_VALUE']
  if (key === 'states') return ['UNKNOWN_STATE', 'UNKNOWN_STEP', 'STEP_OUT_OF_SCOPE']
  const isState = path.at(-2) === 'states'
  if (isStepList(path) || isState || key === 'cases' || key === 'catch' || path.at(-2) === 'catch') {
    return ['OUTPUT_WITHOUT_VALUE', 'UNKNOWN_STEP', 'STEP_OUT_OF_SCOPE', 'JOIN_UNSATISFIABLE']
  }
  if (key === 'needs' || (key === 'id' && isInParallel)) return ['STEP_OUT_OF_SCOPE']
  if (key === 'output') return ['OUTPUT_NOT_DECLARED']
  return key === 'as' || key === 'forEach' || key === 'repeat' ? ['UNKNOWN_VARIABLE'] : []
}

function codesOfNames(path: Path): readonly DiagnosticCode[] {
  const key = path.at(-1)
  if (path[0] === 'input' && path.length === 2) return ['UNKNOWN_ARTIFACT']
  if (key === 'with' || (key === 'input' && path.length > 1)) return ['MISSING_INPUT']
  return path.length === 1 ? (codesOfMaps.get(key) ?? []) : []
}

const codesOfMaps: ReadonlyMap<PropertyKey | undefined, readonly DiagnosticCode[]> = new Map([
  ['input', ['UNKNOWN_INPUT', 'UNKNOWN_ARTIFACT']],
  ['output', ['RETURN_OUTPUTS']],
  ['secrets', ['UNKNOWN_SECRET']],
  ['imports', ['UNKNOWN_IMPORT']],
  ['agents', ['UNKNOWN_AGENT']],
  ['artifacts', ['UNKNOWN_ARTIFACT']],
])

function isForm(path: Path): boolean {
  return path.at(-1) === 'form' && path.at(-2) === 'ask'
}

function isStep(path: Path): boolean {
  return typeof path.at(-1) === 'number' && isStepList(path.slice(0, -1))
}

function isStepList(path: Path): boolean {
  const key = String(path.at(-1))
  return stepLists.has(key) || path.at(-2) === 'cases' || (path.length === 1 && key === 'steps')
}

const stepLists: ReadonlySet<string> = new Set(['do', 'else', 'default', 'parallel', 'try', 'finally'])

/** A value of the right shape that leads to no mistake by itself; `undefined` where none is needed. */
function valueFor(mending: Mending, path: Path, old: Mendable | undefined): Mendable | undefined {
  const key = String(path.at(-1))
  if (isStep(path)) return opaqueStep(mending, path, old)
  if (isOutput(path)) return isMap(old) ? valueOf(old) : { value: null }
  const named = namedStandIn(path)
  if (named !== undefined) return named
  if (isTransition(path)) return typeof path.at(-1) === 'number' ? opaqueTransition(mending, path) : undefined
  if (key === 'max' && path.at(-2) === 'retry') return 0
  if (key === 'output' && path.at(-2) === 'onExhausted') return null
  if (key === 'id') return path.at(-2) === 'undo' ? undefined : idFor(mending, old)
  // One that is missing is needed; one that is wrong may be one too many.
  if (key === 'path' && (old === undefined || path[0] === 'artifacts')) return 'unknown'
  if (key === 'as' && old !== undefined) mending.doubts.addName(String(old))
  if (path.length === 1 && key === 'steps') return [opaqueStep(mending, [...path, 0], old)]
  return Object.hasOwn(standIns, key) ? structuredClone(standIns[key]) : undefined
}

/** What stands for something that has a name of the author's. */
function namedStandIn(path: Path): Mendable | undefined {
  if (isNamed(path, 'imports')) return standInPath
  if (isNamed(path, 'agents')) return { provider: 'unknown' }
  if (isNamed(path, 'artifacts')) return { path: 'unknown' }
  if (path.at(-2) === 'cases') return []
  if (path.at(-2) === 'catch') return { do: [] }
  if (path.at(-2) === 'states' || isForm(path.slice(0, -1)) || (path.length === 2 && path[0] === 'input')) return {}
  return undefined
}

function isOutput(path: Path): boolean {
  return path.length === 2 && path[0] === 'output'
}

function valueOf({ value }: MendableMap): MendableMap {
  return value === undefined ? {} : { value }
}

// What cannot be understood keeps its name and its place in the order, so that
// others may read it: of a process, every field can be read.
function opaqueStep(mending: Mending, path: Path, old: Mendable | undefined): MendableMap {
  mending.doubts.addPlace(pointerOf([...path, 'exec']))
  const { id, needs } = isMap(old) ? old : {}
  const isList = Array.isArray(needs) && needs.every((need) => typeof need === 'string')
  const name = idFor(mending, id)
  mending.doubts.addStep(name)
  return { id: name, exec: ['unknown'], output: { from: 'stdout' }, ...(isList && { needs }) }
}

function opaqueTransition({ doubts }: Mending, path: Path): MendableMap {
  doubts.addPlace(pointerOf([...path, 'to']))
  return { to: 'unknown' }
}

function idFor(mending: Mending, id: Mendable | undefined): string {
  if (typeof id === 'string' && identifierPattern.test(id)) return id
  if (typeof id === 'string' || typeof id === 'number') {
    mending.doubts.addName(`steps.${id}`)
    mending.doubts.addWords(String(id))
  } else mending.doubts.addCodes(['UNKNOWN_STEP'])
  mending.unnamed++
  return `unnamed_${mending.unnamed}`
}

const standIns: Readonly<Record<string, Mendable>> = {
  ...{ segno: 1, name: 'unnamed', schema: true },
  ...{ do: [], parallel: [], try: [], cases: {}, states: { unknown: {} }, initial: 'unknown', to: 'unknown' },
  ...{ exec: ['unknown'], run: 'unknown', from: 'stdout', cwd: '.' },
  ...{ uses: 'unknown', set: {}, assert: true, sleep: '1s', match: true, return: {} },
  ...{ http: { url: 'https://unknown' }, url: 'https://unknown', call: 'unknown', start: 'unknown' },
  ...{ agent: 'unknown', prompt: 'unknown', file: 'unknown', text: 'unknown', resume: 'null', provider: 'unknown' },
  ...{ ask: { title: 'unknown', choices: ['a', 'b'] }, title: 'unknown', choices: ['a', 'b'] },
  ...{ watch: { glob: 'unknown' }, glob: 'unknown', emit: { signal: 'unknown' }, sleepUntil: '2000-01-01T00:00:00Z' },
  ...{ cron: '0 0 * * *', limit: 1, per: '1s', redo: { max: 1 } },
  ...{ waitFor: { signal: 'unknown' }, forEach: { in: [] }, repeat: { max: 1, until: true, initial: null } },
  ...{ fail: { code: 'UNKNOWN', message: '' }, signal: 'unknown', code: 'UNKNOWN', message: '', in: [] },
  // Without one, another check would miss it.
  ...{ if: true, until: true, while: true, timeout: '1s', retry: { max: 0 }, max: 1, atLeast: 1 },
}

function at(root: Mendable, path: Path): Mendable | undefined {
  let value: Mendable | undefined = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as MendableMap)[String(key)]
  }
  return value
}

function isMap(value: Mendable | undefined): value is MendableMap {
  return isJsonObject(value)
}
