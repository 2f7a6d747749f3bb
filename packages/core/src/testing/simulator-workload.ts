import type { Definition, Json, MachineState, Retry, Step, Undo, UsesStep } from '@segno/schema/plan'
import type { Random } from './random.ts'

/** What a simulated handler does, as its step tells it. Its output depends on its input only. */
export interface Work {
  readonly ms: number
  /** How many attempts fail before one succeeds. */
  readonly fails: number
  /** Does not hear that it has to stop. */
  readonly deaf: boolean
  /** Never ends by itself. */
  readonly hangs: boolean
  readonly value: Json
}

/** The name of the handler whose effect must not happen twice; `work` is the other. */
export const onceHandler = 'pay'

/** A definition of every construct, and the signals that it waits for. */
export interface RandomWorkflow {
  readonly definition: Definition
  readonly signals: readonly string[]
}

/**
 * A small workflow whose result does not depend on who is faster: each wait has a
 * signal of its own, of parallel children at most one fails, and of those that
 * are joined exactly as many succeed as are wanted. With `transactions`, some of its
 * steps have the effect `tx`; without, they are the same and have another.
 */
export function randomWorkflow(random: Random, { transactions = false } = {}): RandomWorkflow {
  const draw: Draw = {
    ...{ random, next: 0, signals: [], imports: {} },
    transactions: transactions ? random.stream('transactions') : undefined,
  }
  const steps = many(draw, 2, 1 + random.integer(4))
  const finale = random.chance(0.2) ? [work(draw)] : undefined
  const definition: Definition = {
    segno: 1,
    name: 'simulated',
    output: { seen: { type: 'object', value: Object.fromEntries(steps.map(({ id }) => [id, seen(id)])) } },
    steps,
    ...(finale === undefined ? {} : { finally: finale }),
    imports: draw.imports,
  }
  return { definition, signals: draw.signals }
}

interface Draw {
  readonly random: Random
  /** Which steps have the effect `tx`. */
  readonly transactions: Random | undefined
  next: number
  readonly signals: string[]
  /** What the workflow at hand calls and starts. */
  readonly imports: Record<string, Definition>
}

function seen(id: string): string {
  return `\${{ has(steps.${id}.output) ? steps.${id}.output : steps.${id}.status }}`
}

function named(draw: Draw): string {
  return `s${draw.next++}`
}

function many(draw: Draw, depth: number, count: number): Step[] {
  return Array.from({ length: count }, () => one(draw, depth))
}

function one(draw: Draw, depth: number): Step {
  const { random } = draw
  if (depth === 0 || random.chance(0.55)) return random.pick(leaves)(draw)
  return random.pick(blocks)(draw, depth - 1)
}

const leaves: readonly ((draw: Draw) => Step)[] = [
  ...[work, work, work, work, hanging, pay, set, sleep, waitFor, skipped],
  ...[startOther, tell],
]

type Block = (draw: Draw, depth: number) => Step

const blocks: readonly Block[] = [
  ...[group, branch, match, parallel, failing, joined, forEach, repeat, long, attempt],
  ...[call, states, takenBack],
]

const retry: Retry = { max: 3, delay: '500ms', backoff: 'constant', jitter: false }
// An attempt fails where its transaction takes too long, which is often where all else goes wrong.
const retryTransaction: Retry = { ...retry, max: 100 }

const transactionShare = 0.25

function work(draw: Draw, changes: Partial<Work> = {}): Step {
  const { random } = draw
  const fails = random.chance(0.2) ? 1 + random.integer(2) : 0
  const ms = random.pick([0, 0, 10, 400, 2500])
  // Above 16 KiB a value is kept beside the journal, and has to be loaded before it is used.
  const value = random.chance(0.05) ? 'x'.repeat(17_000) : random.integer(100)
  const doing: Work = { ms, fails, deaf: random.chance(0.1), hangs: false, value, ...changes }
  const effect = random.pick(['pure', 'idempotent'] as const)
  const step = { id: named(draw), uses: 'work', with: { ...doing }, timeout: '10m' }
  return isTransaction(draw) ? { ...step, effect: 'tx', retry: retryTransaction } : { ...step, effect, retry }
}

