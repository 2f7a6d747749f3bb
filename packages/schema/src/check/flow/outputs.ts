import { reservedHandlers, type Capture, type Definition, type JsonSchema, type Step } from '../../definition.ts'
import { typeOfDeclared, typeOfInputs, typeOfOutputs, typeOfSchema } from '../../type/from-schema.ts'
import { intersect } from '../../type/intersect.ts'
import { typeLimits } from '../../type/limits.ts'
import { anyType, integerType, listType, literalType, mapType, textType, type Type } from '../../type/type.ts'
import { union } from '../../type/union.ts'
import type { Imports } from '../imported.ts'
import { nothingGiven, type Given } from './step-type.ts'

/** What is known of a handler before it is called. A contract of `handlerContracts` is one. */
export interface HandlerFace {
  /** Also one of the verbs that a host performs: `exec`, `run`, `http`, `watch`. */
  readonly name: string
  readonly version?: string | undefined
  /** What `with` has to fit; anything unless given. */
  readonly input?: JsonSchema | undefined
  /** What its steps give; anything unless given. */
  readonly output?: JsonSchema | undefined
}

/** What steps can be told of the world around a definition. */
export interface Surroundings {
  readonly handlers: ReadonlyMap<string, HandlerFace>
  readonly imports: Imports
}

/** The faces of handlers by name. A name alone may come with a major version: `pay@2`. */
export function facesOf(handlers: Iterable<string | HandlerFace>): ReadonlyMap<string, HandlerFace> {
  const faces = [...handlers].map((given): HandlerFace => {
    if (typeof given !== 'string') return given
    const [name, version] = nameAndMajor(given)
    return { name, version }
  })
  return new Map(faces.map((face) => [face.name, face]))
}

/** The name of a handler, and the major version that is written behind it. */
export function nameAndMajor(handler: string): readonly [name: string, major: string | undefined] {
  const [, name = handler, major] = /^(.+)@(\d+)$/.exec(handler) ?? []
  return [name, major]
}

/** The handler that a step uses, where something is known of it. */
export function faceOf(uses: string, { handlers }: Surroundings): HandlerFace | undefined {
  const [name] = nameAndMajor(uses)
  return reservedHandlers.some((word) => word === name) ? undefined : handlers.get(name)
}

/** What a step that is no block gives. Of `set` and `return` that is what stands in them. */
export function outputOf(step: Step, around: Surroundings): Given {
  const certain = (type: Type): Given => ({ type, isOptional: false })
  if ('uses' in step) {
    return certain(both(givenTo(step, around), step.output?.schema) ?? anyType)
  }
  if ('exec' in step || 'run' in step) {
    if (step.output === undefined) return nothingGiven
    const otherwise = step.output.from === 'file' ? textType : anyType
    return certain(both(givenTo(step, around), step.output.schema) ?? otherwise)
  }
  if ('http' in step) return certain(answerType(step.output?.schema))
  if ('agent' in step) {
    const isPlain = step.produces === undefined && step.check === undefined && step.candidates === undefined
    return certain(isPlain ? typed(step.output?.schema, textType) : anyType)
  }
  if ('waitFor' in step) return certain(typed(step.waitFor.schema, anyType))
  if ('ask' in step) return certain(askedType(step.ask))
  if ('watch' in step) return certain(mapType({ files: filesOf(step.watch.minCount) }))
  if ('call' in step) return certain(outputsOf(step.call, around))
  if ('start' in step) {
    return certain(step.wait === false ? mapType({ runId: textType }) : outputsOf(step.start, around))
  }
  return nothingGiven
}

/** What there is before the `output.schema` of a step has a say: of a handler by its contract, of what a process prints. */
export function givenTo(step: Step, around: Surroundings): Type | undefined {
  if ('exec' in step || 'run' in step) return step.output && captured(step.output.from)
  const contract = 'uses' in step ? faceOf(step.uses, around)?.output : undefined
  return contract === undefined ? undefined : typeOfSchema(contract)
}

/** The inputs that a workflow takes from another one. */
export function inputsOf({ input }: Definition): Type {
  return typeOfInputs(input ?? {})
}

function outputsOf(name: string, { imports }: Surroundings): Type {
  const imported = imports.get(name)
  return imported ? typeOfOutputs(imported.definition.output ?? {}) : anyType
}

function typed(schema: JsonSchema | undefined, otherwise: Type): Type {
  return schema === undefined ? otherwise : typeOfDeclared(schema)
}

// It waits for so many of them, for one unless told otherwise.
function filesOf(minCount: number | string = 1): Type {
  const certain = typeof minCount === 'number' ? Math.min(minCount, typeLimits.elementsMax) : 0
  return listType(
    textType,
    Array.from({ length: certain }, () => textType),
  )
}

// What is given has to fit both. Where nothing does, which is told elsewhere, the schema of the step is taken to be meant.
function both(given: Type | undefined, schema: JsonSchema | undefined): Type | undefined {
  if (given === undefined || schema === undefined) return schema === undefined ? given : typeOfDeclared(schema)
  const wanted = typeOfDeclared(schema)
  const common = intersect(given, wanted)
  return common.kind === 'never' && given.kind !== 'never' ? wanted : common
}

function captured(from: Capture['from']): Type | undefined {
  switch (from) {
    case 'stdout':
      return textType
    case 'lines':
    case 'files':
      return listType(textType)
    case 'json':
    case 'file':
      return undefined
    default:
      return from satisfies never
  }
}

function answerType(body: JsonSchema | undefined): Type {
  return mapType({ status: integerType, headers: mapType({}, textType), body: typed(body, anyType) })
}

function askedType({ choices, form }: Extract<Step, { ask: unknown }>['ask']): Type {
  return mapType({
    ...(choices && { choice: union(choices.map(literalType)) }),
    ...(form && { form: typeOfInputs(form) }),
    by: { type: textType, isOptional: true },
    at: textType,
    comment: { type: textType, isOptional: true },
  })
}
