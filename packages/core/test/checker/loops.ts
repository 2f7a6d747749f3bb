import type { Json } from '@segno/schema/plan'
import { denying, holding, naming, reading, seeing, type Outlook, type Reading } from './outlook.ts'
import { boolean, integer, number, randomShape, record, text, type Shape } from './shape.ts'
import { marked } from './spoiler.ts'
import { declaredOutput, readingsOfAll, settle, template, type Made, type Place, type Workshop } from './steps.ts'

const failure = record({ code: text, message: text, retryable: boolean })

/** The same steps for each item of a list. */
export function forEach(workshop: Workshop, place: Place): Made {
  const { coverage, dice } = workshop
  coverage.note('forEach')
  const { id, outlook } = place
  const { items, item } = itemsOf(workshop, outlook)
  const name = dice.chance(50) ? 'item' : 'one'
  const within = naming(outlook, [name, 'index'], [{ ...item, path: name }, reading('index', integer)])
  const body = workshop.listOf({ ...place, outlook: within, mayReturn: false })
  const isCollected = dice.chance(50)
  const end = denying(seeing(within, readingsOfAll(body, workshop)), workshop.settled)
  const shape = isCollected ? dice.pick<Shape>([text, integer, number, boolean]) : randomShape(dice, 2)
  const value = template(workshop, shape, end)
  if (isCollected) coverage.note('forEach with collect')
  const loop = {
    in: items,
    ...(name === 'item' ? {} : { as: name }),
    ...(dice.chance(40) ? { concurrency: 2 } : {}),
    ...(isCollected ? { collect: true } : {}),
  }
  const step = { id, forEach: loop, do: body.steps, output: value }
  const of = isCollected ? collectedOf(shape) : shape
  return { step, face: { id, output: { shape: { kind: 'list', of }, isDeclared: isCollected, isAlways: true } } }
}

function collectedOf(shape: Shape): Shape {
  return {
    kind: 'tagged',
    tag: 'ok',
    variants: { true: record({ output: shape }), false: record({ failure }) },
  }
}

function itemsOf(workshop: Workshop, outlook: Outlook): { readonly items: Json; readonly item: Reading } {
  const { dice, expressions, spoiler } = workshop
  const lists = expressions
    .readable(outlook)
    .filter(({ reading: { shape }, guards }) => guards.length === 0 && shape.kind === 'list')
  const list = lists.length === 0 ? undefined : dice.pick(lists).reading
  if (list?.shape.kind === 'list' && dice.chance(80)) {
    const { isDeclared, path, shape } = list
    const isWrong = spoiler.here('a loop over no list')
    return {
      items: isWrong ? marked('1 + 1') : dice.chance(50) ? path : `\${{ ${path} }}`,
      item: { path: 'item', shape: shape.of, guards: [], isDeclared },
    }
  }
  const shape = randomShape(dice, 1)
  const items = Array.from({ length: 1 + dice.below(2) }, () => template(workshop, shape, outlook))
  return { items, item: { path: 'item', shape, guards: [], isDeclared: false } }
}

/** The same steps again, with or without a memory. */
export function repeat(workshop: Workshop, place: Place): Made {
  const { coverage, dice, expressions, spoiler } = workshop
  const { id, outlook } = place
  const memory = dice.chance(45) ? memoryShape(workshop) : undefined
  const isUntil = dice.chance(50)
  const variables = [
    reading('iteration', integer),
    ...(memory === undefined ? [] : [reading('previous', memory, { isDeclared: false })]),
  ]
  const within = naming(outlook, ['iteration', ...(memory === undefined ? [] : ['previous'])], variables)
  const before = isUntil ? undefined : expressions.slot(within)
  const body = workshop.listOf({ ...place, outlook: before === undefined ? within : holding(within, before) })
  const end = seeing(denying(within, [...(before?.touched ?? []), ...workshop.settled]), readingsOfAll(body, workshop))
  const test = before ?? expressions.slot(end)
  settle(workshop, test)
  const condition = isUntil ? { until: test.text } : { while: test.text }
  coverage.note(isUntil ? 'repeat with until' : 'repeat with while')
  const { shape, value } =
    memory === undefined ? declaredOutput(workshop, end) : { shape: memory, value: template(workshop, memory, end) }
  if (memory !== undefined) coverage.note('repeat with memory')
  const initial = memory === undefined ? {} : { initial: template(workshop, memory, outlook) }
  const isWrong = memory?.kind === 'map' && spoiler.here('an output that is not as `initial`')
  const hasEnd = dice.chance(60)
  if (hasEnd) coverage.note('onExhausted')
  const step = {
    id,
    repeat: { max: 1 + dice.below(3), ...condition, ...initial },
    do: body.steps,
    output: isWrong ? 'text' : value,
    ...(isWrong ? { 'x-mistake': '/output' } : {}),
    ...(hasEnd ? { onExhausted: { output: template(workshop, shape, end) } } : {}),
  }
  // With `while` there may be no iteration at all, and then there is nothing but a memory.
  const isAlways = isUntil || memory !== undefined
  return {
    step,
    face: {
      id,
      output: { shape, isDeclared: false, isAlways },
      ...(isAlways ? {} : { mayNotHaveRun: 'no iteration' as const }),
    },
  }
}

// `initial` is widened: a word that is written there says nothing of those to come.
function memoryShape({ dice }: Workshop): Shape {
  const plain = [text, number, integer, boolean] as const
  const fields = ['sum', 'log'].map((name) => [name, dice.pick(plain)] as const)
  return dice.chance(70) ? record(Object.fromEntries(fields)) : dice.pick(plain)
}
