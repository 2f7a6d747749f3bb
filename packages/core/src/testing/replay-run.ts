import type { RunBundle } from '@segno/schema'
import { canonicalJson, isJsonObject } from '@segno/schema/plan'
import type { Failure, Json, RunEvent } from '@segno/schema/plan'
import { foldEvents, plansOfBundle } from '../bundle/fold-bundle.ts'
import type { BundlePlans } from '../bundle/fold-bundle.ts'
import { readBundle } from '../bundle/import-run.ts'
import { decide } from '../kernel/decide.ts'
import type { AttemptOutcome, Input } from '../kernel/decide.ts'
import { runStatus, wantsContinue } from '../kernel/outstanding.ts'
import type { RunStatus } from '../kernel/life-cycle.ts'
import type { RunState, StepState } from '../kernel/state.ts'
import { isInFlight } from '../kernel/step-status.ts'

/** Where a replay first comes to something else than the journal. */
export interface Divergence {
  /** Of the event in the journal. */
  readonly seq: number
  /** What the journal has there; nothing where it ends before. */
  readonly recorded?: RunEvent
  /** What follows there by the plan; nothing where nothing does. */
  readonly replayed?: RunEvent
}

/** What came of a replay. */
export interface Replay {
  /** Whether the plan gives every event that the journal has. */
  readonly same: boolean
  readonly divergence?: Divergence
  /** How many events of the journal were compared; the others are facts from outside. */
  readonly compared: number
  readonly status: RunStatus
}

/**
 * Runs the plan of an exported run again, offline: what came from outside (outcomes
 * of attempts, signals, answers, commands, crashes, time) is taken from the journal at
 * its place, and all that Segno itself decided is decided anew. Tells the first place where that
 * differs. Of a redacted bundle, values are not compared. Throws `BUNDLE_INVALID` for one that does not hold together.
 */
export async function replayRun(given: unknown): Promise<Replay> {
  const bundle = await readBundle(given)
  return new Replaying(bundle).toTheEnd()
}

class Replaying {
  readonly #planOf: BundlePlans
  readonly #events: readonly RunEvent[]
  readonly #texts: RunBundle['blobs']
  readonly #isRedacted: boolean
  readonly #blobs = new Map<string, Json>()
  #state: RunState
  /** Of the next event to be accounted for. */
  #next = 1
  #compared = 0

  constructor(bundle: RunBundle) {
    const { events, blobs, redacted } = bundle
    this.#planOf = plansOfBundle(bundle)
    this.#events = events
    this.#texts = blobs
    this.#isRedacted = redacted !== undefined
    this.#state = foldEvents(this.#planOf, events.slice(0, 1))
  }

