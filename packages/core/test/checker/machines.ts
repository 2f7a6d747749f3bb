import type { Json, JsonObject } from '@segno/schema/plan'
import { plainCondition, type Condition } from './conditions.ts'
import { denying, naming, reading, seeing, type Outlook } from './outlook.ts'
import { randomShape, schemaOf, text } from './shape.ts'
import { marked } from './spoiler.ts'
import { declaredOutput, readingsOfAll, type Listed, type Made, type Place, type Workshop } from './steps.ts'

/** A state machine that goes on by signals, by time and by itself. */
export function states(workshop: Workshop, place: Place): Made {
  const { coverage, dice, expressions, spoiler } = workshop
  coverage.note('states')
  const { id, outlook } = place
  const data = randomShape(dice, 1)
  const schema = schemaOf(data, dice)
  const first = naming(outlook, ['state', 'signal'], [reading('state', text, { isDeclared: false })])
  const open = workshop.listOf({ ...place, outlook: first })
  // The second state is entered by a signal of that schema only; the third also by itself and by time.
  const signal = reading('signal.data', data)
  const test = dice.chance(50) ? expressions.slot({ ...first, readings: [signal] }) : undefined
  const told = test?.touched ?? []
  // Every way to the others leads through the first one.
  const before = readingsOfAll(open, workshop)
  const inBusy = denying(seeing(first, [...before, signal]), told)
  const busy = workshop.listOf({ ...place, outlook: inBusy })
  const either = [...before, ...readingsOfAll(busy, workshop, 'another state')]
  const guards = [{ kind: 'field', path: 'signal.data', text: 'has(signal.data)' }] as const
  const inClosed = denying(seeing(first, [...either, { ...signal, guards }]), told)
  const closed = workshop.listOf({ ...place, outlook: inClosed })
  // It ends in the third state, since nothing leads out of that alone.
  const end = seeing(first, [...either, ...readingsOfAll(closed, workshop)])
  const { shape, value } = declaredOutput(workshop, end)
  const body = {
    open: opening(workshop, open, { seen: first, schema, test }),
    busy: leaving(workshop, busy, inBusy),
    closed: { do: closed.steps },
  }
  const initial = spoiler.here('an unknown state') ? marked('openQ') : 'open'
  const step = { id, states: body, initial, max: 20, output: value }
  return { step, face: { id, output: { shape, isDeclared: false, isAlways: true } } }
}

interface Opening {
  readonly seen: Outlook
  readonly schema: JsonObject
  readonly test: Condition | undefined
}

function opening(workshop: Workshop, list: Listed, { seen, schema, test }: Opening): JsonObject {
  const { coverage, dice, expressions } = workshop
  coverage.note('states with signals')
  coverage.note('states with after')
  // Its steps have ended when a state is left.
  const ended = seeing(denying(seen, workshop.settled), readingsOfAll(list, workshop))
  const after: Json = dice.chance(60)
    ? { '1h': { to: 'closed' } }
    : { '2h': [{ if: plainCondition(expressions, ended), to: 'open' }, { to: 'closed' }] }
  const approved = { to: 'busy', schema, ...(test === undefined ? {} : { if: test.text }) }
  return { do: list.steps, on: { approved, changed: { to: 'closed', schema } }, after }
}

function leaving(workshop: Workshop, list: Listed, seen: Outlook): JsonObject {
  const { coverage, dice, expressions } = workshop
  coverage.note('states with next')
  // Its steps have ended when a state is left.
  const ended = seeing(denying(seen, workshop.settled), readingsOfAll(list, workshop))
  const back = { if: plainCondition(expressions, ended), to: dice.pick(['open', 'closed'] as const) }
  return { do: list.steps, next: [back, { to: 'closed' }] }
}
