import type { Definition, Failure, Json, RunEvent, Step } from '@segno/schema/plan'
import { compile } from '../../src/kernel/compile.ts'
import { createRun } from '../../src/kernel/create.ts'
import type { Creation } from '../../src/kernel/create.ts'
import { decide } from '../../src/kernel/decide.ts'
import type { AttemptOutcome, Circumstances, Decision, Input } from '../../src/kernel/decide.ts'
import { sliceEventsMax } from '../../src/kernel/deciding.ts'
import { evolve } from '../../src/kernel/evolve.ts'
import { measure } from '../../src/kernel/kept.ts'
import { changes, outstanding, wakeAt, wantsContinue } from '../../src/kernel/outstanding.ts'
import type { Effect } from '../../src/kernel/outstanding.ts'
import type { Plan } from '../../src/kernel/plan.ts'
import { restore, snapshot } from '../../src/kernel/snapshot.ts'
import { emptyState, isTerminal } from '../../src/kernel/state.ts'
import type { ChildState, RunState, StepState } from '../../src/kernel/state.ts'

/** A definition of these steps. */
export function workflow(steps: readonly Step[], rest: Partial<Definition> = {}): Definition {
  return { segno: 1, name: 'test', steps, ...rest }
}

/** What an event says, in short: its type, its path, and what else decides. */
export function told(events: readonly RunEvent[]): string[] {
  return events.map((event) => {
    const path = 'path' in event && event.path !== undefined ? ` ${event.path}` : ''
    const index = 'index' in event ? ` ${event.index}` : ''
    const branch = 'branch' in event ? ` ${event.branch}` : ''
    const code = 'failure' in event && event.failure !== undefined ? ` ${event.failure.code}` : ''
    const because = 'because' in event ? ` ${event.because.code}` : ''
    return event.type + path + index + branch + code + because
  })
}

/** Where the run of a test begins. */
export interface Given extends Partial<Pick<Creation, 'input' | 'handlers' | 'fork' | 'onFailure' | 'parent'>> {
  readonly watch?: (world: World, events: readonly RunEvent[]) => void
}

type Attempt = Extract<Effect, { type: 'attempt' }>

/** A run with a journal and a store of blobs, driven by hand in virtual time. */
export class World {
  plan: Plan
  state: RunState
  /** The batches of the journal, one for each decision. */
  readonly batches: (readonly RunEvent[])[] = []
  /** All that it has gone by. */
  readonly plans: Plan[] = []
  now = 1_700_000_000_000
  token = 1
  #messages = 0
  #seed = 1
  /** As a driver that only ever asked for changes knows them: `path#attempt`, and `abort:path#attempt`. */
  readonly known = new Set<string>()
  readonly #store = new Map<string, string>()
  /** Is told of each decision, after the state has been folded. */
  readonly #watch: (world: World, events: readonly RunEvent[]) => void

  constructor(definition: Definition | Plan, { watch = () => undefined, ...given }: Given = {}) {
    this.plan = 'hash' in definition ? definition : compile(definition)
    this.#watch = watch
    this.plans.push(this.plan)
    const who = { runId: 'run', incarnation: 'incarnation', engine: 'test' }
    const creation = { ...who, input: {}, labels: {}, handlers: {}, ...given }
    const { state, decision } = createRun(this.plan, creation, this.#circumstances(new Map()))
    this.state = state
    this.#took(decision)
    this.settleDown()
  }

  get journal(): RunEvent[] {
    return this.batches.flat()
  }

  get isOver(): boolean {
    return isTerminal(this.state)
  }

  /** Lets the kernel decide, with the values that it asks for, until nothing follows at once. */
  decide(input: Input): readonly RunEvent[] {
    const events = this.#ask(input)
    return [...events, ...this.settleDown()]
  }

  settleDown(): RunEvent[] {
    const events: RunEvent[] = []
    while (wantsContinue(this.state)) events.push(...this.#ask({ type: 'continue' }))
    return events
  }

  #ask(input: Input): readonly RunEvent[] {
    const blobs = new Map<string, Json>()
    for (;;) {
      const decision = decide(this.plan, this.state, input, this.#circumstances(blobs))
      if (decision.need.length === 0) {
        this.#took(decision)
        this.#isWhole(decision)
        return decision.events
      }
      for (const { sha256 } of decision.need) {
        const text = this.#store.get(sha256)
        if (text === undefined || blobs.has(sha256)) throw new Error(`the kernel asks for ${sha256}`)
        blobs.set(sha256, JSON.parse(text) as Json)
      }
    }
  }

  // What follows at once is decided at once, but for what has to be loaded first.
  #isWhole({ events }: Decision): void {
    if (this.state.holdsBlobs || events.length >= sliceEventsMax || !wantsContinue(this.state)) return
    throw new Error(`what follows event ${this.state.seq} is left undecided`)
  }

  #circumstances(blobs: Map<string, Json>): Circumstances {
    return { now: this.now, token: this.token, seed: this.#seed++, blobs }
  }

  #took({ events, blobs }: Decision): void {
    for (const { sha256, text } of blobs) this.#store.set(sha256, text)
    if (events.length > 0) this.batches.push(events)
    const { added, removed } = changes(this.state)
    for (const { path, attempt } of removed) {
      this.known.delete(`${path}#${attempt}`)
      this.known.delete(`abort:${path}#${attempt}`)
    }
    for (const effect of added) {
      if (effect.type === 'attempt') this.known.add(`${effect.path}#${effect.attempt}`)
      if (effect.type === 'abort') this.known.add(`abort:${effect.path}#${effect.attempt}`)
    }
    this.#watch(this, events)
  }

