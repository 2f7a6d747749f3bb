import type { RepeatStep } from '../../definition.ts'
import type { Environment } from '../../type/environment.ts'
import { intersect, widen } from '../../type/intersect.ts'
import { fits } from '../../type/fits.ts'
import { sameType } from '../../type/same-type.ts'
import { anyType, integerType, type Type } from '../../type/type.ts'
import { union } from '../../type/union.ts'
import { wordsOf } from '../../type/words.ts'
import type { StepPlace } from '../walk.ts'
import { declared } from './declared.ts'
import { listOf } from './list-of.ts'
import type { Flow, WalkedBlock, WalkedList } from './flow.ts'
import { eitherOf, stepType, type Given } from './step-type.ts'

/** A `repeat`: with a memory, `previous` has one type, whatever the iteration. */
export function walkRepeat(flow: Flow, place: StepPlace, step: RepeatStep, at: Environment): WalkedBlock {
  const { pointer } = place
  flow.fields(place, at, new Set(['repeat/initial', 'repeat/while']))
  const { initial } = step.repeat
  const first = initial === undefined ? undefined : flow.template(`${pointer}/repeat/initial`, initial, at)
  const memory = first === undefined ? undefined : memoryOf(flow, place, step, { at, first })
  const once = iteration(flow, place, step, { at, memory })
  const { body, given, isWhile, isDone } = once
  if (first !== undefined) tellMemory(flow, place, step, { first, given, isReached: body.after.isPossible })
  const exhausted = exhaustedOutput(flow, place, step, { at, body })
  const ways: Given[] = [
    ...(isDone ? [given] : []),
    ...(isWhile ? [{ type: first, isOptional: first === undefined }] : []),
    ...(exhausted ? [exhausted] : []),
  ]
  const isEnding = at.isPossible && !isWhile && !isDone && !exhausted
  return { after: isEnding ? at.impossible() : at, output: eitherOf(ways) }
}

interface Memory {
  readonly at: Environment
  readonly memory: Type | undefined
}

interface Iteration {
  readonly body: WalkedList
  readonly given: Given
  readonly isWhile: boolean
  /** Whether it can come to an end by its condition after an iteration. */
  readonly isDone: boolean
}

function iteration(flow: Flow, place: StepPlace, step: RepeatStep, { at, memory }: Memory): Iteration {
  const { pointer } = place
  const { until, while: test } = step.repeat
  const variables = new Map<string, Type>([['iteration', integerType]])
  if (memory !== undefined) variables.set('previous', memory)
  const from = flow.within(at, variables)
  const seen = test === undefined ? from : flow.condition(`${pointer}/repeat/while`, test, from).whenTrue
  const body = flow.list(listOf(place), seen)
  const met = until === undefined ? body.after : flow.condition(`${pointer}/repeat/until`, until, body.after).whenTrue
  const given = declared(flow, pointer, step.output, body.after) ?? body.output
  return { body, given, isWhile: test !== undefined, isDone: met.isPossible }
}

/** How often the type of the memory may grow before nothing is known of it. */
const growthMax = 4

// What an iteration gives depends on what it was given, so the type grows until it holds both.
function memoryOf(
  flow: Flow,
  place: StepPlace,
  step: RepeatStep,
  { at, first }: { readonly at: Environment; readonly first: Type },
): Type {
  let memory = first
  for (let round = 0; round < growthMax; round++) {
    const walked = flow.quietly(() => iteration(flow, place, step, { at, memory }))
    if (walked === undefined) return anyType
    const { type } = walked.given
    if (type === undefined) return memory
    // What may be anything fits, and yet the memory does not hold all that it can be.
    const both = union([memory, type])
    if (fits(type, memory) === undefined && sameType(both, memory)) return memory
    memory = round === 0 ? both : widen(both)
  }
  return anyType
}

function tellMemory(
  flow: Flow,
  { pointer }: StepPlace,
  step: RepeatStep,
  { first, given, isReached }: { readonly first: Type; readonly given: Given; readonly isReached: boolean },
): void {
  if (!isReached) return
  if (step.output === undefined && (given.type === undefined || given.isOptional)) {
    const message = `"${step.id}" has a memory, and its last step may give nothing to remember`
    const hint = `give "${step.id}" an "output"`
    flow.told.mistake({ code: 'OUTPUT_NOT_DECLARED', message, hint, pointer: `${pointer}/repeat/initial`, at: 'key' })
    return
  }
  if (given.type === undefined || !clash(widen(first), widen(given.type))) return
  const message = `"previous" has one type: "initial" and "output" of "${step.id}" do not agree`
  const at = step.output === undefined ? 'repeat/initial' : 'output'
  flow.told.mistake({
    ...{ code: 'TYPE_MISMATCH', message, expected: wordsOf(widen(first)), found: wordsOf(given.type) },
    pointer: `${pointer}/${at}`,
    at: 'key',
    related: [{ message: 'the memory begins with this', pointer: `${pointer}/repeat/initial` }],
  })
}

/** Whether two types of one memory have a part that is never the same kind of thing; null stands for nothing yet. */
function clash(one: Type, other: Type): boolean {
  if (one.kind === 'null' || other.kind === 'null') return false
  if (one.kind === 'map' && other.kind === 'map') {
    return [...one.fields].some(([name, field]) => {
      const there = other.fields.get(name)
      return there !== undefined && clash(field.type, there.type)
    })
  }
  if (one.kind === 'list' && other.kind === 'list') return false
  if (one.kind === 'number' && other.kind === 'number') return false
  return intersect(one, other).kind === 'never' && one.kind !== 'never' && other.kind !== 'never'
}

function exhaustedOutput(
  flow: Flow,
  { pointer }: StepPlace,
  { onExhausted, repeat }: RepeatStep,
  { at, body }: { readonly at: Environment; readonly body: WalkedList },
): Given | undefined {
  if (typeof onExhausted !== 'object') return undefined
  const runsOnce = typeof repeat.max === 'number' && repeat.max > 0
  const seen = runsOnce ? body.after : unbegun(flow, at, body)
  return { type: flow.template(`${pointer}/onExhausted/output`, onExhausted.output, seen), isOptional: false }
}

// A loop of no iterations is exhausted before any of its steps has run.
function unbegun(flow: Flow, at: Environment, { after, steps }: WalkedList): Environment {
  const types = new Map(
    [...steps].map(([id, known]) => [
      `steps.${id}`,
      stepType(known, after.isPossible ? [...known.statuses, 'pending'] : ['pending']),
    ]),
  )
  return flow.within(at, types)
}
