import type { DiagnosticCode } from '../diagnostic/diagnostic.ts'
import { identifierPattern } from '../document/identifier.ts'
import { isJsonObject } from '../json.ts'
import type { Doubts } from './doubts.ts'
import { pointerOf, type Path, type ShapeFault } from './shape.ts'

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
  const target = around as MendableMap
  if (value === undefined) delete target[key]
  else target[key] = value
}

/** What goes as a whole when a part of it is wrong: a schema, labels, and a list that is none of steps or clauses. */
function wholeOf(path: Path): Path {
  const [top] = path
  if (top === 'input' || top === 'output') return path.slice(0, 2)
  const schema = path.findIndex((key, index) => key === 'schema' && schemaOwners.has(String(path[index - 1])))
  if (schema !== -1) return path.slice(0, schema + 1)
  if (path.at(-2) === 'labels' && path.at(-3) !== 'cases') return path.slice(0, -1)
  const isItem = typeof path.at(-1) === 'number' && !isStep(path) && path.at(-2) !== 'catch'
  return isItem ? wholeOf(path.slice(0, -1)) : path
}

const schemaOwners: ReadonlySet<string> = new Set(['output', 'waitFor'])

/** The kinds of mistakes that may be there only since what stands at a path was not read. */
function codesDoubtedAt(path: Path): readonly DiagnosticCode[] {
  const key = path.at(-1)
  const isInParallel = path.at(key === 'id' ? -3 : -2) === 'parallel'
  if (isStep(path)) return isInParallel ? ['OUTPUT_WITHOUT_VALUE', 'STEP_OUT_OF_SCOPE'] : ['OUTPUT_WITHOUT_VALUE']
  if (isStepList(path) || key === 'cases' || key === 'catch' || path.at(-2) === 'catch') {
    return ['OUTPUT_WITHOUT_VALUE', 'UNKNOWN_STEP', 'STEP_OUT_OF_SCOPE', 'JOIN_UNSATISFIABLE']
  }
  if (path.length === 1 && key === 'input') return ['UNKNOWN_INPUT']
  if (path.length === 1 && key === 'output') return ['RETURN_OUTPUTS']
  if (path.length === 1 && key === 'secrets') return ['UNKNOWN_SECRET']
  if (key === 'needs' || (key === 'id' && isInParallel)) return ['STEP_OUT_OF_SCOPE']
  if (key === 'output') return ['OUTPUT_NOT_DECLARED']
  return key === 'as' || key === 'forEach' || key === 'repeat' ? ['UNKNOWN_VARIABLE'] : []
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
  const [top] = path
  if (isStep(path)) return opaqueStep(mending, path, old)
  if (path.at(-2) === 'cases') return []
  if (path.at(-2) === 'catch') return { do: [] }
  if (isOutput(path)) return isMap(old) ? valueOf(old) : { value: null }
  if (path.length === 2 && top === 'input') return {}
  if (key === 'max' && path.at(-2) === 'retry') return 0
  if (key === 'output' && path.at(-2) === 'onExhausted') return null
  if (key === 'id') return idFor(mending, old)
  // One that is missing is needed; one that is wrong may be one too many.
  if (key === 'path' && old === undefined) return 'unknown'
  if (key === 'as' && old !== undefined) mending.doubts.addName(String(old))
  if (path.length === 1 && key === 'steps') return [opaqueStep(mending, [...path, 0], old)]
  return Object.hasOwn(standIns, key) ? structuredClone(standIns[key]) : undefined
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
  return { id: idFor(mending, id), exec: ['unknown'], output: { from: 'stdout' }, ...(isList && { needs }) }
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
  ...{ do: [], parallel: [], try: [], cases: {} },
  ...{ exec: ['unknown'], run: 'unknown', from: 'stdout', cwd: '.' },
  ...{ uses: 'unknown', set: {}, assert: true, sleep: '1s', match: true, return: {} },
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
