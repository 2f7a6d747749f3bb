import type { Definition, Step, Undo } from '@segno/schema/plan'
import fc from 'fast-check'

/** What a random definition may contain. */
export interface Palette {
  /** Steps whose lost attempts block the run, failures that block, and expressions that fail. */
  readonly blocking: boolean
}

/** Small definitions of every construct, nested at most three deep. Step ids are `s0`, `s1`, … in plan order. */
export function definitions(palette: Palette): fc.Arbitrary<Definition> {
  const finale = fc.option(fc.array(sketches(palette, 1), { minLength: 1, maxLength: 2 }), { nil: undefined })
  const limit = fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined, freq: 8 })
  return fc
    .record({ steps: fc.array(sketches(palette, 3), { minLength: 1, maxLength: 4 }), finale, limit })
    .map(({ steps, finale: last, limit: max }) => {
      const naming: Naming = { ids: { next: 0 }, imports: {} }
      const body = nameAll(naming, steps, { mayReturn: true })
      return {
        segno: 1,
        name: 'random',
        output: { seen: { type: 'array', value: [] } },
        ...(palette.blocking && max !== undefined ? { limits: { steps: max } } : {}),
        steps: body,
        ...(last === undefined ? {} : { finally: nameAll(naming, last, { mayReturn: false }) }),
        imports: naming.imports,
      }
    })
}

/** A step without its id: that depends on the steps before it. */
type Sketch = (naming: Naming, place: Place) => Step

interface Naming {
  /** Of the whole definition, and of what it imports. */
  readonly ids: { next: number }
  readonly imports: Record<string, Definition>
}

interface Place {
  readonly mayReturn: boolean
  /** The step before it in its list. */
  readonly before?: string
}

function nameAll(naming: Naming, sketches: readonly Sketch[], place: Place): Step[] {
  let { before } = place
  return sketches.map((sketch) => {
    const step = sketch(naming, { ...place, ...(before === undefined ? {} : { before }) })
    before = step.id
    return step
  })
}

function named<Fields extends object>(naming: Naming, fields: Fields): Fields & { id: string } {
  return { id: `s${naming.ids.next++}`, ...fields }
}

function sketches(palette: Palette, depth: number): fc.Arbitrary<Sketch> {
  const leaf = fc.oneof(
    { weight: 6, arbitrary: usesSketch(palette) },
    { weight: 1, arbitrary: setSketch() },
    { weight: 1, arbitrary: waitSketch() },
    { weight: 1, arbitrary: sleepSketch() },
    { weight: 1, arbitrary: endSketch() },
    { weight: 1, arbitrary: otherWaitSketch() },
    { weight: 1, arbitrary: startSketch() },
  )
  if (depth === 0) return leaf
  return fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 2, arbitrary: blockSketch(palette, depth - 1) })
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 })

