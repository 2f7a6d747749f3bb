import type { RunBundle } from '@segno/schema'
import { isJsonObject, sha256Hex } from '@segno/schema/plan'
import type { BlobRef, Definition, Json, RunEvent } from '@segno/schema/plan'
import { utf8Length } from '../kernel/kept.ts'
import { reuseRefsIn, withBlobRefs } from './blob-refs.ts'

/** Says what stands in the place of a value: the value itself, or another. `key` is the nearest key above it. */
export type Redactor = (key: string, value: string | number | boolean) => Json

/**
 * What is replaced in a bundle. `keys`: texts under keys that look like secrets
 * (`password`, `apiKey`, `authorization`). `values`: all texts but those that the
 * definition itself holds, each by as many `x`. A function decides leaf by leaf, after `keys`.
 */
export type Redact = 'keys' | 'values' | Redactor

/** What stands where something was replaced. */
const redactedText = '«redacted»'

/** A bundle without what it had better not tell. Values keep their shape; their hashes are those of what is there now. */
export function redactBundle(bundle: RunBundle, redact: Redact): RunBundle {
  const leaf = redactorOf(bundle, redact)
  const withTexts = redact !== 'keys'
  const renamed = new Map<string, BlobRef>()
  const blobs: Record<string, string> = {}
  const keep = (sha256: string, value: Json): void => {
    const text = JSON.stringify(value)
    const ref = { sha256: sha256Hex(text), size: utf8Length(text) }
    renamed.set(sha256, ref)
    blobs[ref.sha256] = text
  }
  const isReuse = reuseBlobsOf(bundle.events)
  for (const [sha256, text] of Object.entries(bundle.blobs)) {
    if (!isReuse.has(sha256)) keep(sha256, redacted(JSON.parse(text) as Json, { key: '', leaf, isSecret: false }))
  }
  // What a fork reuses names other values: those come first.
  for (const sha256 of isReuse) {
    const { reuse } = withBlobRefs({ reuse: JSON.parse(bundle.blobs[sha256] ?? '{}') as Json }, renamed)
    keep(sha256, redactedReuse(reuse, leaf))
  }
  const events = bundle.events.map((event) => redactedEvent(withBlobRefs(event, renamed), { leaf, withTexts }))
  const inbox = bundle.inbox.map((message) => ({
    ...message,
    payload: redacted(message.payload, { key: '', leaf, isSecret: false }),
  }))
  const children = bundle.children?.map((child) => redactBundle(child, redact))
  return {
    ...bundle,
    events,
    blobs,
    inbox,
    redacted: redact === 'values' ? 'values' : 'keys',
    ...(children === undefined ? {} : { children }),
  }
}

function reuseBlobsOf(events: readonly RunEvent[]): ReadonlySet<string> {
  const [created] = events
  const ref = created?.type === 'run.created' ? created.reuseBlob : undefined
  return new Set(ref === undefined ? [] : [ref.sha256])
}

function redactedReuse(reuse: Json, leaf: Redactor): Json {
  const refs = new Set<unknown>(reuseRefsIn(reuse))
  const entries = Object.entries(isJsonObject(reuse) ? reuse : {}).map(([path, step]) => {
    const fields = Object.entries(isJsonObject(step) ? step : {}).map(([key, value]) =>
      key === 'output' && value !== undefined && !refs.has(value)
        ? [key, redacted(value, { key, leaf, isSecret: false })]
        : [key, value],
    )
    return [path, Object.fromEntries(fields) as Json]
  })
  return Object.fromEntries(entries) as Json
}

// The fields of events that hold values of the workflow; all others are Segno's own words, names and numbers.
const valueFields = new Set([
  ...['input', 'output', 'data', 'items', 'initial', 'subject', 'answer', 'value', 'undo', 'details'],
])
const textFields = new Set(['message', 'title', 'body', 'reason'])
const nestedFields = new Set(['failure', 'because', 'undoFailure', 'cause', 'refused'])

interface Redacting {
  readonly leaf: Redactor
  /** Whether what people read is replaced too: messages may quote values. */
  readonly withTexts: boolean
}

function redactedEvent<T>(event: T, how: Redacting): T {
  const { leaf, withTexts } = how
  const fields = Object.entries(event as Readonly<Record<string, Json>>).map(([key, value]) => {
    if (key === 'reuse') return [key, redactedReuse(value, leaf)]
    if (valueFields.has(key)) return [key, redacted(value, { key: '', leaf, isSecret: false })]
    if (nestedFields.has(key)) return [key, redactedEvent(value, how)]
    if (withTexts && textFields.has(key) && typeof value === 'string') return [key, leaf(key, value)]
    return [key, value]
  })
  return Object.fromEntries(fields) as T
}

interface Place {
  readonly key: string
  readonly leaf: Redactor
  /** Whether a key above says that this is a secret. */
  readonly isSecret: boolean
}

function redacted(value: Json, { key, leaf, isSecret }: Place): Json {
  if (value === null) return null
  if (Array.isArray(value)) return value.map((item: Json) => redacted(item, { key, leaf, isSecret }))
  if (isJsonObject(value)) {
    const fields = Object.entries(value).flatMap(([name, field]) => {
      const inner = { key: name, leaf, isSecret: isSecret || looksSecret(name) }
      return field === undefined ? [] : [[name, redacted(field, inner)] as const]
    })
    return Object.fromEntries(fields)
  }
  const leafValue = value as string | number | boolean
  if (isSecret && typeof leafValue === 'string' && !leafValue.startsWith('secret://')) return redactedText
  return leaf(key, leafValue)
}

const secretKey =
  /(?:password|passwd|passphrase|secret|token|authorization|apikey|cookie|credentials?|privatekey|accesskey)$/

/** Whether a key tells that what stands under it is a secret. */
function looksSecret(key: string): boolean {
  return secretKey.test(key.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))
}

function redactorOf(bundle: RunBundle, redact: Redact): Redactor {
  if (typeof redact === 'function') return redact
  if (redact === 'keys') return (_, value) => value
  const written = new Set(Object.values(bundle.plans).flatMap(textsOf))
  return (_, value) => (typeof value !== 'string' || written.has(value) ? value : 'x'.repeat(value.length))
}

// What the definition says itself is no secret of the run, and what it compares with has to stay what it is.
function textsOf(definition: Definition): readonly string[] {
  const texts: string[] = []
  const walk = (value: Json | undefined): void => {
    if (typeof value === 'string') {
      texts.push(value)
      for (const [, double, single] of value.matchAll(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/g)) {
        texts.push(double ?? single ?? '')
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, field] of Object.entries(value)) {
        if (!Array.isArray(value)) texts.push(key)
        walk(field as Json)
      }
    }
  }
  walk(definition as unknown as Json)
  return texts
}
