import type { Json, JsonObject } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { describe, evaluate, typeMismatch } from './deciding.ts'
import type { PlanProcess, WorkNode } from './plan.ts'
import { NoValue } from './scope.ts'
import type { Frame } from './state.ts'

/**
 * The input of a process with every value as the text that the program gets.
 * What is no text, number or boolean fails, and so does an argument from data that
 * the program would read as an option.
 */
export function processInput(deciding: Deciding, node: WorkNode, frame: Frame): JsonObject | NoValue {
  const { openArguments, inherited } = node.process as PlanProcess
  const input = evaluate(deciding, node.input, frame)
  if (input instanceof NoValue) return input
  // The plan says which of these there are; expressions are only in what they hold.
  const { argv, env: own, path } = input as RawInput
  const env = environment(deciding, inherited, frame, own)
  if (env instanceof NoValue) return env
  const texts: Record<string, Json> = {}
  if (argv !== undefined) {
    const list = argumentTexts(argv, openArguments)
    if (list instanceof NoValue) return list
    texts['argv'] = list
  }
  if (env !== undefined) {
    const variables = variableTexts(env)
    if (variables instanceof NoValue) return variables
    texts['env'] = variables
  }
  if (path !== undefined) {
    if (typeof path !== 'string' || path === '')
      return typeMismatch(`\`output.path\` is ${describe(path)}; expected a path`)
    texts['path'] = path
  }
  return texts
}

interface RawInput {
  readonly argv?: readonly Json[]
  readonly env?: Variables
  readonly path?: Json
}

type Variables = Readonly<Record<string, Json>>

function environment(
  deciding: Deciding,
  inherited: PlanProcess['inherited'],
  frame: Frame,
  own: Variables | undefined,
): Variables | undefined | NoValue {
  if (inherited.length === 0) return own
  const merged: Record<string, Json> = {}
  for (const { up, env } of inherited) {
    const values = evaluate(deciding, env, above(frame, up))
    if (values instanceof NoValue) return values
    Object.assign(merged, values)
  }
  return { ...merged, ...own }
}

function above(frame: Frame, up: number): Frame | undefined {
  let place: Frame | undefined = frame
  for (let lists = 0; lists < up; lists++) place = place?.owner.frame
  return place
}

function argumentTexts(argv: readonly Json[], open: readonly number[]): string[] | NoValue {
  const texts: string[] = []
  for (const [index, value] of argv.entries()) {
    const text = textOf(value)
    if (text === undefined) return noText(`argument ${index} of the program`, value)
    if (text.includes('\0')) return refused(`argument ${index} of the program holds a NUL character`)
    if (open.includes(index) && text.startsWith('-')) {
      return refused(
        `argument ${index} of the program is ${describe(value)}, which it would read as an option; write "--" before it, or join it as in --name=\${{ … }}`,
      )
    }
    texts.push(text)
  }
  return texts
}

function variableTexts(env: Variables): JsonObject | NoValue {
  const texts: Record<string, Json> = {}
  for (const [name, value] of Object.entries(env)) {
    const text = textOf(value)
    if (text === undefined) return noText(`the variable ${name}`, value)
    if (text.includes('\0')) return refused(`the variable ${name} holds a NUL character`)
    texts[name] = text
  }
  return texts
}

function textOf(value: Json): string | undefined {
  return typeof value === 'object' ? undefined : String(value)
}

function noText(what: string, value: Json): NoValue {
  return typeMismatch(`${what} is ${describe(value)}; expected a text, a number or a boolean`)
}

function refused(message: string): NoValue {
  return new NoValue({ code: 'ARGUMENT_REFUSED', message, retryable: false })
}
