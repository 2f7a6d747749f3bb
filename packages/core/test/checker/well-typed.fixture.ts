import type { Json, JsonObject } from '@segno/schema/plan'
import { Dice } from './dice.ts'
import { Expressions } from './expressions.ts'
import { propertiesOf } from './leaves.ts'
import { listOf, stepOf } from './lists.ts'
import { denying, reading, seeing, type Outlook } from './outlook.ts'
import { Coverage } from './seen.ts'
import {
  anything,
  randomEnum,
  randomMap,
  randomShape,
  randomTagged,
  record,
  schemaOf,
  type FieldShape,
  type MapShape,
  type Shape,
} from './shape.ts'
import { Spoiler } from './spoiler.ts'
import {
  mistyped,
  readingsOf,
  readingsOfError,
  template,
  type Callee,
  type Contract,
  type Face,
  type Workshop,
} from './steps.ts'

/** A definition without a mistake, unless the spoiler makes one, and the handlers that it is for. */
export interface WellTyped {
  readonly definition: JsonObject
  readonly handlers: readonly HandlerFace[]
}

/** A handler as the checker is told of it. */
export interface HandlerFace {
  readonly name: string
  readonly input?: JsonObject
  readonly output?: JsonObject
}

/** The verbs that the host of these definitions performs. */
export const hostVerbs = ['exec', 'run', 'http', 'watch'] as const

/** What a definition is generated from. */
export interface Recipe {
  readonly seed: number
  /** How many choices are made before only the simplest is taken. */
  readonly choices: number
  readonly spoiler?: Spoiler
  readonly coverage?: Coverage
}

/** A definition that is well-typed by construction. The same recipe gives the same one. */
export function wellTyped({ seed, choices, spoiler = new Spoiler(), coverage = new Coverage() }: Recipe): WellTyped {
  const dice = new Dice(seed, choices)
  const ids = { next: 0 }
  const contracts = contractsOf(dice)
  const tools = { dice, spoiler, coverage, ids, contracts }
  const callees = dice.chance(60) ? [calleeOf(tools, 'lib')] : []
  const { definition } = workflow(tools, callees, 'main')
  const handlers = contracts.map(({ name, inputSchema, outputSchema }) => ({
    name,
    input: inputSchema,
    ...(outputSchema === undefined ? {} : { output: outputSchema }),
  }))
  const used = new Set(usedImports(definition))
  const imports = callees
    .filter(({ name }) => used.has(name))
    .map((callee) => [callee.name, callee.definition] as const)
  return {
    definition: imports.length === 0 ? definition : { ...definition, imports: Object.fromEntries(imports) },
    handlers,
  }
}

type Tools = Pick<Workshop, 'dice' | 'spoiler' | 'coverage' | 'contracts'> & { readonly ids: { next: number } }

function contractsOf(dice: Dice): Contract[] {
  const typed = ['classify', 'store', 'send'].map((name): Contract => {
    const input = randomMap(dice, 2)
    const output = dice.chance(80) ? randomMap(dice, 2) : randomShape(dice, 2)
    return { name, input, output, inputSchema: schemaOf(input, dice), outputSchema: schemaOf(output, dice) }
  })
  return [...typed, { name: 'echo', input: anything, output: anything, inputSchema: {}, outputSchema: undefined }]
}

function calleeOf(tools: Tools, name: string): Callee {
  return tools.spoiler.muted(() => {
    const { definition, input, output } = workflow(tools, [], name)
    return { name, definition, input, output }
  })
}

interface Workflow {
  readonly definition: JsonObject
  readonly input: MapShape
  readonly output: MapShape
}

