import type { StepKind } from '../../definition.ts'
import {
  anyType,
  booleanType,
  integerType,
  literalType,
  mapType,
  neverType,
  textType,
  type Field,
  type MapType,
  type Type,
} from '../../type/type.ts'
import { union } from '../../type/union.ts'

/** What `steps.<id>.status` can say. */
export const stepStatuses = [
  ...(['pending', 'running', 'waiting', 'completed', 'failed', 'skipped', 'cancelled'] as const),
] as const

export type StepStatus = (typeof stepStatuses)[number]

/** What something gives: nothing where there is no type. */
export interface Given {
  readonly type?: Type | undefined
  /** Whether it may also give nothing. */
  readonly isOptional: boolean
}

export const nothingGiven: Given = { isOptional: true }

/** What is known of a step, wherever it is looked at. */
export interface KnownStep {
  readonly kind: StepKind
  readonly output: Given
  /** How it can stand after its turn in its list. */
  readonly statuses: ReadonlySet<StepStatus>
  /** Whether a `return` inside of it may end it: then it has completed, and gives nothing. */
  readonly mayReturn: boolean
  /** Whether it is not sure what its author wrote: then nothing is known of it. */
  readonly isDoubtful?: boolean
}

/** All but the kind of a step of which it is not sure what its author wrote. */
export const unknownStep: Omit<KnownStep, 'kind'> = {
  output: { type: anyType, isOptional: false },
  statuses: new Set(['completed']),
  mayReturn: false,
  isDoubtful: true,
}

/** One of several, each of which gives something or nothing. */
export function eitherOf(all: readonly Given[]): Given {
  const types = all.flatMap(({ type }) => (type === undefined ? [] : [type]))
  if (types.length === 0) return nothingGiven
  return { type: union(types), isOptional: all.some(({ type, isOptional }) => type === undefined || isOptional) }
}

/** What a failure is to an expression; of one of these codes, where they are known. */
export function failureType(codes?: readonly string[]): MapType {
  return mapType({
    code: codes === undefined ? textType : union(codes.map(literalType)),
    message: textType,
    retryable: booleanType,
    details: optional(anyType),
    cause: optional(anyType),
  })
}

/** Steps that are over at once: when they began is not recorded. */
const instantKinds: ReadonlySet<StepKind> = new Set(['set', 'assert', 'return', 'fail', 'emit'])

/** `steps.<id>` where the step can stand so: a union of what it shows in each status, told apart by `status`. */
export function stepType({ kind, output, isDoubtful }: KnownStep, statuses: Iterable<StepStatus>): Type {
  if (isDoubtful === true) return anyType
  return union([...statuses].map((status) => shownIn(status, kind, output)))
}

function shownIn(status: StepStatus, kind: StepKind, output: Given): MapType {
  const name = `${kind} ${status}`
  const without = withoutOutput.get(name) ?? shownWithoutOutput(status, kind)
  withoutOutput.set(name, without)
  if (status !== 'completed' || output.type === undefined) return without
  const field = { type: output.type, isOptional: output.isOptional }
  return { ...without, fields: new Map(without.fields).set('output', field) }
}

// Of each kind of step in each status, whatever it gives.
const withoutOutput = new Map<string, MapType>()

// Of what a status does not have, `has()` may be asked all the same.
function shownWithoutOutput(status: StepStatus, kind: StepKind): MapType {
  const isProcess = kind === 'exec' || kind === 'run'
  const none = {
    ...{ attempts: absent, output: absent, failure: absent, startedAt: absent, durationMs: absent },
    ...(isProcess && { exitCode: absent }),
    ...(kind === 'agent' && { session: absent }),
  }
  const shown = { ...none, status: literalType(status) }
  switch (status) {
    case 'pending':
      return mapType(shown)
    case 'running':
    case 'waiting':
      return mapType({ ...shown, attempts: integerType, startedAt: optional(textType) })
    case 'completed':
      return mapType({
        ...shown,
        ...{ attempts: integerType, durationMs: integerType },
        startedAt: instantKinds.has(kind) ? optional(textType) : textType,
        ...(isProcess && { exitCode: integerType }),
        ...(kind === 'agent' && { session: anyType }),
      })
    case 'failed':
      return mapType({
        ...shown,
        ...{ attempts: integerType, startedAt: optional(textType), durationMs: integerType, failure: failureType() },
        ...(isProcess && { exitCode: optional(integerType) }),
      })
    case 'skipped':
    case 'cancelled':
      return mapType({
        ...shown,
        ...{ attempts: optional(integerType), startedAt: optional(textType), durationMs: optional(integerType) },
      })
    default:
      return status satisfies never
  }
}

function optional(type: Type): Field {
  return { type, isOptional: true }
}

const absent = optional(neverType)
