import type { Json, JsonObject } from '@segno/schema/plan'
import { denying, naming, reading, type Outlook } from './outlook.ts'
import {
  boolean,
  integer,
  randomEnum,
  randomMap,
  randomShape,
  record,
  schemaOf,
  text,
  type MapShape,
  type Shape,
} from './shape.ts'
import { marked } from './spoiler.ts'
import {
  mapTemplate,
  mistyped,
  settle,
  template,
  textTemplate,
  type Callee,
  type Contract,
  type Made,
  type Place,
  type Workshop,
} from './steps.ts'

type Leaf = (workshop: Workshop, place: Place) => Made

/** Every step that holds no others, the simplest first. */
export const leaves: readonly Leaf[] = [
  set,
  uses,
  uses,
  uses,
  exec,
  run,
  http,
  call,
  start,
  waitFor,
  ask,
  watch,
  emit,
  sleep,
  assert,
  uses,
  set,
]

function set(workshop: Workshop, { id, outlook }: Place): Made {
  const { dice, coverage } = workshop
  coverage.note('set')
  const fields = Object.fromEntries(dice.some(['a', 'b', 'c'], 60).map((name) => [name, randomShape(dice, 1)]))
  const shape = record(Object.keys(fields).length === 0 ? { a: text } : fields)
  const values = mapTemplate(workshop, shape, outlook)
  return { step: { id, set: values }, face: { id, output: { shape, isDeclared: false, isAlways: true } } }
}

function uses(workshop: Workshop, { id, outlook }: Place): Made {
  const { dice, coverage, contracts } = workshop
  coverage.note('uses')
  const contract = dice.pick(contracts)
  const { step, shape } = useOf(workshop, contract, outlook)
  return { step: { id, ...step }, face: { id, isWork: true, output: { shape, isDeclared: true, isAlways: true } } }
}

/** A call of a handler; one whose output nobody knows says what it has to be. */
export function useOf(
  workshop: Workshop,
  contract: Contract,
  outlook: Outlook,
): { readonly step: JsonObject; readonly shape: Shape } {
  const { dice, spoiler } = workshop
  const { name, input, output, outputSchema } = contract
  const given = input.kind === 'map' ? givenTo(workshop, input, outlook) : { with: template(workshop, input, outlook) }
  const shape = outputSchema === undefined ? randomShape(dice, 2) : output
  const declared = outputSchema === undefined ? { output: { schema: schemaOf(shape, dice) } } : {}
  const called = spoiler.here('an unknown handler') ? marked(`${name}Q`) : name
  return { step: { uses: called, ...given, ...declared }, shape }
}

// With the mistakes that can be made about the inputs of a handler, or of a workflow.
function givenTo(workshop: Workshop, input: MapShape, outlook: Outlook, whose = 'a handler'): JsonObject {
  const { spoiler } = workshop
  const values: Record<string, Json | undefined> = { ...mapTemplate(workshop, input, outlook) }
  for (const [name, { shape, isOptional }] of Object.entries(input.fields)) {
    if (shape.kind === 'any') continue
    if (!isOptional && spoiler.here(`no value for an input of ${whose}`)) {
      delete values[name]
      return { with: values, 'x-mistake': '/with' }
    }
    if (name in values && spoiler.here(`a mistyped input of ${whose}`)) values[name] = mistyped(shape)
  }
  if (spoiler.here(`an unknown input of ${whose}`))
    return { with: { ...values, otherQ: 1 }, 'x-mistake': '/with/otherQ' }
  return { with: values }
}