function workflow(tools: Tools, callees: readonly Callee[], name: string): Workflow {
  const { dice, spoiler, coverage } = tools
  const { input, declared, seen } = inputsOf(tools)
  const outputs = Object.fromEntries(['result', 'extra'].map((one) => [one, randomShape(dice, 2)] as const))
  const workshop: Workshop = {
    ...tools,
    expressions: new Expressions(dice, spoiler, coverage),
    callees,
    outputs,
    settled: [],
    nextId: () => `s${tools.ids.next++}`,
    listOf: (place) => listOf(workshop, place),
    stepOf: (place) => stepOf(workshop, place),
  }
  const base: Outlook = { readings: [...seen, reading('run.id', { kind: 'text' })], facts: [], denied: [], hidden: [] }
  const depth = name === 'main' ? 3 : 1
  const body = listOf(workshop, { outlook: base, depth, mayReturn: true })
  const last = dice.chance(30) ? finallyOf(workshop, base, body.faces) : undefined
  const end = seeing(
    denying(base, workshop.settled),
    [...body.faces, ...(last?.faces ?? [])].flatMap((face) => readingsOf(face, dice)),
  )
  const definition = {
    segno: 1,
    name,
    input: declared,
    output: outputsOf(workshop, outputs, end),
    steps: body.steps,
    ...(last === undefined ? {} : { finally: last.steps }),
  }
  return { definition, input, output: record(outputs) }
}

function finallyOf(workshop: Workshop, base: Outlook, faces: readonly Face[]): ReturnType<typeof listOf> {
  workshop.coverage.note('workflow finally')
  const seen = faces.flatMap((face) => readingsOf(face, workshop.dice, face.mayNotHaveRun ?? 'the end of the run'))
  const outlook = seeing(denying(base, workshop.settled), [...seen, ...readingsOfError('error', true)])
  return listOf(workshop, { outlook, depth: 1, mayReturn: false })
}

function outputsOf(workshop: Workshop, outputs: Readonly<Record<string, Shape>>, end: Outlook): JsonObject {
  const { coverage, dice, spoiler } = workshop
  return Object.fromEntries(
    Object.entries(outputs).map(([name, shape]) => {
      coverage.note('workflow output')
      const value = template(workshop, shape, end)
      const isWrong = shape.kind !== 'any' && spoiler.here('a mistyped output of the workflow')
      return [name, { ...schemaOf(shape, dice), value: isWrong ? mistyped(shape) : value }]
    }),
  )
}

// Some inputs of every kind, so that most expressions find something to read.
function inputsOf(tools: Tools): {
  readonly input: MapShape
  readonly declared: JsonObject
  readonly seen: Outlook['readings']
} {
  const { dice, coverage } = tools
  const always: Record<string, Shape> = {
    title: { kind: 'text' },
    verdict: randomEnum(dice),
    event: randomTagged(dice, 1),
    flag: { kind: 'boolean' },
    tags: { kind: 'list', of: dice.chance(50) ? { kind: 'text' } : randomShape(dice, 1) },
    order: randomMap(dice, 2),
  }
  const fields: Record<string, FieldShape> = {}
  const declared: Record<string, Json> = { patience: { enum: ['1s', '10s', '1h'], default: '10s' } }
  for (const [name, shape] of Object.entries(always)) {
    if (dice.chance(70)) fields[name] = { shape, isOptional: false }
  }
  for (const name of ['hint', 'more']) {
    if (dice.chance(70)) fields[name] = { shape: randomShape(dice, 2), isOptional: true }
  }
  for (const field of Object.values(fields)) if (field.isOptional) coverage.note('optional input')
  Object.assign(declared, propertiesOf({ kind: 'map', fields }, tools))
  const seen: Record<string, FieldShape> = {
    ...fields,
    patience: { shape: { kind: 'enum', values: ['1s', '10s', '1h'] }, isOptional: false },
  }
  if (dice.chance(60)) {
    coverage.note('input with default')
    declared['rounds'] = { type: 'integer', default: 2 }
    seen['rounds'] = { shape: { kind: 'integer' }, isOptional: false }
  }
  const all = { kind: 'map', fields: seen } as const
  const given = Object.fromEntries(
    Object.entries(seen).map(([name, field]) => [
      name,
      { ...field, isOptional: field.isOptional || !(name in fields) },
    ]),
  )
  return { input: { kind: 'map', fields: given }, declared, seen: [reading('input', all)] }
}

function usedImports(value: Json | undefined): string[] {
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(usedImports)
  if (typeof value !== 'object' || value === null) return []
  const { call, start } = value as JsonObject
  const here = [call, start].filter((name) => typeof name === 'string')
  return [...here, ...Object.values(value as JsonObject).flatMap(usedImports)]
}
