import type { Check, Prompt } from '../agent.ts'
import type { AgentStep, Emitted, RequestTemplate, Retry, Step } from '../definition.ts'
import type { Json, JsonObject } from '../json.ts'
import { anyType, booleanType, integerType, listType, mapType, nullType, textType, type Type } from '../type/type.ts'
import { scalarType } from '../type/scalar.ts'
import { union } from '../type/union.ts'

/** A value of the definition that holds expressions, before it is known what they see. */
export interface FieldPlace {
  readonly pointer: string
  readonly value: Json
  /** A slot is an expression by itself; a template is data with `${{ }}` in it; a reply names what it answers. */
  readonly form: 'slot' | 'template' | 'reply'
  /** What its value has to be; anything unless given. */
  readonly wants?: Type
  /** Where secrets may be read: whether as a text of their own only, or with text around them. */
  readonly secrets?: 'whole' | 'text'
  /** Variables that this value sees beside those of the step. */
  readonly variables?: readonly string[]
  /** Whether it is evaluated once the step has ended, and reads it. */
  readonly seesItself?: boolean
}

/** A value with `${{ }}` in it. */
export function template(pointer: string, value: Json | undefined, wants: Type = anyType): FieldPlace[] {
  return value === undefined ? [] : [{ pointer, value, form: 'template', wants }]
}

/** A value that is an expression by itself. */
export function slot(pointer: string, value: Json | undefined, wants: Type = booleanType): FieldPlace[] {
  return value === undefined ? [] : [{ pointer, value, form: 'slot', wants }]
}

/** The expressions of `retry`. */
export function retryFields({ delay, maxDelay }: Retry, pointer: string): FieldPlace[] {
  return [...template(`${pointer}/delay`, delay, textType), ...template(`${pointer}/maxDelay`, maxDelay, textType)]
}

/** The expressions of a step's own fields, without those of the steps inside of it. */
export function fieldsOf(step: Step, pointer: string): FieldPlace[] {
  // A step is JSON by construction; its type says more than is asked here.
  const fields = step as unknown as JsonObject
  return [
    ...ownFields.flatMap(([key, wants]) =>
      fields[key] === undefined ? [] : template(`${pointer}/${key}`, fields[key], wants),
    ),
    ...('retry' in step && step.retry ? retryFields(step.retry, `${pointer}/retry`) : []),
    ...('budget' in step ? template(`${pointer}/budget/duration`, step.budget?.duration, textType) : []),
    ...givenFields(step, pointer),
    ...workFields(step, pointer),
    ...pureFields(step, pointer),
    ...waitFields(step, pointer),
    ...loopFields(step, pointer),
  ]
}

const textsType = mapType({}, scalarType)

const ownFields: readonly (readonly [string, Type])[] = Object.entries<Type>({
  exec: listType(scalarType),
  set: anyType,
  message: scalarType,
  sleep: textType,
  sleepUntil: textType,
  return: anyType,
  concurrency: integerType,
  timeout: textType,
  idempotencyKey: textType,
})

/** What a step is given from outside of expressions too: there, secrets may have a place. */
function givenFields(step: Step, pointer: string): FieldPlace[] {
  const isHandler = 'uses' in step
  const given = 'with' in step ? template(`${pointer}/with`, step.with) : []
  const env = 'env' in step ? template(`${pointer}/env`, step.env, textsType) : []
  return [
    ...given.map((field) => (isHandler ? { ...field, secrets: 'whole' as const } : field)),
    ...env.map((field) => ({ ...field, secrets: 'text' as const })),
  ]
}

function workFields(step: Step, pointer: string): FieldPlace[] {
  return [
    ...('exec' in step || 'run' in step ? template(`${pointer}/output/path`, step.output?.path, textType) : []),
    ...('http' in step ? requestFields(step.http, `${pointer}/http`) : []),
    ...('agent' in step ? agentFields(step, pointer) : []),
    ...('queue' in step ? template(`${pointer}/queue/key`, step.queue?.key, scalarType) : []),
    ...('queue' in step ? template(`${pointer}/queue/rate/per`, step.queue?.rate?.per, textType) : []),
    ...('check' in step && step.check ? checkFields(step.check, `${pointer}/check`) : []),
  ]
}

const queryType = mapType({}, union([scalarType, listType(scalarType)]))

function requestFields({ url, headers, query, body }: RequestTemplate, pointer: string): FieldPlace[] {
  return [
    ...template(`${pointer}/url`, url, textType),
    ...template(`${pointer}/headers`, headers, textsType).map((field) => ({ ...field, secrets: 'text' as const })),
    ...template(`${pointer}/query`, query, queryType),
    ...template(`${pointer}/body`, body),
  ]
}

