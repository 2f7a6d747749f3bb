import { tests } from '@bufbuild/cel-spec/testdata/conformance.js'
import type { Json } from '../../src/json.ts'

/** A case of the public conformance data of CEL. */
export interface CelCase {
  /** The file of the suite that it is in. */
  readonly file: string
  /** `file/section/name`; the second of one name ends in `#2`. */
  readonly name: string
  readonly text: string
  /** The variables that it reads, by name. */
  readonly bindings: Readonly<Record<string, CelValue>>
  /** The names that are declared without a value, or with one. */
  readonly declared: readonly string[]
  readonly expected: Expected
}

/** What a case asks for: a value, an error of that message, or nothing but the type that CEL's checker gives. */
export type Expected =
  | { readonly kind: 'value'; readonly value: CelValue }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'type' }

/** A value of the suite as JSON, or what kind of value JSON cannot hold it is. */
export type CelValue = { readonly json: Json; readonly time: boolean } | { readonly unheld: Unheld }

export type Unheld = 'bytes' | 'message' | 'enum' | 'type' | 'key' | 'integer' | 'not finite' | 'negative zero'

/** All cases, in the order of the suite. */
export const celCases: readonly CelCase[] = readCases()

interface Original {
  readonly name: string
  readonly expr: string
  readonly value?: RawValue
  readonly typedResult?: { readonly result?: RawValue }
  readonly evalError?: { readonly errors?: readonly { readonly message: string }[] }
  readonly bindings?: Readonly<Record<string, { readonly value: RawValue }>>
  readonly typeEnv?: readonly { readonly name: string }[]
}

function readCases(): CelCase[] {
  const seen = new Map<string, number>()
  return (tests.suites ?? []).flatMap((file) =>
    (file.suites ?? []).flatMap((section) =>
      (section.tests ?? []).map((test) => {
        const original = test.original as unknown as Original
        const name = `${file.name}/${section.name}/${original.name}`
        const count = (seen.get(name) ?? 0) + 1
        seen.set(name, count)
        return readCase(file.name, count === 1 ? name : `${name}#${count}`, original)
      }),
    ),
  )
}

function readCase(file: string, name: string, original: Original): CelCase {
  const bindings = Object.entries(original.bindings ?? {}).map(([key, { value }]) => [key, celValue(value)] as const)
  const declared = (original.typeEnv ?? []).map((declaration) => declaration.name)
  return {
    file,
    name,
    text: original.expr,
    bindings: Object.fromEntries(bindings),
    declared: [...declared, ...Object.keys(original.bindings ?? {})],
    expected: expectedOf(original),
  }
}

function expectedOf({ value, typedResult, evalError }: Original): Expected {
  if (evalError !== undefined) return { kind: 'error', message: evalError.errors?.[0]?.message ?? '' }
  if (typedResult !== undefined && typedResult.result === undefined) return { kind: 'type' }
  // A case that says nothing asks for true.
  return { kind: 'value', value: celValue(value ?? typedResult?.result ?? { boolValue: true }) }
}

/** A `cel.expr.Value` in the JSON of protocol buffers. */
interface RawValue {
  readonly nullValue?: null
  readonly boolValue?: boolean
  readonly stringValue?: string
  readonly int64Value?: string
  readonly uint64Value?: string
  readonly doubleValue?: number | string
  readonly bytesValue?: string
  readonly enumValue?: object
  readonly typeValue?: string
  readonly listValue?: { readonly values?: readonly RawValue[] }
  readonly mapValue?: { readonly entries?: readonly { readonly key: RawValue; readonly value: RawValue }[] }
  readonly objectValue?: { readonly '@type': string; readonly value?: string }
}

function celValue(raw: RawValue): CelValue {
  if (raw.int64Value !== undefined || raw.uint64Value !== undefined) {
    const json = Number(raw.int64Value ?? raw.uint64Value)
    return Number.isSafeInteger(json) ? { json, time: false } : { unheld: 'integer' }
  }
  if (raw.doubleValue !== undefined) return doubleOf(raw.doubleValue)
  if (raw.listValue !== undefined) return together((raw.listValue.values ?? []).map(celValue), (parts) => parts)
  if (raw.mapValue !== undefined) return mapOf(raw.mapValue.entries ?? [])
  if (raw.objectValue !== undefined) return objectOf(raw.objectValue)
  if (raw.bytesValue !== undefined) return { unheld: 'bytes' }
  if (raw.enumValue !== undefined) return { unheld: 'enum' }
  if (raw.typeValue !== undefined) return { unheld: 'type' }
  return { json: raw.stringValue ?? raw.boolValue ?? null, time: false }
}

function doubleOf(value: number | string): CelValue {
  if (typeof value === 'string') return { unheld: 'not finite' }
  return Object.is(value, -0) ? { unheld: 'negative zero' } : { json: value, time: false }
}

function mapOf(entries: readonly { readonly key: RawValue; readonly value: RawValue }[]): CelValue {
  if (entries.some(({ key }) => key.stringValue === undefined)) return { unheld: 'key' }
  const keys = entries.map(({ key }) => key.stringValue ?? '')
  return together(
    entries.map(({ value }) => celValue(value)),
    (parts) => Object.fromEntries(keys.map((key, index) => [key, parts[index]])),
  )
}

// Timestamps and durations leave an expression as the same text that protocol buffers write.
function objectOf(object: { readonly '@type': string; readonly value?: string }): CelValue {
  const isTime = /\.(?:Timestamp|Duration)$/.test(object['@type'])
  return isTime && object.value !== undefined ? { json: object.value, time: true } : { unheld: 'message' }
}

function together(parts: readonly CelValue[], make: (values: readonly Json[]) => Json): CelValue {
  const unheld = parts.find((part) => 'unheld' in part)
  if (unheld !== undefined) return unheld
  const held = parts.filter((part) => 'json' in part)
  return { json: make(held.map(({ json }) => json)), time: held.some(({ time }) => time) }
}
