import type { Step } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import { ended } from './branch.ts'
import { callSite } from './call-site.ts'
import type { HandlerRef } from './define-handler.ts'
import { addStep, assertOpen, mapOf, outputOf, ownedName, placeInside, slot, template } from './place.ts'
import type { Place } from './place.ts'
import type { TypedQuestion } from './question.ts'
import { stepIdOf, told } from './reference-of.ts'
import type { TypedSignal } from './signal.ts'
import { stepFields } from './step-fields.ts'
import type { CaptureOptions, GivenRequest } from './step-options.ts'
import type { TypedWorkflow } from './typed-workflow.ts'
import { callFields, captureField, importOf, requestField, schemaField, usesFields, withInputs } from './work-fields.ts'
import type { GivenOptions } from './work-fields.ts'

/** A verb of `w`, without its types. */
export type Verb = (id: string, ...given: never) => unknown

/** What a verb says of its step. */
interface Said {
  /** The verb itself and what belongs to it. */
  readonly verb: object
  readonly options?: GivenOptions | undefined
  /** The options that are the verb's own, and no fields of the step as they stand. */
  readonly own?: readonly string[]
  /** What the verb gives, where it is no reference to an output. */
  readonly gives?: unknown
}

/** The verbs of steps that hold no others. */
export function plainVerbs(place: Place): Readonly<Record<string, Verb>> {
  return { ...workVerbs(place), ...pureVerbs(place), ...waitVerbs(place) }
}

function workVerbs(place: Place): Readonly<Record<string, Verb>> {
  return {
    step: verb(place, (handler: HandlerRef<never, unknown>, input: unknown, options: GivenOptions = {}) => ({
      verb: usesFields(place, handler, input, options),
      options,
      own: ['major', 'output'],
    })),
    exec: verb(place, (argv: unknown, options: GivenOptions = {}) => ({
      verb: { exec: template(place, argv), ...capture(place, options) },
      options,
      own: ['output'],
    })),
    run: verb(place, (script: string, options: GivenOptions = {}) => ({
      verb: { run: script, ...capture(place, options) },
      options,
      own: ['output'],
    })),
    http: verb(place, (request: GivenRequest, options: GivenOptions = {}) => ({
      verb: {
        http: requestField(place, request),
        ...(options['output'] !== undefined && { output: schemaField(options['output']) }),
      },
      options,
      own: ['output'],
    })),
    call: verb(place, (workflow: TypedWorkflow, input: unknown, options: GivenOptions = {}) => ({
      verb: callFields(place, workflow, input, options),
      options,
      own: ['as'],
    })),
    start: verb(place, (workflow: TypedWorkflow, input: unknown, options: GivenOptions = {}) => ({
      verb: { start: importOf(place, workflow, options['as']), ...withInputs(place, input) },
      options,
      own: ['as'],
    })),
  }
}

function pureVerbs(place: Place): Readonly<Record<string, Verb>> {
  return {
    set: verb(place, (values: unknown, options?: GivenOptions) => ({
      verb: { set: template(place, values) },
      options,
    })),
    assert: verb(place, (condition: unknown, { message, ...options }: GivenOptions = {}) => ({
      verb: { assert: slot(place, condition), ...(message !== undefined && { message: template(place, message) }) },
      options,
    })),
    return: verb(place, (outputs: unknown, options?: GivenOptions) => ({
      verb: { return: template(place, mapOf(place.building, outputs)) },
      options,
      gives: ended,
    })),
    fail: verb(place, (failure: unknown, options?: GivenOptions) => ({
      verb: { fail: template(place, failure) },
      options,
      gives: ended,
    })),
  }
}

function waitVerbs(place: Place): Readonly<Record<string, Verb>> {
  return {
    sleep: verb(place, (duration: unknown, options?: GivenOptions) => ({
      verb: { sleep: template(place, duration) },
      options,
    })),
    sleepUntil: verb(place, (instant: unknown, options?: GivenOptions) => ({
      verb: { sleepUntil: template(place, instant) },
      options,
    })),
    waitFor: verb(place, (signal: TypedSignal<unknown>, options: GivenOptions = {}) => ({
      verb: { waitFor: awaited(place, signal, options) },
      options,
      own: ['where', 'name'],
    })),
    ask: verb(place, (question: TypedQuestion<unknown, unknown>, shown: object, options?: GivenOptions) => {
      const { choices, form } = question
      const answers = choices === undefined ? { form } : { choices }
      return { verb: { ask: { ...(template(place, shown) as object), ...answers } }, options }
    }),
    watch: verb(place, (watch: unknown, options?: GivenOptions) => ({
      verb: { watch: template(place, watch) },
      options,
    })),
    emit: verb(place, (signal: TypedSignal<unknown>, data: unknown, options: GivenOptions = {}) => {
      const { name = signal.name, to } = options
      return { verb: { emit: template(place, { signal: name, data, to }) }, options, own: ['name', 'to'] }
    }),
    reply: verb(place, (taken: unknown, data: unknown, options?: GivenOptions) => ({
      verb: { emit: template(place, { reply: takenBy(taken), data }) },
      options,
    })),
  }
}

function takenBy(taken: unknown): string {
  const step = taken === 'signal' ? taken : stepIdOf(taken)
  if (step !== undefined) return step
  const message = `A reply goes to what a \`waitFor\` took, or to "signal" inside of a state machine; got ${told(taken)}`
  throw new SegnoError('ARGUMENT_INVALID', message)
}

function awaited(place: Place, { name, schema }: TypedSignal<unknown>, options: GivenOptions): object {
  const { name: named = name, where } = options
  const owner = {}
  const inside = placeInside(place, new Map([['data', owner]]))
  return {
    signal: template(place, named),
    ...(typeof where === 'function' && { if: slot(inside, where(ownedName('data', owner))) }),
    ...(schema !== undefined && { schema }),
  }
}

function capture(place: Place, { output }: GivenOptions): object {
  return output === undefined ? {} : { output: captureField(place, output as CaptureOptions) }
}

// The id comes first in every verb, and options last; what is between is the verb's.
function verb<Given extends readonly unknown[]>(place: Place, said: (...given: Given) => Said): Verb {
  const call = (id: string, ...given: Given): unknown => {
    const site = callSite(call)
    assertOpen(place, id)
    const { verb: fields, options, own, gives = outputOf(id) } = said(...given)
    const step = { id, ...fields, ...stepFields(place, id, options, own) } as unknown as Step
    addStep(place, step, site)
    return gives
  }
  return call
}
