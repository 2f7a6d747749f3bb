import { isJsonObject } from '@segno/schema/plan'
import type { Because, EffectClass, Failure, HandlerPin, Json, JsonObject } from '@segno/schema/plan'
import { FewMap } from './few-map.ts'
import { Held } from './kept.ts'
import type { Kept } from './kept.ts'
import { runMachine, stepMachine } from './life-cycle.ts'
import type { StepStatus } from './life-cycle.ts'
import { corrupt } from './state.ts'
import type { Plan } from './plan.ts'
import type {
  Again,
  BlockState,
  Ending,
  Frame,
  Reply,
  RunState,
  SettledAs,
  StepState,
  Taken,
  Verdict,
} from './state.ts'
import type { UndoRecord } from './undo.ts'

/** How a snapshot writes one field, and reads it again. */
interface Field<T> {
  write(value: T): Json
  /** Throws where the snapshot has nothing there, or what `write` never gives. */
  read(json: Json | undefined): T
}

type Known<T> = Exclude<T[keyof T & string], undefined>

/** The fields of a part of the state that a snapshot keeps, by name; the others follow from these. */
export type Fields<T> = readonly (readonly [name: keyof T & string, field: Field<Known<T>>])[]

function fieldsOf<T>(fields: { readonly [K in keyof T]?: Field<Exclude<T[K], undefined>> }): Fields<T> {
  return Object.entries(fields) as [keyof T & string, Field<Known<T>>][]
}

/** Writes the fields that differ from those of a `plain` one of its kind. */
export function writeFields<T extends object>(fields: Fields<T>, value: T, plain: T): JsonObject {
  const record: Record<string, Json> = {}
  for (const [name, field] of fields) {
    if (value[name] === undefined || Object.is(value[name], plain[name])) continue
    const json = field.write(value[name] as Known<T>)
    if (!isUsual(json, plain[name] === undefined ? undefined : field.write(plain[name] as Known<T>)))
      record[name] = json
  }
  return record
}

function isUsual(json: Json, usual: Json | undefined): boolean {
  if (typeof json !== 'object' || usual === undefined) return false
  return (isEmptyList(json) && isEmptyList(usual)) || JSON.stringify(json) === JSON.stringify(usual)
}

function isEmptyList(json: Json): boolean {
  return Array.isArray(json) && json.length === 0
}

/** Sets the fields that a record has. */
export function readFields<T extends object>(fields: Fields<T>, record: JsonObject, target: T): void {
  for (const [name, field] of fields) {
    const json = record[name]
    if (json !== undefined) target[name] = field.read(json)
  }
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

function plainField<T extends Json>(fits: (json: Json | undefined) => boolean): Field<T> {
  return {
    write: (value) => value,
    read(json) {
      if (!fits(json)) throw misshapen(json)
      return json as T
    },
  }
}

export const number = plainField<number>((json) => typeof json === 'number')
export const flag = plainField<boolean>((json) => typeof json === 'boolean')
export const text = plainField<string>((json) => typeof json === 'string')
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
    return new Held({ sha256: text.read(sha256), size: number.read(size) })
  },
}

const maybeKept: Field<Kept | undefined> = {
  write: (value) => (value === undefined ? null : kept.write(value)),
  read: (json) => (json === null ? undefined : kept.read(json)),
}

const taken = plainField<Taken & JsonObject>(
  (json) => isJsonObject(json) && typeof json['id'] === 'string' && typeof json['replied'] === 'boolean',
) as Field<Taken>

const ending: Field<Ending> = {
  write: (value) => value as unknown as Json,
  read(json) {
    const record = recordOf(json)
    switch (record['kind']) {
      case 'completed':
      case 'returned':
        return { kind: record['kind'] }
      case 'failed':
        return { kind: 'failed', failure: failure.read(record['failure']) }
      case 'cancelled':
        return { kind: 'cancelled', because: because.read(record['because']) }
      default:
        throw misshapen(json)
    }
  },
}

const settled: Field<SettledAs> = {
  write: (value) =>
    value.status === 'completed'
      ? { status: 'completed', output: kept.write(value.output) }
      : (value as unknown as JsonObject),
  read(json) {
    const { status, output, failure: failed, because: why } = recordOf(json)
    if (status === 'completed') return { status, output: kept.read(output) }
    if (status === 'failed') return { status, failure: failure.read(failed) }
    if (status === 'cancelled') return { status, because: because.read(why) }
    throw misshapen(json)
  },
}