  /** The attempts under way, by path. */
  attempts(): Attempt[] {
    return outstanding(this.state)
      .filter((effect) => effect.type === 'attempt')
      .sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  settle({ path, attempt }: Attempt, outcome: AttemptOutcome): readonly RunEvent[] {
    return this.decide({ type: 'settled', path, attempt, outcome })
  }

  /** The attempt of the step at `path` gives this. */
  complete(path: string, output?: Json): readonly RunEvent[] {
    const attempt = this.#attemptAt(path)
    if (output === undefined) return this.settle(attempt, { kind: 'completed' })
    const measured = measure(output)
    return this.settle(attempt, {
      kind: 'completed',
      ...('blob' in measured ? { outputBlob: measured.blob } : { output }),
    })
  }

  /** The attempt of the step at `path` fails. */
  fail(path: string, failure: Partial<Failure> = {}): readonly RunEvent[] {
    const whole = { code: 'OOPS', message: 'no luck', retryable: true, ...failure }
    return this.settle(this.#attemptAt(path), { kind: 'failed', failure: whole })
  }

  #attemptAt(path: string): Attempt {
    const attempt = this.attempts().find((one) => one.path === path)
    if (attempt === undefined) throw new Error(`no attempt of "${path}" is under way`)
    return attempt
  }

  /** Time passes. */
  pass(ms: number): readonly RunEvent[] {
    this.now += ms
    return this.decide({ type: 'tick' })
  }

  /** The runs that it has started and that have not settled. */
  children(): ChildState[] {
    return [...this.state.children.values()]
  }

  /** A child run is created, or ends. */
  moveChild(
    { runId, started }: ChildState,
    how: 'completed' | 'failed' | 'cancelled' | 'refused',
  ): readonly RunEvent[] {
    if (!started) {
      const failure = { code: 'INPUT_INVALID', message: 'no', retryable: false }
      const outcome = how === 'refused' ? ({ kind: 'refused', failure } as const) : ({ kind: 'created' } as const)
      return this.decide({ type: 'child', runId, outcome })
    }
    const failure = { code: 'OOPS', message: 'no luck', retryable: true }
    const told =
      how === 'failed' ? { failure } : how === 'completed' ? { output: {} } : { because: { code: 'CANCELLED' } }
    const status = how === 'refused' ? 'cancelled' : how
    return this.send('segno.child', { runId, status, ...told })
  }

  /** What people are asked. */
  questions(): StepState[] {
    return [...this.state.steps.values()].filter(
      ({ node, status, reply }) => node.kind === 'ask' && status === 'waiting' && reply === undefined,
    )
  }

  answer({ path, hash = '' }: StepState, choice: string): readonly RunEvent[] {
    return this.send('segno.answer', { path, hash, choice })
  }

  send(name: string, payload: Json = {}): readonly RunEvent[] {
    return this.decide({ type: 'messages', messages: [{ id: `m${this.#messages++}`, name, payload }] })
  }

  /** Puts the run on another plan, or has that refused. */
  migrate(plan: Plan): readonly RunEvent[] {
    const payload = { plan: plan.hash }
    const message = { id: `m${this.#messages++}`, name: 'segno.migrate', payload }
    const plans = new Map([[plan.hash, { plan, handlers: {} }]])
    const decision = decide(
      this.plan,
      this.state,
      { type: 'messages', messages: [message] },
      { ...this.#circumstances(new Map()), plans },
    )
    this.plans.push(plan)
    if (this.state.planHash === plan.hash) this.plan = plan
    this.#took(decision)
    return [...decision.events, ...this.settleDown()]
  }

  /** Moves the clock to the next wake-up. False where there is none. */
  wake(): boolean {
    const due = wakeAt(this.state)
    if (due === null) return false
    this.now = Math.max(this.now, due)
    this.decide({ type: 'tick' })
    return true
  }

  /** The process dies and another one takes over: from the journal alone, or with a snapshot. */
  crash(withSnapshot = false): readonly RunEvent[] {
    this.state = withSnapshot ? reload(this.plan, this.state) : foldAll(this.plans, this.journal)
    this.known.clear()
    this.token++
    return this.decide({ type: 'adopted', crashed: true })
  }

  /** A state as its own snapshot gives it back. */
  reload(): void {
    this.state = reload(this.plan, this.state)
    this.known.clear()
    this.decide({ type: 'continue' })
  }
}

/** The state that a journal folds to. */
export function foldAll(plan: Plan | readonly Plan[], events: readonly RunEvent[], onto = emptyState()): RunState {
  const plans = 'hash' in plan ? [plan] : plan
  const planOf = (hash: string): Plan => plans.find((one) => one.hash === hash) ?? (plans[0] as Plan)
  for (const event of events) {
    evolve(planOf(event.type === 'plan.migrated' ? event.to : onto.planHash), onto, event)
  }
  return onto
}

/** A state by way of its snapshot's text. */
export function reload(plan: Plan, state: RunState): RunState {
  return restore(plan, JSON.parse(JSON.stringify(snapshot(state))) as Json)
}