function isTransaction({ transactions }: Draw): boolean {
  return transactions?.chance(transactionShare) ?? false
}

function hanging(draw: Draw): Step {
  const { random } = draw
  const doing: Work = { ms: 0, fails: 0, deaf: random.chance(0.5), hangs: true, value: 0 }
  const effect = isTransaction(draw) ? ({ effect: 'tx' } as const) : {}
  return { id: named(draw), uses: 'work', with: { ...doing }, ...effect, timeout: '2s', onFailure: 'continue' }
}

function pay(draw: Draw): Step {
  const ms = draw.random.pick([0, 10, 2500])
  const doing: Work = { ms, fails: 0, deaf: false, hangs: false, value: draw.random.integer(100) }
  return { id: named(draw), uses: onceHandler, with: { ...doing }, effect: 'once', timeout: '10m' }
}

function set(draw: Draw): Step {
  return { id: named(draw), set: { value: draw.random.integer(100) } }
}

function sleep(draw: Draw): Step {
  return { id: named(draw), sleep: draw.random.pick(['0s', '800ms', '3s', '9s']) }
}

function waitFor(draw: Draw): Step {
  const signal = `signal${draw.signals.length}`
  draw.signals.push(signal)
  return { id: named(draw), waitFor: { signal } }
}

function skipped(draw: Draw): Step {
  return { ...work(draw), if: false }
}

function group(draw: Draw, depth: number): Step {
  return { id: named(draw), do: many(draw, depth, 1 + draw.random.integer(2)) }
}

function branch(draw: Draw, depth: number): Step {
  const both = { do: many(draw, depth, 1), else: many(draw, depth, 1) }
  return { id: named(draw), if: draw.random.chance(0.5), ...both }
}

function match(draw: Draw, depth: number): Step {
  const cases = { a: many(draw, depth, 1), b: many(draw, depth, 1) }
  return { id: named(draw), match: draw.random.pick(eitherCase), cases }
}

// Which of the two it is shows when it runs: of what is known before, only one would be a case.
const eitherCase = ['run.id == "" ? "b" : "a"', 'run.id == "" ? "a" : "b"']

function parallel(draw: Draw, depth: number): Step {
  const { random } = draw
  const [first, ...rest] = many(draw, depth, 2 + random.integer(2))
  if (first === undefined) return set(draw)
  const others = rest.map((step) => (random.chance(0.3) ? { ...step, needs: [first.id] } : step))
  const children = [first, ...others]
  const output = Object.fromEntries(children.map(({ id }) => [id, seen(id)]))
  return { id: named(draw), parallel: children, output, ...(random.chance(0.3) ? { concurrency: 1 } : {}) }
}

// One child fails while its siblings have more to do.
function failing(draw: Draw): Step {
  const children: Step[] = [
    { ...work(draw, { fails: 9, ms: 10, deaf: false }), retry: { max: 0 } },
    { id: named(draw), do: [work(draw, { ms: 400, fails: 0 }), work(draw), work(draw)] },
    { id: named(draw), do: [{ id: named(draw), sleep: '2s' }, work(draw)] },
  ]
  return { id: `${failFastPrefix}${named(draw)}`, parallel: children, onFailure: 'continue' }
}

/** A `parallel` of which one child fails has an id that begins so. */
export const failFastPrefix = 'fast'

// Exactly as many succeed as are wanted; the others are skipped.
function joined(draw: Draw): Step {
  const winners = [work(draw, { fails: 0 }), work(draw, { fails: 0 })]
  const output = Object.fromEntries(winners.map(({ id }) => [id, seen(id)]))
  return { id: named(draw), parallel: [skipped(draw), ...winners], join: { atLeast: 2 }, output }
}

function forEach(draw: Draw, depth: number): Step {
  const { random } = draw
  const items = Array.from({ length: random.integer(4) }, (_, index) => index)
  const body = random.chance(0.5) ? [work(draw)] : noWaits(draw, depth)
  return { id: named(draw), forEach: { in: items, concurrency: 1 + random.integer(3) }, do: body }
}