function exec(workshop: Workshop, { id, outlook }: Place): Made {
  const { dice, coverage, expressions, spoiler } = workshop
  coverage.note('exec')
  const argument = `\${{ ${expressions.write(dice.pick<Shape>([text, integer, boolean]), outlook, 2)} }}`
  const bad = spoiler.here('a list as an argument') ? [`\${{ ${marked('[1]')} }}`] : []
  const argv = ['tool', '--', argument, 1, textTemplate(workshop, outlook), ...bad]
  const { shape, output } = capture(workshop, outlook)
  const step = { id, exec: argv, ...(output === undefined ? {} : { output }), ...environment(workshop, outlook) }
  return { step, face: { id, isWork: true, ...(shape && { output: { shape, isDeclared: true, isAlways: true } }) } }
}

function run(workshop: Workshop, { id, outlook }: Place): Made {
  workshop.coverage.note('run')
  const { shape, output } = capture(workshop, outlook)
  const step = { id, run: 'echo hello', ...(output === undefined ? {} : { output }), ...environment(workshop, outlook) }
  return { step, face: { id, isWork: true, ...(shape && { output: { shape, isDeclared: true, isAlways: true } }) } }
}

function environment(workshop: Workshop, outlook: Outlook): JsonObject {
  const { dice, expressions } = workshop
  if (dice.chance(60)) return {}
  const value = expressions.write(dice.pick<Shape>([text, integer, boolean]), outlook, 2)
  return { env: { NAME: `\${{ ${value} }}`, LEVEL: 1 } }
}

function capture(workshop: Workshop, outlook: Outlook): { readonly shape?: Shape; readonly output?: JsonObject } {
  const { dice } = workshop
  const lines: Shape = { kind: 'list', of: text }
  switch (dice.below(7)) {
    case 0:
      return { shape: text, output: { from: 'stdout' } }
    case 1:
      return { shape: lines, output: { from: 'lines' } }
    case 2:
      return {
        shape: lines,
        output: { from: 'files', path: `out/\${{ ${workshop.expressions.write(text, outlook, 1)} }}/*.md` },
      }
    case 3:
    case 4:
      return {}
    default: {
      const shape = randomShape(dice, 2)
      return { shape, output: { from: 'json', schema: schemaOf(shape, dice) } }
    }
  }
}

function http(workshop: Workshop, { id, outlook }: Place): Made {
  const { dice, coverage, expressions } = workshop
  coverage.note('http')
  const body = randomShape(dice, 2)
  const request = {
    method: 'POST',
    url: `https://api.example.com/\${{ ${expressions.write(integer, outlook, 1)} }}`,
    query: { page: `\${{ ${expressions.write(dice.pick<Shape>([text, integer, boolean]), outlook, 1)} }}` },
    body: template(workshop, randomShape(dice, 1), outlook),
  }
  const shape = record({ status: integer, headers: { kind: 'dictionary', of: text }, body })
  const step = { id, http: request, output: { schema: schemaOf(body, dice) } }
  return { step, face: { id, isWork: true, output: { shape, isDeclared: true, isAlways: true } } }
}

function call(workshop: Workshop, place: Place): Made {
  const callee = calleeOf(workshop)
  if (callee === undefined) return set(workshop, place)
  workshop.coverage.note('call')
  const { id, outlook } = place
  const step = { id, call: callee.name, ...givenTo(workshop, callee.input, outlook, 'a workflow') }
  return { step, face: { id, output: { shape: callee.output, isDeclared: true, isAlways: true } } }
}

function start(workshop: Workshop, place: Place): Made {
  const callee = calleeOf(workshop)
  if (callee === undefined) return set(workshop, place)
  const { id, outlook } = place
  const given = givenTo(workshop, callee.input, outlook, 'a workflow')
  if (workshop.dice.chance(70)) {
    workshop.coverage.note('start')
    return {
      step: { id, start: callee.name, ...given },
      face: { id, output: { shape: callee.output, isDeclared: true, isAlways: true } },
    }
  }
  workshop.coverage.note('start without wait')
  const output = { shape: record({ runId: text }), isDeclared: true, isAlways: true }
  return { step: { id, start: callee.name, wait: false, ...given }, face: { id, output } }
}

