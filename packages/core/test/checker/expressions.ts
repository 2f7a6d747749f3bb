import type { Json } from '@segno/schema/plan'
import type { Dice } from './dice.ts'
import { conditionOf, type Condition } from './conditions.ts'
import {
  isReached,
  denying,
  holding,
  inside,
  knowing,
  missingGuards,
  reading,
  seeing,
  type Guard,
  type Outlook,
  type Reading,
} from './outlook.ts'
import type { Coverage } from './seen.ts'
import { fits, integer, number, text, boolean, type ListShape, type MapShape, type Shape } from './shape.ts'
import { marked, unguarded, type Spoiler } from './spoiler.ts'

/** Writes expressions of a wanted shape from what is in scope. */
export class Expressions {
  readonly dice: Dice
  readonly spoiler: Spoiler
  readonly coverage: Coverage
  #locals = 0

  constructor(dice: Dice, spoiler: Spoiler, coverage: Coverage) {
    this.dice = dice
    this.spoiler = spoiler
    this.coverage = coverage
  }

  /** An expression that gives a value of that shape, wherever it is evaluated. */
  write(wanted: Shape, outlook: Outlook, depth: number): string {
    // Nothing is told where nothing can get.
    if (!isReached(outlook)) return this.spoiler.muted(() => this.#write(wanted, outlook, depth))
    const spoiled = this.#spoiled(wanted, outlook)
    const written = this.#write(wanted, outlook, depth)
    return spoiled ?? written
  }

  /** A condition, and what it proves. */
  condition(outlook: Outlook, depth: number): Condition {
    return conditionOf(this, outlook, depth)
  }

  /** The condition of a slot of its own, such as `if`. */
  slot(outlook: Outlook): Condition {
    const condition = conditionOf(this, outlook, 2)
    if (this.spoiler.here('a condition that is no boolean')) return { text: marked('1 + 1'), facts: [], touched: [] }
    if (this.spoiler.here('a condition that is always true'))
      return { text: marked('has(input.patience)'), facts: [], touched: [] }
    return condition
  }

  /** The name of a variable that no other macro has. */
  local(): string {
    return `x${this.#locals++}`
  }

  /** What can be read here, and is asked for with these guards before. */
  readable(outlook: Outlook, wanted?: Shape): { readonly reading: Reading; readonly guards: readonly Guard[] }[] {
    const found: { reading: Reading; guards: readonly Guard[] }[] = []
    for (const root of outlook.readings) {
      for (const one of inside(root)) {
        if (wanted !== undefined && !fits(one.shape, wanted)) continue
        // A list that may be known to be empty: nothing gets into what goes over it.
        if (outlook.denied.includes(`${one.path}[0]`)) continue
        const guards = missingGuards(one, outlook)
        if (guards !== undefined) found.push({ reading: one, guards })
      }
    }
    return found
  }

  /** A path, as it is read where its guards hold. */
  path(path: string): string {
    const { spoiler } = this
    const [, input, afterInput = ''] = /^input\.(\w+)(.*)$/u.exec(path) ?? []
    if (input !== undefined && spoiler.here('a misspelt input')) return `input.${marked(`${input}Q`)}${afterInput}`
    const [, step, afterStep = ''] = /^steps\.(\w+)(.*)$/u.exec(path) ?? []
    if (step !== undefined && spoiler.here('a misspelt step')) return `steps.${marked(`${step}Q`)}${afterStep}`
    const [, before, field] = /^(.+\..+)\.(\w+)$/u.exec(path) ?? []
    if (field !== undefined && spoiler.here('a misspelt field')) return `${before}.${marked(`${field}Q`)}`
    return path
  }

  #spoiled(wanted: Shape, outlook: Outlook): string | undefined {
    if (this.spoiler.here('an unknown variable')) return marked('itemQ')
    if (wanted.kind === 'number' && this.spoiler.here('an operator on other types')) return `(${marked('1 + "a"')})`
    if (wanted.kind === 'boolean' && this.spoiler.here('an order of other types')) return `(${marked('1 < "a"')})`
    if (wanted.kind === 'text' && this.spoiler.here('a function on another type')) return `size(${marked('1 + 1')})`
    for (const { id, because } of outlook.hidden) {
      if (because === 'silent') {
        if (this.spoiler.here('an output of a process that has none')) return `steps.${id}.${marked('output')}`
        continue
      }
      if (because === 'untyped') {
        if (this.spoiler.here('a value of which nothing is known')) return `steps.${id}.output.${marked('name')}`
        continue
      }
      const name = `a step that is ${because === 'sibling' ? 'a sibling' : because}`
      if (this.spoiler.here(name)) return `steps.${marked(id)}.status`
    }
    return undefined
  }