const reply: Field<Reply> = {
  write: (value) =>
    'output' in value
      ? { kind: value.kind, output: value.output === undefined ? null : kept.write(value.output) }
      : (value as unknown as JsonObject),
  read(json) {
    const { kind, output, failure: failed, because: why } = recordOf(json)
    if (kind === 'completed') return { kind, output: maybeKept.read(output) }
    if (kind === 'answer') return { kind, output: kept.read(output) }
    if (kind === 'failed') return { kind, failure: failure.read(failed) }
    if (kind === 'cancelled') return { kind, because: because.read(why) }
    throw misshapen(json)
  },
}

const verdict: Field<Verdict> = {
  write: (value) =>
    value.kind === 'skip'
      ? (value as unknown as JsonObject)
      : { kind: value.kind, output: maybeKept.write(value.output) },
  read(json) {
    const { kind, because: why, output } = recordOf(json)
    if (kind === 'skip') return { kind, because: because.read(why) }
    if (kind === 'override') return { kind, output: maybeKept.read(output) }
    throw misshapen(json)
  },
}

const again: Field<FewMap<number, Again>> = {
  write: (map) => Array.from(map, ([position, { visit, attempt, redone }]) => [position, visit, attempt, redone]),
  read: (json) =>
    new FewMap(
      listOf(json).map((entry) => {
        const [position = 0, visit = 0, attempt = 0, redone = 0] = numbers.read(entry)
        return [position, { visit, attempt, redone }]
      }),
    ),
}

const stateSignal: Field<NonNullable<BlockState['signal']>> = {
  write: ({ name, data }) => ({ name, data: kept.write(data) }),
  read(json) {
    const { name, data } = recordOf(json)
    return { name: text.read(name), data: kept.read(data) }
  },
}

/** How a snapshot keeps what there is to take back. The plan knows the steps by their place in it. */
export function undoField(nodes: Plan['nodes']): Field<readonly UndoRecord[]> {
  const record: Field<UndoRecord> = {
    write: ({ node, path, seq, ...rest }) => ({
      node: node.index,
      path,
      seq,
      ...(rest.input === undefined ? {} : { input: kept.write(rest.input) }),
      ...(rest.failure === undefined ? {} : { failure: failure.write(rest.failure) }),
    }),
    read(json) {
      const { node: index, path, seq, input, failure: failed } = recordOf(json)
      const node = nodes[number.read(index)]
      if (node?.kind !== 'work' && node?.kind !== 'call') throw misshapen(json)
      return {
        node,
        path: text.read(path),
        seq: number.read(seq),
        input: input === undefined ? undefined : kept.read(input),
        failure: failed === undefined ? undefined : failure.read(failed),
      }
    },
  }
  return listField(record) as Field<readonly UndoRecord[]>
}

export const runFields = fieldsOf<RunState>({
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
  holdsFailures: flag,
  blocked: because,
  stepsStarted: number,
  stepsMax: number,
  deadline: number,
  pickups: number,
  cancelBecause: because,
  forced: flag,
  output: kept,
  failure,
  holdsBlobs: flag,
  transitionsMax: number,
  parent: plainField<NonNullable<RunState['parent']> & JsonObject>(isJsonObject),
  settled,
  undoCount: number,
})

export const stepFields = fieldsOf<StepState>({
  status: oneOf(Object.keys(stepMachine.states) as StepStatus[]),
  visit: number,
  attempt: number,
  failures: number,
  startedAt: number,
  endedAt: number,
  token: number,
  key: text,
  effect: oneOf<EffectClass>(['pure', 'idempotent', 'once', 'tx']),
  input: kept,
  output: kept,
  failure,
  exitCode: number,
  deadline: number,
  due: number,
  stopping: ending,
  signal: text,
  hash: text,
  taken,
  child: text,
  reply,
  verdict,
  redone: number,
})

export const blockFields = fieldsOf<BlockState>({
  phase: oneOf(['body', 'catch', 'finally']),
  result: ending,
  ending,
  concurrency: number,
  items: kept,
  results: listField(maybeKept),
  next: number,
  ended: number,
  failed: { write: (failed) => [...failed], read: (json) => new Set(numbers.read(json)) },
  again: numbers,
  passesBefore: number,
  max: number,
  previous: kept,
  done: flag,
  rested: flag,
  failures: listField(failure),
  returned: kept,
  signal: stateSignal,
  enteredAt: number,
  passed: number,
})

export const frameFields = fieldsOf<Frame>({
  cursor: number,
  again,
  ending,
  ready: numbers,
  unmet: numbers,
  dead: { write: (dead) => [...dead], read: (json) => new Set(numbers.read(json)) },
  ended: number,
  succeeded: number,
  error: failure,
  closed: flag,
})