function agentFields({ prompt, session, candidates = [], judge }: AgentStep, pointer: string): FieldPlace[] {
  return [
    ...promptFields(prompt, `${pointer}/prompt`),
    ...slot(`${pointer}/session/resume`, session?.resume, anyType),
    ...candidates.flatMap((candidate, index) =>
      promptFields(candidate.prompt, `${pointer}/candidates/${index}/prompt`),
    ),
    ...promptFields(judge?.prompt, `${pointer}/judge/prompt`),
  ]
}

// The text of a file is no part of the definition.
function promptFields(prompt: Prompt | undefined, pointer: string): FieldPlace[] {
  if (prompt === undefined || typeof prompt === 'string') return template(pointer, prompt, textType)
  return 'text' in prompt ? template(`${pointer}/text`, prompt.text, textType) : []
}

// What judges a step reads it.
function checkFields({ by, pass, onFail }: Check, pointer: string): FieldPlace[] {
  const judges =
    typeof by === 'string' || by === undefined ? slot(`${pointer}/by`, by, anyType) : judgeFields(by, `${pointer}/by`)
  const feedback = typeof onFail === 'object' ? template(`${pointer}/onFail/redo/with`, onFail.redo.with) : []
  return [...judges, ...slot(`${pointer}/pass`, pass), ...feedback].map((field) => ({ ...field, seesItself: true }))
}

function judgeFields(by: Exclude<Check['by'], string | undefined>, pointer: string): FieldPlace[] {
  return 'exec' in by
    ? template(`${pointer}/exec`, by.exec, listType(scalarType))
    : promptFields(by.prompt, `${pointer}/prompt`)
}

// A case is found by the text of the value.
const matchedType = union([scalarType, nullType])

function pureFields(step: Step, pointer: string): FieldPlace[] {
  if ('assert' in step) return slot(`${pointer}/assert`, step.assert)
  if ('match' in step) return slot(`${pointer}/match`, step.match, matchedType)
  if ('emit' in step) return emitFields(step.emit, `${pointer}/emit`)
  return 'fail' in step ? templatesIn(step.fail, { message: anyType, data: anyType }, `${pointer}/fail`) : []
}

function emitFields(emitted: Emitted, pointer: string): FieldPlace[] {
  const { reply } = emitted
  return [
    ...templatesIn(emitted, { signal: textType, data: anyType, to: textType }, pointer),
    ...(reply === undefined ? [] : [{ pointer: `${pointer}/reply`, value: reply, form: 'reply' as const }]),
  ]
}

const questionTypes = { title: textType, body: textType, subject: anyType, assignees: listType(textType) }
const watchTypes = { glob: textType, minCount: integerType, every: textType }

function waitFields(step: Step, pointer: string): FieldPlace[] {
  if ('ask' in step) return templatesIn(step.ask, questionTypes, `${pointer}/ask`)
  if ('watch' in step) return templatesIn(step.watch, watchTypes, `${pointer}/watch`)
  if (!('waitFor' in step)) return []
  const condition = slot(`${pointer}/waitFor/if`, step.waitFor.if)
  return [
    ...template(`${pointer}/waitFor/signal`, step.waitFor.signal, textType),
    ...condition.map((field) => ({ ...field, variables: ['data'] })),
  ]
}

function templatesIn<Wants extends Readonly<Record<string, Type>>>(
  value: Readonly<Partial<Record<keyof Wants & string, Json | undefined>>>,
  wants: Wants,
  pointer: string,
): FieldPlace[] {
  return Object.entries(wants).flatMap(([key, type]) => template(`${pointer}/${key}`, value[key], type))
}

function loopFields(step: Step, pointer: string): FieldPlace[] {
  if ('forEach' in step) {
    const form = typeof step.forEach.in === 'string' ? slot : template
    return [
      ...form(`${pointer}/forEach/in`, step.forEach.in, listType(anyType)),
      ...template(`${pointer}/forEach/concurrency`, step.forEach.concurrency, integerType),
    ]
  }
  if (!('repeat' in step)) return []
  // Tested before an iteration: it sees none of its steps.
  const condition = slot(`${pointer}/repeat/while`, step.repeat.while)
  const variables = step.repeat.initial === undefined ? ['iteration'] : ['iteration', 'previous']
  return [
    ...templatesIn(step.repeat, { max: integerType, every: textType, initial: anyType }, `${pointer}/repeat`),
    ...condition.map((field) => ({ ...field, variables })),
  ]
}