function repeat(draw: Draw, depth: number): Step {
  const { random } = draw
  const every = random.chance(0.3) ? { every: '2s' } : {}
  const bound = { max: 1 + random.integer(3), until: 'iteration >= 1', ...every }
  return { id: named(draw), repeat: bound, do: noWaits(draw, depth), onExhausted: { output: { n: 0 } } }
}

// Long enough for a snapshot whenever it rests.
function long(draw: Draw): Step {
  const body: Step[] = [work(draw, { fails: 0, ms: 10 }), { id: named(draw), sleep: '1500ms' }, set(draw)]
  return { id: named(draw), repeat: { max: 8, until: 'iteration >= 7' }, do: body, onExhausted: { output: { n: 8 } } }
}

function attempt(draw: Draw, depth: number): Step {
  const { random } = draw
  const broken: Step = { id: named(draw), fail: { code: 'BROKEN', message: 'it broke' } }
  const body = random.chance(0.5) ? [work(draw), broken] : many(draw, depth, 1)
  const last = random.chance(0.5) ? { finally: [work(draw)] } : {}
  return { id: named(draw), try: body, catch: [{ do: [set(draw)] }], ...last }
}

// Another workflow, called or started: its steps see nothing of this one.
function other(draw: Draw, steps: (inside: Draw) => Step[]): { readonly name: string; readonly id: string } {
  const id = named(draw)
  const inside: Draw = { ...draw, imports: {} }
  const body = steps(inside)
  draw.next = inside.next
  const value = Object.fromEntries(body.map((step) => [step.id, seen(step.id)]))
  const output = { seen: { type: 'object', value } } as const
  draw.imports[`of_${id}`] = { segno: 1, name: 'other', output, steps: body, imports: inside.imports }
  return { name: `of_${id}`, id }
}

function call(draw: Draw, depth: number): Step {
  const { name, id } = other(draw, (inside) => many(inside, depth, 1 + draw.random.integer(2)))
  return { id, call: name }
}

function startOther(draw: Draw): Step {
  const { name, id } = other(draw, (inside) => [work(inside), ...(draw.random.chance(0.5) ? [sleep(inside)] : [])])
  return { id, start: name, ...(draw.random.chance(0.3) ? { wait: false } : {}) }
}

function tell(draw: Draw): Step {
  return { id: named(draw), emit: { signal: 'news', data: 1 } }
}

// What it waits for is named where it rests only: elsewhere a signal that came early would be dropped.
function states(draw: Draw, depth: number): Step {
  const signal = `signal${draw.signals.length}`
  draw.signals.push(signal)
  const states: MachineState[] = [
    { do: many(draw, depth, 1), next: [{ to: 'late', if: 'size(state) > 5' }, { to: 'resting' }] },
    { on: { [signal]: { to: 'late' } } },
    { do: [work(draw)], after: { '2s': { to: 'end' } } },
    { do: [set(draw)] },
  ]
  const [first = {}, resting = {}, late = {}, end = {}] = states
  return { id: named(draw), initial: 'first', states: { first, resting, late, end } }
}

// Two steps of which the second fails, so that the first is taken back.
function takenBack(draw: Draw): Step {
  const done = { ...work(draw, { hangs: false }), undo: undoing(draw) } as Step
  const group: Step = { id: named(draw), do: [{ ...work(draw), undo: undoing(draw) } as Step] }
  const broken: Step = { id: named(draw), fail: { code: 'BROKEN', message: 'it broke' } }
  return { id: named(draw), try: [done, group, broken], catch: [{ do: [set(draw)] }] }
}

function undoing(draw: Draw): Undo {
  const { id: _, ...doing } = work(draw, { fails: 0 }) as UsesStep
  return { ...doing, timeout: '20m' }
}

// A signal is sent once, so a step that waits for one stands in no loop.
function noWaits(draw: Draw, depth: number): Step[] {
  const before = draw.signals.length
  const steps = many(draw, depth, 1 + draw.random.integer(2))
  return draw.signals.splice(before).length === 0 ? steps : [work(draw)]
}
