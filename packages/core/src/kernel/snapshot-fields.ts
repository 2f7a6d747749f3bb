import { isJsonObject } from '@segno/schema/plan'
import type { Because, EffectClass, Failure, HandlerPin, Json, JsonObject } from '@segno/schema/plan'
import { Held } from './kept.ts'
import type { Kept } from './kept.ts'
import { runMachine, stepMachine } from './life-cycle.ts'
import type { StepStatus } from './life-cycle.ts'
import { corrupt } from './state.ts'
import type { BlockState, Ending, Frame, RunState, StepState } from './state.ts'

/** How a snapshot writes one field, and reads it again. */
interface Field<T> {
  write(value: T): Json
  read(json: Json): T
}

type Known<T> = Exclude<T[keyof T & string], undefined>

/** The fields of a part of the state that a snapshot keeps; the others follow from these. */
export type Fields<T> = { readonly [K in keyof T]?: Field<Exclude<T[K], undefined>> }

/** Writes the fields that differ from those of a `plain` one of its kind. */
export function writeFields<T extends object>(fields: Fields<T>, value: T, plain: T): JsonObject {
  const record: Record<string, Json> = {}
  for (const name of namesOf(fields)) {
    const field = fields[name]
    if (field === undefined || value[name] === undefined || Object.is(value[name], plain[name])) continue
    const json = field.write(value[name] as Known<T>)
    if (!isUsual(json, plain[name] === undefined ? undefined : field.write(plain[name] as Known<T>)))
      record[name] = json
  }
  return record
}

function isUsual(json: Json, usual: Json | undefined): boolean {
  return typeof json === 'object' && usual !== undefined && JSON.stringify(json) === JSON.stringify(usual)
}

/** Sets the fields that a record has. */
export function readFields<T extends object>(fields: Fields<T>, record: JsonObject, target: T): void {
  for (const name of namesOf(fields)) {
    const json = record[name]
    const value = json === undefined ? undefined : fields[name]?.read(json)
    if (value !== undefined) target[name] = value
  }
}

function namesOf<T extends object>(fields: Fields<T>): (keyof T & string)[] {
  return Object.keys(fields) as (keyof T & string)[]
}

/** An error for what `snapshot` does not write. */
export function misshapen(json: Json | undefined): Error {
  return corrupt(`a snapshot does not hold ${JSON.stringify(json)?.slice(0, 60)} there`)
}

/** The value as an object. */
export function recordOf(json: Json | undefined): JsonObject {
  if (!isJsonObject(json)) throw misshapen(json)
  return json
}

/** The value as a list; none is an empty one. */
export function listOf(json: Json | undefined): readonly Json[] {
  if (json === undefined) return []
  if (!Array.isArray(json)) throw misshapen(json)
  return json as readonly Json[]
}

function plainField<T extends Json>(fits: (json: Json) => boolean): Field<T> {
  return {
    write: (value) => value,
    read(json) {
      if (!fits(json)) throw misshapen(json)
      return json as T
    },
  }
}

const number = plainField<number>((json) => typeof json === 'number')
const flag = plainField<boolean>((json) => typeof json === 'boolean')
const text = plainField<string>((json) => typeof json === 'string')
const failure = plainField<Failure & JsonObject>(
  (json) => isJsonObject(json) && typeof json['code'] === 'string' && typeof json['message'] === 'string',
) as Field<Failure>
const because = plainField<Because & JsonObject>(
  (json) => isJsonObject(json) && typeof json['code'] === 'string',
) as Field<Because>

function oneOf<T extends string>(names: readonly T[]): Field<T> {
  return plainField<T>((json) => names.some((name) => name === json))
}

function listField<T>(field: Field<T>): Field<T[]> {
  return { write: (list) => Array.from(list, field.write), read: (json) => listOf(json).map(field.read) }
}

// Copied both ways: a state goes on counting in its lists, and a snapshot stays what it was.
const numbers = listField(number)

/** A value is told from a reference to a blob by the name that it stands under. */
export const kept: Field<Kept> = {
  write: (value) => (value instanceof Held ? { blob: { ...value.ref } } : { json: value }),
  read(json) {
    const { json: inline, blob } = recordOf(json)
    if (inline !== undefined) return inline
    const { sha256, size } = recordOf(blob)
    return new Held({ sha256: text.read(sha256 ?? null), size: number.read(size ?? null) })
  },
}

const maybeKept: Field<Kept | undefined> = {
  write: (value) => (value === undefined ? null : kept.write(value)),
  read: (json) => (json === null ? undefined : kept.read(json)),
}

const ending: Field<Ending> = {
  write: (value) => value as unknown as Json,
  read(json) {
    const record = recordOf(json)
    switch (record['kind']) {
      case 'completed':
      case 'returned':
        return { kind: record['kind'] }
      case 'failed':
        return { kind: 'failed', failure: failure.read(record['failure'] ?? null) }
      case 'cancelled':
        return { kind: 'cancelled', because: because.read(record['because'] ?? null) }
      default:
        throw misshapen(json)
    }
  },
}

export const runFields: Fields<RunState> = {
  runId: text,
  incarnation: text,
  planHash: text,
  workflow: text,
  createdAt: number,
  labels: plainField<Record<string, string>>(isJsonObject),
  handlers: plainField<Record<string, HandlerPin & JsonObject>>(isJsonObject),
  input: kept,
  reuse: kept,
  seq: number,
  status: oneOf(Object.keys(runMachine.states) as RunState['status'][]),
  paused: flag,
  blocked: because,
  stepsStarted: number,
  stepsMax: number,
  deadline: number,
  pickups: number,
  cancelBecause: because,
  forced: flag,
  returned: kept,
  output: kept,
  failure,
  holdsBlobs: flag,
}

export const stepFields: Fields<StepState> = {
  status: oneOf(Object.keys(stepMachine.states) as StepStatus[]),
  visit: number,
  attempt: number,
  failures: number,
  startedAt: number,
  endedAt: number,
  token: number,
  effect: oneOf<EffectClass>(['pure', 'idempotent', 'once']),
  input: kept,
  output: kept,
  failure,
  exitCode: number,
  deadline: number,
  due: number,
  stopping: ending,
  signal: text,
}

export const blockFields: Fields<BlockState> = {
  phase: oneOf(['body', 'catch', 'finally']),
  result: ending,
  ending,
  concurrency: number,
  items: kept,
  results: listField(maybeKept),
  next: number,
  ended: number,
  max: number,
  previous: kept,
  done: flag,
  rested: flag,
  failures: listField(failure),
}

export const frameFields: Fields<Frame> = {
  cursor: number,
  ending,
  ready: numbers,
  unmet: numbers,
  dead: { write: (dead) => [...dead], read: (json) => new Set(numbers.read(json)) },
  ended: number,
  succeeded: number,
  error: failure,
  closed: flag,
}
