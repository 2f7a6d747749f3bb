import type { Expressions } from './expressions.ts'
import { comparable, holding, isPinned, reading, seeing, type Guard, type Outlook } from './outlook.ts'
import { integer, number, text, type Shape } from './shape.ts'
import { marked } from './spoiler.ts'

/** A condition, with what is known where it holds. */
export interface Condition {
  readonly text: string
  readonly facts: readonly Guard[]
  /** Paths of which something may be known where it holds, or where it does not: nothing is asked of them there. */
  readonly touched: readonly string[]
}

/** A condition of one of the many forms, which proves something where it can. */
export function conditionOf(expressions: Expressions, outlook: Outlook, depth: number): Condition {
  const { dice } = expressions
  switch (dice.below(depth > 0 ? 9 : 4)) {
    case 0:
      return comparison(expressions, outlook, depth)
    case 1:
    case 2:
      return guard(expressions, outlook, depth)
    case 3:
      return enumComparison(expressions, outlook, depth)
    case 4:
      return logic(expressions, outlook, depth)
    case 5:
    case 6:
      return overList(expressions, outlook, depth)
    case 7:
      return textTest(expressions, outlook, depth)
    default: {
      const inner = conditionOf(expressions, outlook, depth - 1)
      return dice.chance(50) ? { text: `!(${inner.text})`, facts: [], touched: inner.touched } : inner
    }
  }
}

function proves(condition: string, facts: readonly Guard[] = []): Condition {
  return { text: condition, facts, touched: facts.map(({ path }) => path) }
}

// Something about a value, so that comparing it again might be idle.
function pins(condition: string, path: string): Condition {
  return proves(condition, [{ kind: 'tag', path, text: condition }])
}

function comparison(expressions: Expressions, outlook: Outlook, depth: number): Condition {
  const { dice, coverage } = expressions
  const shape = dice.pick<Shape>([integer, number, text])
  const computed = expressions
    .readable(outlook, shape)
    .filter(
      ({ guards, reading: { isDeclared, shape: found } }) =>
        guards.length === 0 && isDeclared && found.kind === shape.kind,
    )
  const left =
    computed.length === 0
      ? `size(string(${expressions.write(number, outlook, depth - 1)}))`
      : dice.pick(computed).reading.path
  const other = computed.length === 0 ? integer : shape
  if (dice.chance(30) && !isPinned(left, outlook)) {
    coverage.note('equality')
    const condition = `${left} ${dice.pick(['==', '!='])} ${expressions.write(other, outlook, depth - 1)}`
    return pins(condition, left)
  }
  coverage.note('order')
  return proves(`${left} ${dice.pick(['<', '<=', '>', '>='])} ${expressions.write(other, outlook, depth - 1)}`)
}

/** A condition that tells nothing to whoever comes after it. */
export function plainCondition(expressions: Expressions, outlook: Outlook): string {
  return `size(string(${expressions.write(number, outlook, 1)})) ${expressions.dice.pick(['<', '>'])} ${expressions.write(integer, outlook, 1)}`
}

// That something is there: what the guard of a reading asks.
function guard(expressions: Expressions, outlook: Outlook, depth: number): Condition {
  const { dice, coverage } = expressions
  if (dice.chance(20)) {
    const flags = expressions
      .readable(outlook)
      .filter(
        ({ reading: { shape, path, isDeclared }, guards }) =>
          isDeclared && guards.length === 0 && shape.kind === 'boolean' && !isPinned(path, outlook),
      )
    const flag = flags.length === 0 ? undefined : dice.pick(flags).reading.path
    if (flag !== undefined) return pins(flag, flag)
  }
  const guarded = expressions.readable(outlook).filter(({ guards }) => guards.length > 0)
  if (guarded.length === 0) return comparison(expressions, outlook, depth)
  const { reading: found, guards } = dice.pick(guarded)
  for (const { kind, because } of guards) {
    coverage.note(`guard: ${kind}`)
    if (because !== undefined) coverage.note(`reason: ${because}`)
  }
  const condition = expressions.guardText(guards, found.path) ?? ''
  return proves(condition, guards)
}

function enumComparison(expressions: Expressions, outlook: Outlook, depth: number): Condition {
  const { dice, coverage, spoiler } = expressions
  const enums = expressions.readable(outlook).filter((found) => comparable(found, outlook))
  const found = enums.length === 0 ? undefined : dice.pick(enums).reading
  if (found?.shape.kind !== 'enum') return comparison(expressions, outlook, depth)
  coverage.note('enum comparison')
  const { path, shape } = found
  const word = dice.pick(shape.values)
  if (dice.chance(30)) {
    const others = shape.values.slice(0, -1)
    const condition = `${path} in [${others.map((one) => `"${one}"`).join(', ')}]`
    return pins(condition, path)
  }
  const condition = `${path} == "${word}"`
  if (spoiler.here('a comparison that cannot hold')) return proves(`${path} == "${marked(`${word}Q`)}"`)
  return dice.chance(70)
    ? proves(condition, [{ kind: 'tag', path, text: condition }])
    : pins(`${path} != "${word}"`, path)
}

function logic(expressions: Expressions, outlook: Outlook, depth: number): Condition {
  const { dice, coverage } = expressions
  const first = guard(expressions, outlook, depth - 1)
  if (dice.chance(60)) {
    coverage.note('guard by &&')
    const second = conditionOf(expressions, holding(outlook, first), depth - 1)
    const touched = [...first.touched, ...second.touched]
    return { text: `${first.text} && (${second.text})`, facts: [...first.facts, ...second.facts], touched }
  }
  coverage.note('guard by ||')
  const second = conditionOf(expressions, holding(outlook, first), depth - 1)
  const touched = [...first.touched, ...second.touched]
  return { text: `!(${first.text}) || (${second.text})`, facts: [], touched }
}

function overList(expressions: Expressions, outlook: Outlook, depth: number): Condition {
  const { dice, coverage } = expressions
  const lists = expressions
    .readable(outlook)
    .filter(({ reading: { shape, isDeclared }, guards }) => isDeclared && shape.kind === 'list' && guards.length === 0)
  if (lists.length === 0) return guard(expressions, outlook, depth)
  const { path, shape } = dice.pick(lists).reading
  if (shape.kind !== 'list') return guard(expressions, outlook, depth)
  if (dice.chance(25) && (shape.of.kind === 'text' || shape.of.kind === 'integer' || shape.of.kind === 'number')) {
    coverage.note('in')
    return proves(`${expressions.write(shape.of, outlook, depth - 1)} in ${path}`)
  }
  const macro = dice.pick(['exists', 'all'] as const)
  coverage.note(macro)
  const local = expressions.local()
  const within = seeing(outlook, [reading(local, shape.of)])
  const inner = conditionOf(expressions, within, depth - 1)
  return { text: `${path}.${macro}(${local}, ${inner.text})`, facts: [], touched: inner.touched }
}

function textTest(expressions: Expressions, outlook: Outlook, depth: number): Condition {
  const { dice, coverage } = expressions
  coverage.note('text function')
  const one = (shape: Shape): string => expressions.write(shape, outlook, depth - 1)
  return proves(`${one(text)}.${dice.pick(['contains', 'startsWith', 'endsWith'])}(${one(text)})`)
}