  #write(wanted: Shape, outlook: Outlook, depth: number): string {
    const { dice } = this
    if (depth <= 0) return dice.chance(60) ? this.#read(wanted, outlook, 0) : this.literal(wanted)
    switch (dice.below(6)) {
      case 0:
        return this.literal(wanted)
      case 1:
      case 2:
      case 3:
        return this.#read(wanted, outlook, depth)
      case 4:
        return this.#choose(wanted, outlook, depth)
      default:
        return this.#compute(wanted, outlook, depth)
    }
  }

  /** A value that is written out. */
  literal(wanted: Shape): string {
    this.coverage.note('literal')
    return celText(this.literalValue(wanted), this.dice)
  }

  literalValue(wanted: Shape): Json {
    const { dice } = this
    switch (wanted.kind) {
      case 'text':
        return dice.pick(['', 'a', 'it is "so"', "it's", 'tea and more'])
      case 'integer':
        return dice.below(5)
      case 'number':
        return dice.pick([0, 1, 2.5, -1])
      case 'boolean':
        return dice.chance(50)
      case 'any':
        return dice.pick<Json>([null, 1, 'any', [1], { any: true }])
      case 'enum':
        return dice.pick(wanted.values)
      case 'nullable':
        return dice.chance(50) ? null : this.literalValue(wanted.of)
      case 'list':
        return Array.from({ length: 1 + dice.below(2) }, () => this.literalValue(wanted.of))
      case 'dictionary':
        return { name: this.literalValue(wanted.of) }
      case 'map':
        return this.#literalMap(wanted)
      case 'tagged': {
        const word = dice.pick(Object.keys(wanted.variants))
        return { [wanted.tag]: word, ...(this.#literalMap(wanted.variants[word]) as object) }
      }
      default:
        return wanted satisfies never
    }
  }

  #literalMap(shape: MapShape | undefined): Json {
    const fields = Object.entries(shape?.fields ?? {}).filter(
      ([, { isOptional }]) => !isOptional || this.dice.chance(50),
    )
    return Object.fromEntries(fields.map(([name, field]) => [name, this.literalValue(field.shape)]))
  }

  #read(wanted: Shape, outlook: Outlook, depth: number): string {
    const all = this.readable(outlook, wanted)
    const guarded = all.filter(({ guards }) => guards.length > 0)
    const from = guarded.length > 0 && this.dice.chance(60) ? guarded : all
    if (from.length === 0) return this.literal(wanted)
    const { reading: found, guards } = this.dice.pick(from)
    this.coverage.note('reading')
    const path = this.path(found.path)
    if (guards.length === 0) return path
    const fallback = this.write(
      wanted,
      denying(
        outlook,
        guards.map((guard) => guard.path),
      ),
      depth - 1,
    )
    const last = guards.at(-1)
    this.#noteGuards(guards)
    this.coverage.note('guard by ?:')
    const rest = this.guardText(guards.slice(0, -1))
    if (last !== undefined && isTold(last, found, outlook) && this.spoiler.here(unguarded(last))) {
      const wrong = markedAt(last, found.path)
      return rest === undefined ? wrong : `(${rest} ? ${wrong} : ${fallback})`
    }
    return `(${this.guardText(guards, found.path)} ? ${path} : ${fallback})`
  }

  #noteGuards(guards: readonly Guard[]): void {
    for (const { kind, because } of guards) {
      this.coverage.note(`guard: ${kind}`)
      if (because !== undefined) this.coverage.note(`reason: ${because}`)
    }
  }

  /** The guards as one condition; where only things may be missing, often as one `has()` of the whole path. */
  guardText(guards: readonly Guard[], path?: string): string | undefined {
    if (guards.length === 0) return undefined
    const onlyMissing = guards.every(({ kind }) => kind === 'field' || kind === 'element' || kind === 'ran')
    if (path !== undefined && /[.\]]/.test(path) && onlyMissing && guards.length > 1 && this.dice.chance(50)) {
      this.coverage.note('guard by has of the whole path')
      return `has(${path})`
    }
    return guards.map(({ text: one }) => one).join(' && ')
  }

  #choose(wanted: Shape, outlook: Outlook, depth: number): string {
    const condition = this.condition(outlook, depth - 1)
    const { text: test, touched } = condition
    this.coverage.note('conditional')
    const yes = this.write(wanted, holding(outlook, condition), depth - 1)
    const no = this.write(wanted, denying(outlook, touched), depth - 1)
    return `(${test} ? ${yes} : ${no})`
  }

  #compute(wanted: Shape, outlook: Outlook, depth: number): string {
    const one = (shape: Shape): string => this.write(shape, outlook, depth - 1)
    switch (wanted.kind) {
      case 'text':
        return this.#text(one, () => this.#list({ kind: 'list', of: text }, outlook, depth))
      case 'integer':
      case 'number':
        return this.#number(wanted, outlook, one)
      case 'boolean':
        return `(${this.condition(outlook, depth - 1).text})`
      case 'any':
        return one(this.dice.pick([text, integer, boolean]))
      case 'nullable':
        return this.dice.chance(30) ? 'null' : one(wanted.of)
      case 'list':
        return this.#list(wanted, outlook, depth)
      case 'dictionary':
        return `{"name": ${one(wanted.of)}}`
      case 'map':
        return this.#map(wanted, one)
      case 'tagged':
      case 'enum':
        return this.#choose(wanted, outlook, depth)
      default:
        return wanted satisfies never
    }
  }

  #text(one: (shape: Shape) => string, list: () => string): string {
    const { dice, coverage } = this
    coverage.note('text function')
    switch (dice.below(6)) {
      case 0:
        return `${one(text)}.upperAscii()`
      case 1:
        coverage.note('conversion')
        return `string(${one(dice.pick([integer, number, boolean, text]))})`
      case 2:
        return `${one(text)}.replace("a", ${one(text)})`
      case 3:
        return `${list()}.join(", ")`
      case 4:
        return `${one(text)}.trim()`
      default:
        return `(${one(text)} + ${one(text)})`
    }
  }

  #number(wanted: Shape, outlook: Outlook, one: (shape: Shape) => string): string {
    const { dice, coverage } = this
    const choice = dice.below(wanted.kind === 'integer' ? 4 : 7)
    if (choice === 0) {
      coverage.note('size')
      const sized = this.readable(outlook).filter(
        ({ reading: found, guards }) => isSized(found.shape) && guards.length === 0,
      )
      if (sized.length === 0) return `size(${one(text)})`
      const { path, shape, isDeclared } = dice.pick(sized).reading
      if (shape.kind !== 'list' || !isDeclared || dice.chance(40)) return `size(${path})`
      coverage.note('filter')
      const local = this.local()
      return `size(${path}.filter(${local}, ${this.condition(seeing(outlook, [reading(local, shape.of)]), 1).text}))`
    }
    coverage.note('arithmetic')
    const small = dice.pick([2, 3])
    switch (choice) {
      case 1:
        return `(${one(integer)} ${dice.pick(['+', '-'])} ${one(integer)})`
      case 2:
        return `(${one(integer)} * ${small})`
      case 3:
        return `int(${one(number)})`
      case 4:
        return `(${one(number)} / ${small})`
      case 5:
        return `-(${one(number)})`
      default:
        return `(${one(number)} % ${small})`
    }
  }

  #list(wanted: ListShape, outlook: Outlook, depth: number): string {
    const { dice, coverage } = this
    const lists = this.readable(outlook).filter(
      ({ reading: { shape, isDeclared }, guards }) => isDeclared && shape.kind === 'list' && guards.length === 0,
    )
    const list = lists.length === 0 ? undefined : dice.pick(lists).reading
    if (list === undefined || list.shape.kind !== 'list' || dice.chance(30)) {
      coverage.note('list literal')
      const items = Array.from({ length: 1 + dice.below(2) }, () => this.write(wanted.of, outlook, depth - 1))
      return `[${items.join(', ')}]`
    }
    const local = this.local()
    const of = list.shape.of
    const within = seeing(outlook, [reading(local, of)])
    if (fits(of, wanted.of) && dice.chance(50)) {
      coverage.note('filter')
      return `${list.path}.filter(${local}, ${this.condition(within, depth - 1).text})`
    }
    coverage.note('map')
    const guards = this.#elementGuards(local, of)
    if (guards === undefined) return `${list.path}.map(${local}, ${this.write(wanted.of, within, depth - 1)})`
    coverage.note('guard by macro')
    const known = knowing(within, guards)
    return `${list.path}.map(${local}, ${guards.map((guard) => guard.text).join(' && ')}, ${this.write(wanted.of, known, depth - 1)})`
  }

  // The guards of something in the element that may not be there.
  #elementGuards(local: string, of: Shape): readonly Guard[] | undefined {
    const all = inside(reading(local, of)).filter(({ guards }) => guards.length > 0)
    return all.length === 0 ? undefined : this.dice.pick(all).guards
  }

  #map({ fields }: MapShape, one: (shape: Shape) => string): string {
    this.coverage.note('map literal')
    const entries = Object.entries(fields).filter(([, { isOptional }]) => !isOptional || this.dice.chance(50))
    return `{${entries.map(([name, { shape }]) => `"${name}": ${one(shape)}`).join(', ')}}`
  }
}