/** The fields that are not undefined. */
function given<Fields extends object>(fields: Fields): { [K in keyof Fields]?: Exclude<Fields[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}

const retries = fc.record({
  max: fc.integer({ min: 1, max: 2 }),
  delay: fc.constantFrom('0s', '1s', '3s'),
  backoff: fc.constantFrom('exponential' as const, 'constant' as const),
  jitter: fc.constant(false),
})

const timeouts = fc.constantFrom('1s', '2s', '10s')

function onFailures({ blocking }: Palette): fc.Arbitrary<'fail' | 'continue' | 'block'> {
  return blocking ? fc.constantFrom('fail', 'continue', 'block') : fc.constantFrom('fail', 'continue')
}

function usesSketch(palette: Palette): fc.Arbitrary<Sketch> {
  const effects = palette.blocking
    ? fc.constantFrom('pure', 'idempotent', 'once')
    : fc.constantFrom('pure', 'idempotent')
  return fc
    .record({
      effect: maybe(effects as fc.Arbitrary<'pure' | 'idempotent' | 'once'>),
      retry: maybe(retries),
      timeout: maybe(timeouts),
      onFailure: maybe(onFailures(palette)),
      undo: maybe(undos(palette)),
      skipped: fc.integer({ min: 0, max: 9 }),
    })
    .map(({ skipped, ...modifiers }) => (naming, { before }) => {
      const seen = before === undefined ? {} : { with: { before: `\${{ steps.${before}.status }}` } }
      return named(naming, { uses: 'work', ...seen, ...given(modifiers), ...(skipped === 0 ? { if: false } : {}) })
    })
}

// What takes a step back reads what it gave, which is not there where nobody knows what it did.
function undos({ blocking }: Palette): fc.Arbitrary<Undo> {
  const retry = { max: 2, delay: '1s', jitter: false }
  return fc.constantFrom<Undo>(
    { uses: 'work', with: 'back', ...(blocking ? {} : { retry: { ...retry, max: 9 } }) },
    { uses: 'work', with: 'back', retry: blocking ? retry : { ...retry, max: 9 } },
  )
}

function otherWaitSketch(): fc.Arbitrary<Sketch> {
  return fc
    .record({ verb: fc.constantFrom('ask', 'emit', 'until'), timeout: maybe(timeouts) })
    .map(({ verb, timeout }) => (naming) => {
      if (verb === 'emit') return named(naming, { emit: { signal: 'news', data: 1 } })
      if (verb === 'until') return named(naming, { sleepUntil: '2023-11-14T22:13:25Z' })
      return named(naming, { ask: { title: 'Go on?', choices: ['yes', 'no'] }, ...given({ timeout }) })
    })
}

function startSketch(): fc.Arbitrary<Sketch> {
  return fc
    .record({
      wait: maybe(fc.boolean()),
      detached: maybe(fc.boolean()),
      retry: maybe(retries),
      timeout: maybe(timeouts),
    })
    .map((modifiers) => (naming) => {
      const step = named(naming, { start: 'other', ...given(modifiers) })
      naming.imports['other'] = { segno: 1, name: 'other', steps: [{ id: 'only', set: {} }] }
      return step
    })
}

function setSketch(): fc.Arbitrary<Sketch> {
  return fc.constant((naming, { before }) => {
    const value =
      before === undefined
        ? 'nothing'
        : `\${{ has(steps.${before}.output) ? steps.${before}.output : steps.${before}.status }}`
    return named(naming, { set: { value } })
  })
}

function waitSketch(): fc.Arbitrary<Sketch> {
  return fc
    .record({
      signal: fc.constantFrom('red', 'green'),
      timeout: maybe(timeouts),
      test: maybe(fc.constantFrom('data.ok', 'true')),
    })
    .map(({ signal, timeout, test }) => (naming) => {
      return named(naming, { waitFor: { signal, ...(test === undefined ? {} : { if: test }) }, ...given({ timeout }) })
    })
}

function sleepSketch(): fc.Arbitrary<Sketch> {
  return fc.constantFrom('0s', '1s', '4s').map((sleep) => (naming) => named(naming, { sleep }))
}

function endSketch(): fc.Arbitrary<Sketch> {
  return fc.constantFrom('fail', 'assert', 'return').map((verb) => (naming, { mayReturn }) => {
    if (verb === 'fail') return named(naming, { fail: { code: 'BROKEN', message: 'it broke' } })
    if (verb === 'return' && mayReturn) return named(naming, { return: { seen: [1] } })
    return named(naming, { assert: 'size(run.id) > 1' })
  })
}

function blockSketch(palette: Palette, depth: number): fc.Arbitrary<Sketch> {
  const list = fc.array(sketches(palette, depth), { maxLength: 3 })
  const one = fc.array(sketches(palette, depth), { minLength: 1, maxLength: 2 })
  const modifiers = fc
    .record({
      retry: maybe(retries),
      timeout: maybe(timeouts),
      onFailure: maybe(onFailures(palette)),
      undo: fc.option(undos(palette), { nil: undefined, freq: 6 }),
    })
    .map(given)
  return fc.oneof(
    branchSketch(list, modifiers),
    parallelSketch(list, modifiers),
    forEachSketch(one, modifiers),
    repeatSketch(one, modifiers),
    trySketch(one, modifiers),
    callSketch(list, maybe(one)),
    statesSketch(palette, list, modifiers),
  )
}

type Modifiers = fc.Arbitrary<{ retry?: never; timeout?: never; onFailure?: never }> | fc.Arbitrary<object>

function branchSketch(list: fc.Arbitrary<Sketch[]>, modifiers: Modifiers): fc.Arbitrary<Sketch> {
  return fc
    .record({ kind: fc.constantFrom('do', 'if', 'else', 'match'), first: list, second: list, rest: modifiers })
    .map(({ kind, first, second, rest }) => (naming, place) => {
      const inside = { mayReturn: place.mayReturn }
      const block = named(naming, rest)
      const one = nameAll(naming, first, inside)
      if (kind === 'do') return { ...block, do: one, output: { size: first.length } }
      const other = nameAll(naming, second, inside)
      if (kind === 'match') return { ...block, match: '"b"', cases: { a: one, b: other } }
      return { ...block, if: kind === 'if', do: one, else: other }
    })
}

function parallelSketch(list: fc.Arbitrary<Sketch[]>, modifiers: Modifiers): fc.Arbitrary<Sketch> {
  return fc
    .record({
      children: list,
      needs: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      join: fc.constantFrom('all' as const, 'any' as const, { atLeast: 2 }),
      failFast: fc.boolean(),
      concurrency: maybe(fc.integer({ min: 1, max: 2 })),
      rest: modifiers,
    })
    .map(({ children, needs, join, failFast, concurrency, rest }) => (naming) => {
      const block = named(naming, rest)
      const steps = children.map((child, position) => {
        const before = naming.ids.next
        const step = child(naming, { mayReturn: false })
        return needs[position] === true && position > 0 ? { ...step, needs: [`s${before}`] } : step
      })
      // A child needs the one before it, whose id is known once all have theirs.
      const chained = steps.map((step, position) => {
        const sibling = steps[position - 1]
        return 'needs' in step && sibling !== undefined ? { ...step, needs: [sibling.id] } : step
      })
      return { ...block, parallel: chained, join, failFast, ...given({ concurrency }) }
    })
}

function forEachSketch(list: fc.Arbitrary<Sketch[]>, modifiers: Modifiers): fc.Arbitrary<Sketch> {
  return fc
    .record({
      items: fc.integer({ min: 0, max: 3 }),
      concurrency: maybe(fc.integer({ min: 1, max: 3 })),
      collect: fc.boolean(),
      body: list,
      output: fc.boolean(),
      rest: modifiers,
    })
    .map(({ items, concurrency, collect, body, output, rest }) => (naming) => ({
      ...named(naming, rest),
      forEach: { in: Array.from({ length: items }, (_, index) => index), collect, ...given({ concurrency }) },
      do: nameAll(naming, body, { mayReturn: false }),
      ...(output ? { output: { item: '${{ item }}' } } : {}),
    }))
}

function repeatSketch(list: fc.Arbitrary<Sketch[]>, modifiers: Modifiers): fc.Arbitrary<Sketch> {
  return fc
    .record({
      max: fc.integer({ min: 0, max: 3 }),
      bound: fc.constantFrom({}, { until: 'iteration >= 1' }, { while: 'iteration < 2' }),
      every: maybe(fc.constantFrom('0s', '2s')),
      memory: fc.boolean(),
      body: list,
      lenient: fc.boolean(),
      rest: modifiers,
    })
    .map(({ max, bound, every, memory, body, lenient, rest }) => (naming, place) => ({
      ...named(naming, rest),
      repeat: { max, ...bound, ...given({ every }), ...(memory ? { initial: { n: 0 } } : {}) },
      do: nameAll(naming, body, { mayReturn: place.mayReturn }),
      ...(memory ? { output: { n: '${{ previous.n + 1 }}' } } : {}),
      ...(lenient ? { onExhausted: { output: { n: -1 } } } : {}),
    }))
}

function trySketch(list: fc.Arbitrary<Sketch[]>, modifiers: Modifiers): fc.Arbitrary<Sketch> {
  return fc
    .record({ body: list, caught: maybe(list), only: fc.boolean(), last: maybe(list), rest: modifiers })
    .map(({ body, caught, only, last, rest }) => (naming, { mayReturn }) => ({
      ...named(naming, rest),
      try: nameAll(naming, body, { mayReturn }),
      ...(caught === undefined
        ? {}
        : { catch: [{ ...(only ? { on: ['BROKEN'] } : {}), do: nameAll(naming, caught, { mayReturn }) }] }),
      ...(last === undefined ? {} : { finally: nameAll(naming, last, { mayReturn: false }) }),
    }))
}

function callSketch(list: fc.Arbitrary<Sketch[]>, last: fc.Arbitrary<Sketch[] | undefined>): fc.Arbitrary<Sketch> {
  return fc
    .record({ body: list, last, retry: maybe(retries), timeout: maybe(timeouts) })
    .map(({ body, last: finale, ...modifiers }) => (naming) => {
      const step = named(naming, { call: '', ...given(modifiers) })
      const inside: Naming = { ids: naming.ids, imports: {} }
      const steps = nameAll(inside, body, { mayReturn: true })
      const called: Definition = {
        segno: 1,
        name: 'called',
        output: { seen: { type: 'array', value: [] } },
        steps,
        ...(finale === undefined ? {} : { finally: nameAll(inside, finale, { mayReturn: false }) }),
        imports: inside.imports,
      }
      const name = `m_${step.id}`
      naming.imports[name] = called
      return { ...step, call: name }
    })
}

// Without an operator, it leads from the first state to the last in the end.
function statesSketch(palette: Palette, list: fc.Arbitrary<Sketch[]>, modifiers: Modifiers): fc.Arbitrary<Sketch> {
  return fc
    .record({
      one: list,
      two: list,
      next: fc.constantFrom({}, { next: [{ to: 'b', if: 'state == "a"' }] }, { next: [{ to: 'b', if: 'false' }] }),
      back: fc.boolean(),
      rest: modifiers,
    })
    .map(({ one, two, next, back, rest }) => (naming, { mayReturn }) => {
      const block = named(naming, rest)
      const again = palette.blocking && back
      return {
        ...block,
        ...(again ? { max: 6 } : {}),
        initial: 'a',
        states: {
          a: {
            do: nameAll(naming, one, { mayReturn }),
            on: { red: { to: 'b', if: 'signal.data.ok' }, green: { to: 'c' } },
            after: { '4s': { to: 'c' } },
            ...next,
          },
          b: {
            do: nameAll(naming, two, { mayReturn }),
            on: { green: { to: again ? 'a' : 'c' } },
            after: { '1s': { to: 'c', if: 'false' }, '2s': { to: again ? 'a' : 'c' } },
          },
          c: {},
        },
      }
    })
}