function calleeOf({ callees, dice }: Workshop): Callee | undefined {
  return callees.length === 0 ? undefined : dice.pick(callees)
}

function waitFor(workshop: Workshop, { id, outlook }: Place): Made {
  const { dice, coverage, expressions } = workshop
  const signal = dice.pick(['told', 'asked'])
  if (dice.chance(35)) {
    coverage.note('waitFor')
    return { step: { id, waitFor: { signal }, timeout: '1h' }, face: { id } }
  }
  coverage.note('waitFor with schema')
  const shape = randomShape(dice, 2)
  const test = dice.chance(50) ? expressions.slot(naming(outlook, ['data'], [reading('data', shape)])) : undefined
  if (test !== undefined) {
    coverage.note('waitFor with if')
    settle(workshop, test)
  }
  const wait = { signal, schema: schemaOf(shape, dice), ...(test === undefined ? {} : { if: test.text }) }
  return {
    step: { id, waitFor: wait, timeout: '1h' },
    face: { id, output: { shape, isDeclared: true, isAlways: true } },
  }
}

function ask(workshop: Workshop, { id, outlook }: Place): Made {
  const { dice, coverage } = workshop
  const title = textTemplate(workshop, outlook)
  const subject = dice.chance(40) ? { subject: template(workshop, randomShape(dice, 1), outlook) } : {}
  const about: MapShape['fields'] = {
    at: { shape: text, isOptional: false },
    by: { shape: text, isOptional: true },
    comment: { shape: text, isOptional: true },
  }
  if (dice.chance(50)) {
    coverage.note('ask with choices')
    const choice = randomEnum(dice)
    const shape: Shape = { kind: 'map', fields: { choice: { shape: choice, isOptional: false }, ...about } }
    const question = { title, choices: choice.values, ...subject }
    return {
      step: { id, ask: question, timeout: '1h' },
      face: { id, output: { shape, isDeclared: true, isAlways: true } },
    }
  }
  coverage.note('ask with form')
  const form = randomMap(dice, 1)
  const shape: Shape = { kind: 'map', fields: { form: { shape: form, isOptional: false }, ...about } }
  const question = { title, form: propertiesOf(form, workshop), ...subject }
  return {
    step: { id, ask: question, timeout: '1h' },
    face: { id, output: { shape, isDeclared: true, isAlways: true } },
  }
}

/** Inputs of a workflow, or fields of a form. */
export function propertiesOf({ fields }: MapShape, { dice }: Pick<Workshop, 'dice'>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { shape, isOptional }]) => [
      name,
      { ...schemaOf(shape, dice), ...(isOptional ? { optional: true } : {}) },
    ]),
  )
}

function watch(workshop: Workshop, { id, outlook }: Place): Made {
  workshop.coverage.note('watch')
  const glob = `in/\${{ ${workshop.expressions.write(text, outlook, 1)} }}/*.json`
  // There is a first file at least, which a shape does not tell.
  const shape = record({ files: { kind: 'list', of: text } })
  return {
    step: { id, watch: { glob }, timeout: '1h' },
    face: { id, output: { shape, isDeclared: false, isAlways: true } },
  }
}

function emit(workshop: Workshop, { id, outlook }: Place): Made {
  workshop.coverage.note('emit')
  const data = template(workshop, randomShape(workshop.dice, 1), outlook)
  return { step: { id, emit: { signal: 'progress', data } }, face: { id } }
}

function sleep({ coverage, dice }: Workshop, { id }: Place): Made {
  coverage.note('sleep')
  return { step: { id, sleep: dice.pick(['1s', '10m']) }, face: { id } }
}

function assert(workshop: Workshop, { id, outlook }: Place): Made {
  workshop.coverage.note('assert')
  const condition = workshop.expressions.slot(outlook)
  const message = textTemplate(workshop, denying(outlook, condition.touched))
  settle(workshop, condition)
  return { step: { id, assert: condition.text, message }, face: { id } }
}