  toTheEnd(): Replay {
    for (let event = this.#events[this.#next]; event !== undefined; event = this.#events[this.#next]) {
      if (isFact(this.#state, event)) {
        foldEvents(this.#planOf, [event], this.#state)
        this.#next++
        continue
      }
      const divergence = this.#decided(event)
      if (divergence !== undefined) return { ...this.#result(false), divergence }
    }
    this.#rest()
    return this.#result(true)
  }

  // A fact may have steps looked at of which nothing follows, as a migration does with all: until that was done, the run
  // counts as at work.
  #rest(): void {
    const last = this.#events.at(-1)
    if (last === undefined || !wantsContinue(this.#state)) return
    if (this.#decide({ type: 'continue' }, last).length > 0) this.#startAgain()
  }

  #result(same: boolean): Replay {
    return { same, compared: this.#compared, status: runStatus(this.#state) }
  }

  // What follows from what led to the event, as far as the journal has it from the same moment.
  #decided(event: RunEvent): Divergence | undefined {
    const input = this.#inputOf(event)
    const followed = this.#decide(input, event)
    // Nothing follows from what is known, so it was time that passed: not all that is due says so by an event of its own.
    const replayed = followed.length > 0 || input.type !== 'continue' ? followed : this.#decide({ type: 'tick' }, event)
    if (replayed.length === 0) return { seq: event.seq, recorded: event }
    for (const one of replayed) {
      const recorded = this.#events[this.#next]
      if (recorded === undefined) return { seq: one.seq, replayed: one }
      const isLater = recorded.at !== one.at
      if (isLater || isFact(this.#state, recorded, one)) {
        if (recorded === event) return { seq: one.seq, recorded, replayed: one }
        return this.#startAgain()
      }
      if (!this.#isSame(recorded, one)) {
        if (!isSameButRetryAt(recorded, one)) return { seq: one.seq, recorded, replayed: one }
        // The delay was drawn by lot, and what was drawn counts.
        this.#next++
        this.#compared++
        return this.#startAgain()
      }
      this.#next++
      this.#compared++
    }
    return undefined
  }

  // The state is ahead of the journal, or beside it: it goes on from what is recorded.
  #startAgain(): undefined {
    this.#state = foldEvents(this.#planOf, this.#events.slice(0, this.#next))
  }

  #decide(input: Input, { at }: RunEvent): readonly RunEvent[] {
    const token = this.#tokenFrom(this.#next)
    for (;;) {
      const circumstances = { now: at, token, seed: 0, blobs: this.#blobs }
      const { events, need } = decide(this.#planOf(this.#state.planHash), this.#state, input, circumstances)
      if (need.length === 0) return events
      for (const { sha256 } of need) this.#blobs.set(sha256, JSON.parse(this.#texts[sha256] ?? 'null') as Json)
    }
  }

  #tokenFrom(index: number): number {
    const started = this.#events.slice(index, index + tokenLookMax).find(({ type }) => type === 'attempt.started')
    return started?.type === 'attempt.started' ? started.token : 1
  }

  #inputOf(event: RunEvent): Input {
    const { settled, steps } = this.#state
    if (event.type === 'timer.fired' || event.type === 'attempt.abandoned') return { type: 'tick' }
    if (settled !== undefined && /^run\.(completed|failed|cancelled)$/.test(event.type)) return { type: 'told' }
    const step = 'path' in event && event.path !== undefined ? steps.get(event.path) : undefined
    const outcome = step?.node.kind === 'work' && isInFlight(step) ? this.#outcomeIn(event, step) : undefined
    if (step === undefined || outcome === undefined) return { type: 'continue' }
    return { type: 'settled', path: step.path, attempt: step.attempt, outcome }
  }

  #outcomeIn(event: RunEvent, { node }: StepState): AttemptOutcome | undefined {
    switch (event.type) {
      case 'step.completed': {
        const { output, outputBlob, exitCode } = event
        return {
          kind: 'completed',
          ...(output === undefined ? {} : { output }),
          ...(outputBlob === undefined
            ? {}
            : { outputBlob: { ...outputBlob, text: this.#texts[outputBlob.sha256] ?? 'null' } }),
          ...(exitCode === undefined ? {} : { exitCode }),
        }
      }
      case 'attempt.failed':
      case 'step.failed':
        return { kind: 'failed', failure: event.failure }
      case 'step.blocked':
        return { kind: node.onFailure === 'block' ? 'failed' : 'impossible', failure: event.failure }
      default:
        return undefined
    }
  }

  #isSame(recorded: RunEvent, replayed: RunEvent): boolean {
    const [one, other] = [recorded, replayed].map((event) => comparable(event, this.#isRedacted))
    return one === other
  }
}

const tokenLookMax = 600

// What no plan decides: it came from outside, or from the process that drove the run.
function isFact(state: RunState, event: RunEvent, replayed?: RunEvent): boolean {
  if (replayed?.type === event.type) return false
  switch (event.type) {
    case 'signal.received':
    case 'task.answered':
    case 'operator.acted':
    case 'plan.migrated':
    case 'cancel.requested':
    case 'child.started':
    case 'child.settled':
    case 'run.adopted':
    case 'run.unblocked':
    case 'attempt.lost':
      return true
    case 'signal.ignored':
      // One that was taken in first is refused by who awaits it.
      return ![...state.signals.values()].flat().some(({ id }) => id === event.id)
    case 'run.blocked':
      return event.because.code !== 'LIMIT_EXCEEDED'
    case 'step.cancelled': {
      const step = state.steps.get(event.path)
      return step?.node.kind === 'work' && isInFlight(step)
    }
    default:
      return false
  }
}

const values = new Set([
  ...['input', 'output', 'data', 'items', 'initial', 'subject', 'value', 'undo', 'hash', 'title', 'body'],
])

function comparable(event: RunEvent, isRedacted: boolean): string {
  const { runId: _, ...rest } = event as unknown as Readonly<Record<string, Json>>
  const fields = Object.entries(rest).flatMap(([key, field]): readonly (readonly [string, Json])[] => {
    if (key === 'token' || field === undefined) return []
    if (!isRedacted) return [[key, field]]
    if (values.has(key) || key.endsWith('Blob')) return []
    return isJsonObject(field) && 'code' in field ? [[key, field['code'] ?? null]] : [[key, field]]
  })
  return canonicalJson(Object.fromEntries(fields))
}

function isSameButRetryAt(recorded: RunEvent, replayed: RunEvent): boolean {
  if (recorded.type !== 'attempt.failed' || replayed.type !== 'attempt.failed') return false
  const codes = [recorded, replayed].map(({ path, attempt, failure }) =>
    canonicalJson([path, attempt, codeOf(failure)]),
  )
  return codes[0] === codes[1]
}

function codeOf({ code, message, retryable }: Failure): Json {
  return [code, message, retryable]
}
