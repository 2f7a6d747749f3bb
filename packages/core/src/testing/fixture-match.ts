import { isJsonObject, parseDuration } from '@segno/schema/plan'
import type { Json, JsonObject, RunEvent } from '@segno/schema/plan'
import type { ExpectedEvent, Fixture } from '@segno/schema'
import { fixtureEpoch } from './fixture-run.ts'
import type { FixtureRun } from './fixture-run.ts'

/** How a run differs from what its fixture expects, in words; nothing where it does not. */
export function matchFixture({ expect }: Fixture, run: FixtureRun): string[] {
  const { status, output, failure, effects, problems } = run
  return [
    ...problems,
    ...eventDifferences(expect.events, run.events),
    ...differences('status', expect.status, status),
    ...differences('output', expect.output, output),
    ...differences('failure', expect.failure, failure as Json | undefined),
    ...differences('effects', expect.effects ?? {}, effects),
  ]
}

/** An event in the short form of fixtures: its type, what it is about, and the fields that have to be told. */
export function shortEvent(event: RunEvent): string {
  const actual = payloadOf(event)
  const head = headOf(event.type, actual)
  const fields = Object.fromEntries(Object.entries(actual).filter(([key, value]) => mustTell(event.type, key, value)))
  return Object.keys(fields).length === 0 ? head : `${head}: ${JSON.stringify(fields)}`
}

function eventDifferences(expected: readonly ExpectedEvent[], actual: readonly RunEvent[]): string[] {
  const found: string[] = []
  for (let index = 0; index < Math.max(expected.length, actual.length); index++) {
    const wanted = expected[index]
    const event = actual[index]
    const place = `event ${index + 1}`
    if (event === undefined)
      return [...found, `${place}: expected ${JSON.stringify(wanted)}, but nothing more happened`]
    if (wanted === undefined) return [...found, `${place}: expected nothing more, got ${shortEvent(event)}`]
    const { head, fields } = partsOf(wanted)
    const payload = payloadOf(event)
    // What follows an event of another kind says nothing any more.
    if (headOf(event.type, payload) !== head) return [...found, `${place}: expected ${head}, got ${shortEvent(event)}`]
    found.push(...fieldDifferences(`${place} (${head})`, fields, event))
  }
  return found
}

function partsOf(expected: ExpectedEvent): { readonly head: string; readonly fields: JsonObject } {
  if (typeof expected === 'string') return { head: expected, fields: {} }
  const [[head, fields] = ['', {}]] = Object.entries(expected)
  return { head, fields }
}

function fieldDifferences(place: string, fields: JsonObject, event: RunEvent): string[] {
  const payload = payloadOf(event)
  const told = Object.keys(payload).filter((key) => mustTell(event.type, key, payload[key]))
  return [...new Set([...Object.keys(fields), ...told])].flatMap((key) => {
    if (key === 'at') return differences(`${place} at`, offsetOf(fields[key]), event.at - fixtureEpoch)
    const wanted = instants.has(key) ? offsetOf(fields[key]) : fields[key]
    return differences(`${place} ${key}`, wanted, payload[key])
  })
}

// Without the envelope, and with instants as milliseconds since the run was created.
function payloadOf({ seq: _seq, v: _v, at: _at, runId: _run, type: _type, ...payload }: RunEvent): JsonObject {
  const fields = Object.entries(payload as unknown as JsonObject)
  return Object.fromEntries(
    fields.map(([key, value]) => [key, instants.has(key) && typeof value === 'number' ? value - fixtureEpoch : value]),
  )
}

const instants = new Set(['due', 'deadline', 'retryAt'])

function offsetOf(value: Json | undefined): Json | undefined {
  return typeof value === 'string' ? (parseDuration(value) ?? value) : value
}

// The path of what an event is about, the iteration behind it; the id of what came from outside.
function headOf(type: string, { path, id, index }: JsonObject): string {
  const place = type.startsWith('iteration.')
    ? `${String(path)}[${String(index)}]`
    : type.startsWith('operator.')
      ? id
      : (path ?? id)
  return place === undefined || place === '' ? type : `${type} ${String(place)}`
}

// What decided, what came of it, and any attempt but the first cannot be left unsaid. How the run itself
// ended is told once, by `output` and `failure` of the expectation.
function mustTell(type: string, key: string, value: Json | undefined): boolean {
  if (key === 'attempt') return value !== 1
  return !type.startsWith('run.') ? telling.has(key) : key === 'because'
}

const telling = new Set([
  ...['output', 'outputBlob', 'failure', 'because', 'branch', 'purpose', 'retryAt', 'refused'],
  ...['state', 'status', 'undoFailure'],
])

const optionalKeys = new Set(['message', 'sha256'])

// Words are for people and may differ: they are compared where the fixture gives them.
function differences(place: string, wanted: Json | undefined, actual: Json | undefined): string[] {
  if (isJsonObject(actual) && typeof wanted === 'string' && 'code' in actual)
    return differences(`${place}.code`, wanted, actual['code'])
  if (isJsonObject(wanted) && isJsonObject(actual)) {
    const keys = Object.keys(actual).filter((key) => key in wanted || !isOptional(key, actual))
    return [...new Set([...Object.keys(wanted), ...keys])].flatMap((key) =>
      differences(`${place}.${key}`, wanted[key], actual[key]),
    )
  }
  if (Array.isArray(wanted) && Array.isArray(actual) && wanted.length === actual.length) {
    return wanted.flatMap((item: Json, index) => differences(`${place}[${index}]`, item, actual[index] as Json))
  }
  return wanted === actual ? [] : [`${place}: expected ${shown(wanted)}, got ${shown(actual)}`]
}

function isOptional(key: string, object: JsonObject): boolean {
  return optionalKeys.has(key) && ('code' in object || 'size' in object)
}

function shown(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
