import type { Json, JsonObject } from '@segno/schema/plan'
import { group, ifElse, match, tryCatch } from './blocks.ts'
import { leaves, useOf } from './leaves.ts'
import { forEach, repeat } from './loops.ts'
import { states } from './machines.ts'
import { denying, hiding, holding, seeing, type Hidden, type Outlook } from './outlook.ts'
import { parallel } from './parallel-blocks.ts'
import { record } from './shape.ts'
import {
  mapTemplate,
  readingsOf,
  settle,
  textTemplate,
  type Listed,
  type Made,
  type Place,
  type Workshop,
} from './steps.ts'

// Every step that holds others, the simplest first.
const blocks = [group, ifElse, match, match, parallel, forEach, repeat, repeat, tryCatch, states] as const

/** Steps that run one after the other, each of which may read those before it. */
export function listOf(workshop: Workshop, { outlook, depth, mayReturn }: Omit<Place, 'id'>): Listed {
  const { dice } = workshop
  const ids = Array.from({ length: 1 + dice.below(3) }, () => workshop.nextId())
  const made: Made[] = []
  let seen = outlook
  for (const [index, id] of ids.entries()) {
    const later = ids.slice(index + 1).map((hidden) => ({ id: hidden, because: 'later' as const }))
    const one = stepOf(workshop, { id, outlook: hiding(denying(seen, workshop.settled), later), depth, mayReturn })
    made.push(one)
    seen = hiding(seeing(seen, readingsOf(one.face, dice)), [
      ...innerIds(one.step).map((hidden) => ({ id: hidden, because: 'inside' as const })),
      ...unreadable(one),
    ])
  }
  const steps = made.map(({ step }) => step)
  // Whatever comes after the end of a workflow is never reached.
  if (workshop.spoiler.here('a step after the end')) {
    const end = { id: workshop.nextId(), fail: { code: 'ENDED', message: 'it has ended' } }
    const after = { id: workshop.nextId(), 'x-mistake': '/id', set: {} }
    return { steps: [...steps, end, after], faces: made.map(({ face }) => face) }
  }
  return { steps, faces: made.map(({ face }) => face) }
}

/** A step of any kind, with modifiers. */
export function stepOf(workshop: Workshop, place: Place): Made {
  const { dice } = workshop
  if (place.depth > 0 && dice.chance(6) && !dice.isSpent) return ending(workshop, place)
  const isBlock = place.depth > 0 && dice.chance(45)
  const make = isBlock ? dice.pick(blocks) : dice.pick(leaves)
  // Beside `do` alone, `if` is the verb.
  const isSkipped = make !== group && make !== ifElse && dice.chance(18)
  const condition = isSkipped ? workshop.expressions.slot(place.outlook) : undefined
  const outlook = condition === undefined ? place.outlook : holding(place.outlook, condition)
  const around = { id: place.id, because: 'around' as const }
  const inner = { ...place, outlook: isBlock ? hiding(outlook, [around]) : outlook, depth: place.depth - 1 }
  const { step: bare, face: plain } = make(workshop, inner)
  const isReturning = JSON.stringify(bare).includes('"return":')
  const made = modified(workshop, { step: bare, face: isReturning ? { ...plain, mayReturn: true } : plain }, outlook)
  if (condition === undefined) return made
  const { step, face } = made
  workshop.coverage.note('skipped step')
  return { step: { ...step, if: condition.text }, face: { ...face, mayNotHaveRun: 'its `if`' } }
}

// Ends one of two ways: the list goes on after it.
function ending(workshop: Workshop, { id, outlook, mayReturn }: Place): Made {
  const { coverage, dice, expressions, outputs, spoiler } = workshop
  const condition = expressions.slot(outlook)
  const { text: test } = condition
  const seen = holding(outlook, condition)
  settle(workshop, condition)
  if (!mayReturn || dice.chance(40)) {
    coverage.note('fail')
    return { step: { id, if: test, fail: { code: 'REFUSED', message: textTemplate(workshop, seen) } }, face: { id } }
  }
  coverage.note('return')
  const values: Record<string, Json | undefined> = mapTemplate(workshop, record(outputs), seen)
  const [first] = Object.keys(values)
  if (first !== undefined && spoiler.here('a return without an output')) {
    delete values[first]
    return { step: { id, if: test, return: values, 'x-mistake': '/return' }, face: { id } }
  }
  return { step: { id, if: test, return: values }, face: { id } }
}

// What is not done by the kernel itself.
const uncertain = ['uses', 'exec', 'run', 'http', 'watch', 'start']

const pure = ['set', 'assert', 'return', 'fail']

function modified(workshop: Workshop, { step, face }: Made, outlook: Outlook): Made {
  const { dice, coverage } = workshop
  if (pure.some((verb) => verb in step)) return { step, face }
  const more: Record<string, Json> = {}
  let seen = face
  const isRetried = !['waitFor', 'ask', 'watch', 'emit', 'sleep'].some((verb) => verb in step)
  if (isRetried && dice.chance(15)) {
    coverage.note('retry')
    more['retry'] = { max: 1, delay: '1s', jitter: false }
  }
  if (dice.chance(10)) {
    coverage.note('timeout from a value')
    more['timeout'] = '${{ input.patience }}'
  }
  if (dice.chance(12)) {
    coverage.note('onFailure continue')
    more['onFailure'] = 'continue'
    seen = { ...face, mayNotHaveRun: 'its own failure', mayHaveFailed: true }
  }
  if (dice.chance(12)) {
    coverage.note('undo')
    // An attempt that was given up is taken back, and nobody knows what it gave; a block is once it has completed.
    const isUnsure = uncertain.some((verb) => verb in step)
    const self = readingsOf(face, dice, isUnsure || face.mayReturn === true ? 'an unknown outcome' : undefined)
    more['undo'] = useOf(workshop, dice.pick(workshop.contracts), seeing(outlook, self)).step
  }
  return { step: { ...step, ...more }, face: seen }
}

function unreadable({ step, face: { id, output, mayNotHaveRun } }: Made): readonly Hidden[] {
  if (output !== undefined || mayNotHaveRun !== undefined) return []
  if ('exec' in step || 'run' in step) return [{ id, because: 'silent' }]
  return 'waitFor' in step ? [{ id, because: 'untyped' }] : []
}

/** The ids of the steps inside of a step. */
function innerIds(step: JsonObject): string[] {
  const found: string[] = []
  const look = (value: Json | undefined): void => {
    if (Array.isArray(value)) for (const item of value as readonly Json[]) look(item)
    else if (typeof value === 'object' && value !== null) {
      const { id } = value as JsonObject
      if (typeof id === 'string') found.push(id)
      for (const item of Object.values(value as JsonObject)) look(item)
    }
  }
  for (const [key, value] of Object.entries(step)) if (inner.has(key)) look(value)
  return found
}

const inner = new Set(['do', 'else', 'cases', 'default', 'parallel', 'try', 'catch', 'finally', 'states'])