// Nothing is told where null itself is read and not inside of it, and where something else tells what became of a step.
function isTold({ kind, path }: Guard, found: Reading, { facts, denied }: Outlook): boolean {
  if (kind === 'null' || kind === 'error') return found.path !== path
  const step = path.slice(0, path.lastIndexOf('.') + 1)
  return (
    (kind !== 'ran' && kind !== 'failed') ||
    ![...facts.map((fact) => fact.path), ...denied].some((known) => known.startsWith(step))
  )
}

// The path, with marks around the name that may not be there; around what may be null.
function markedAt({ kind, path }: Guard, whole: string): string {
  if ((kind === 'null' || kind === 'error') && path.endsWith(']')) return marked(path) + whole.slice(path.length)
  const from = kind === 'tag' || kind === 'ok' ? path.lastIndexOf('.') : (/[^.[]*$/.exec(path)?.index ?? 0)
  const name = /^[.[]?"?([^.[\]"]+)/.exec(whole.slice(from))?.[1] ?? ''
  const start = whole.indexOf(name, from)
  return whole.slice(0, start) + marked(name) + whole.slice(start + name.length)
}

function isSized({ kind }: Shape): boolean {
  return kind === 'list' || kind === 'text' || kind === 'map' || kind === 'dictionary'
}

/** A value as an expression writes it. */
function celText(value: Json, dice: Dice): string {
  if (typeof value === 'string') return quoted(value, dice)
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map((item) => celText(item, dice)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value as Readonly<Record<string, Json>>)
  return `{${entries.map(([name, item]) => `"${name}": ${celText(item, dice)}`).join(', ')}}`
}

function quoted(value: string, dice: Dice): string {
  return dice.chance(50) && !value.includes("'") ? `'${value}'` : JSON.stringify(value)
}
