import { isJsonObject } from '@segno/schema/plan'
import type { Json, JsonObject, RunEvent } from '@segno/schema/plan'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { compile } from '../../src/kernel/compile.ts'
import { evolve } from '../../src/kernel/evolve.ts'
import { changes, outstanding } from '../../src/kernel/outstanding.ts'
import type { Plan } from '../../src/kernel/plan.ts'
import { restore, snapshot } from '../../src/kernel/snapshot.ts'
import { emptyState } from '../../src/kernel/state.ts'
import type { RunState } from '../../src/kernel/state.ts'
import { view } from '../../src/kernel/view.ts'
import { planFrom } from '../../src/ports/batch.ts'
import { runFixture } from '../../src/testing/fixture-run.ts'
import { parseFixture } from '../../src/testing/fixture.ts'
import { reload } from './world.ts'

const folder = new URL('../../../schema/conformance/', import.meta.url)

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.yaml'))
  .toSorted()

/** The events of a fixture's run as far as they are looked at, each with the plan that it goes by. */
function eventsOf(file: string): { readonly plan: Plan; readonly event: RunEvent }[] {
  const fixture = parseFixture(parse(readFileSync(new URL(file, folder), 'utf8')))
  const first = compile(fixture.definition)
  const others = Object.values(fixture.plans ?? {}).map((definition) => compile(definition))
  let plan = first
  return runFixture(fixture)
    .events.slice(0, 150)
    .map((event) => {
      const named = planFrom(event)
      plan = others.find(({ hash }) => hash === named) ?? plan
      return { plan, event }
    })
}

describe('a run that is saved and restored after each event goes on as one that never is', () => {
  test.for(files)('%s', (file) => {
    const state = emptyState()
    let restored = emptyState()
    for (const { plan, event } of eventsOf(file)) {
      evolve(plan, state, event)
      evolve(plan, restored, event)
      restored = reload(plan, restored)
      expect(JSON.stringify(snapshot(restored))).toBe(JSON.stringify(snapshot(state)))
      expect(view(restored)).toEqual(view(state))
      expect(named(changes(restored).added)).toEqual(named(toBegin(state)))
    }
  })
})

/** What a driver that takes up a run is told to do. */
function toBegin(state: RunState): unknown[] {
  return outstanding(state).filter(({ type }) => type !== 'timer' && type !== 'signal' && type !== 'continue')
}

function named(effects: readonly unknown[]): string[] {
  return effects
    .map((effect) => JSON.stringify(effect, (key, value: unknown) => (key === 'node' ? undefined : value)))
    .toSorted()
}

/** Between them, their snapshots have what a snapshot can have. */
const telling = [
  ...['ask/answered-while-paused', 'ask/cancelled', 'ask/crashed', 'ask/fails', 'ask/joined'],
  ...['ask/retried-by-an-operator', 'blob/large-values', 'blob/loop-memory', 'call/counts-steps', 'call/finally'],
  ...['call/nothing-reaches-in', 'call/own-run', 'call/returns-through-finally', 'call/takes-back'],
  ...['effect/once-abandoned', 'emit/to-a-child', 'imports/cancelled', 'limits/duration-while-waiting'],
  ...['operator/blocked-by-its-timeout', 'operator/failure-is-held', 'operator/override-a-blocked-step'],
  ...[
    'operator/redo-a-child',
    'operator/redo-an-item',
    'patterns/wcp-10-arbitrary-cycles',
    'reply/no-signal-led-here',
    'repeat/every',
  ],
  ...['sleep/cancelled-in-finally-by-force', 'start/fails', 'states/large-data', 'states/max-raised-too-little'],
  'undo/input-fails-unneeded',
]

describe('a snapshot with a value of another shape in any place is refused', () => {
  test.for(telling)('%s', (file) => {
    const state = emptyState()
    const seen = new Set<string>()
    for (const { plan, event } of eventsOf(`${file}.yaml`)) {
      evolve(plan, state, event)
      const saved = snapshot(state)
      for (const { name, value, with: replaced } of placesIn(saved, '')) {
        const kind = `${name} ${shapeOf(value)}`
        if (seen.has(kind)) continue
        seen.add(kind)
        for (const wrong of wrongFor(name, value)) {
          const restoring = (): unknown => restore(plan, replaced(wrong))
          expect(restoring, `${name}: ${JSON.stringify(wrong)}`).toThrow(corrupt)
        }
      }
    }
  })
})

const corrupt = expect.objectContaining({ code: 'JOURNAL_CORRUPT' })

interface Place {
  readonly name: string
  readonly value: Json
  /** The whole with something else in this place. */
  readonly with: (json: Json) => Json
}

// Values of the run's own may be anything. Of a reason only the code counts, and a list that takes back has its place.
const free = /^(json|labels|handlers|retryable|details|cause)$/

function isFree(name: string, key: string, json: JsonObject): boolean {
  if (key === 'message') return !('retryable' in json)
  return name.endsWith('unwind') && (key === 'list' || key === 'index' || key === 'pass')
}

function* placesIn(json: Json, name: string): Generator<Place> {
  yield { name, value: json, with: (other) => other }
  if (Array.isArray(json)) {
    const list = json as readonly Json[]
    for (const [at, item] of list.entries()) {
      for (const place of placesIn(item, `${name}[]`))
        yield { ...place, with: (other) => list.with(at, place.with(other)) }
    }
  } else if (isJsonObject(json)) {
    for (const [key, value] of Object.entries(json)) {
      if (free.test(key) || isFree(name, key, json)) continue
      for (const place of placesIn(value ?? null, `${ownerOf(name)}.${key}`))
        yield { ...place, with: (other) => ({ ...json, [key]: place.with(other) }) }
    }
  }
}

// What the parts of the tree are called wherever they stand.
function ownerOf(name: string): string {
  if (/(root|steps\[\])$/.test(name)) return 'step'
  if (name.endsWith('frames[]')) return 'list'
  return name.slice(name.lastIndexOf('.') + 1)
}

function shapeOf(json: Json): string {
  return json === null || Array.isArray(json) ? JSON.stringify(json?.slice(0, 0) ?? null) : typeof json
}

const shapes: readonly Json[] = [null, 'odd', true, 9999, [], { odd: 1 }]
/** Words of the language, and places: not every text or number is one. */
const special = /(\.(status|kind|phase|list|effect|planHash|node|step)|(open|agenda|waiters\[\]\[\])\[\])$/
/** Where nothing is something: a step that has not begun, an item that gave nothing, an output that is none. */
const mayBeNull = /(steps\[\]|results\[\]|(reply|verdict)\.output)$/

function wrongFor(name: string, value: Json): Json[] {
  return shapes.filter(
    (shape) =>
      (shapeOf(shape) !== shapeOf(value) || (special.test(name) && typeof value !== 'object')) &&
      !(mayBeNull.test(name) && (shape === null || value === null)),
  )
}
