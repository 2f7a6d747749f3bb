import type { RunEvent } from '@segno/schema/plan'
import { createRun } from '../kernel/create.ts'
import { evolve } from '../kernel/evolve.ts'
import type { Plan } from '../kernel/plan.ts'
import { emptyState } from '../kernel/state.ts'
import type { RunState } from '../kernel/state.ts'
import { isTerminal } from '../ports/batch.ts'
import type { AppendOutcome, AppendRequest } from '../ports/storage.ts'
import { modelRun } from './model-drivers.ts'

/** How often what may happen does. */
export interface ModelLimits {
  readonly tokens: number
  readonly crashes: number
  readonly lostAnswers: number
}

/** A worker: its driver, and what is between it and the rest of the world. */
export interface ModelWorker {
  /** -1 while it has none. */
  readonly driver: number
  readonly loading: boolean
  /** An append on its way to the store, by number. */
  readonly sent: number
  /** The answer on its way back. */
  readonly answer: AppendOutcome['outcome'] | ''
  /** Attempts whose handlers are at work. */
  readonly atWork: readonly string[]
}

/** All that can differ between two moments of a model. Plain JSON: its text is its name. */
export interface ModelState {
  /** Of the journal, by number. */
  readonly journal: number
  readonly token: number
  readonly held: boolean
  readonly ended: boolean
  /** The last batch of each lease. */
  readonly remembered: readonly { readonly token: number; readonly sent: number }[]
  readonly workers: readonly ModelWorker[]
  /** Appends on their way whose senders have died. */
  readonly orphans: readonly number[]
  /** Attempts that a handler was called for. */
  readonly performed: readonly string[]
  readonly crashes: number
  readonly lostAnswers: number
}

/** A store in sixty lines: journals and appends by number, so that states are small. */
export class ModelStore {
  readonly #plan: Plan
  readonly #without: 'fence' | 'batchId' | undefined
  readonly #journals: (readonly RunEvent[])[] = []
  readonly #requests: AppendRequest[] = []
  readonly #numbers = new Map<string, number>()
  readonly #sent = new WeakMap<AppendRequest, number>()
  /** The journal that a journal becomes with a batch. */
  readonly #after = new Map<string, number>()

  constructor(plan: Plan, without: 'fence' | 'batchId' | undefined) {
    this.#plan = plan
    this.#without = without
  }

  journal(number: number): readonly RunEvent[] {
    return this.#journals[number] ?? []
  }

  request(number: number): AppendRequest {
    const request = this.#requests[number]
    if (request === undefined) throw new RangeError(`there is no append ${number}`)
    return request
  }

  journalNumber(events: readonly RunEvent[]): number {
    return this.#number('journal', this.#journals, events)
  }

  requestNumber(request: AppendRequest): number {
    const number = this.#sent.get(request) ?? this.#number('append', this.#requests, request)
    this.#sent.set(request, number)
    return number
  }

  /** Whether the journal holds what an append brought. */
  holds(number: number, sent: number): boolean {
    const { expectedSeq, events } = this.request(sent)
    const journal = this.journal(number)
    return events.every((event, at) => isDeepEqual(journal[expectedSeq + at], event))
  }

  fold(number: number): RunState {
    const state = emptyState()
    for (const event of this.journal(number)) evolve(this.#plan, state, event)
    return state
  }

  /** What becomes of an append, and of the store. */
  append(state: ModelState, sent: number): { readonly outcome: AppendOutcome['outcome']; readonly next: ModelState } {
    const request = this.request(sent)
    const refusal = this.#refusal(state, sent, request)
    if (refusal !== undefined) return { outcome: refusal, next: state }
    const ended = isTerminal(request.status)
    const remembered = [
      ...state.remembered.filter(({ token }) => token !== request.token),
      { token: request.token, sent },
    ]
    const journal = this.#journalAfter(state.journal, sent)
    return { outcome: 'ok', next: { ...state, journal, ended, remembered, held: state.held && !ended } }
  }

  #journalAfter(journal: number, sent: number): number {
    const name = `${journal} ${sent}`
    const known = this.#after.get(name)
    if (known !== undefined) return known
    const number = this.journalNumber([...this.journal(journal), ...this.request(sent).events])
    this.#after.set(name, number)
    return number
  }

  #refusal(state: ModelState, sent: number, request: AppendRequest): AppendOutcome['outcome'] | undefined {
    const isKnown = state.remembered.some((batch) => batch.sent === sent)
    if (isKnown && this.#without !== 'batchId') return 'duplicate'
    if (state.ended) return 'gone'
    const isHolder = state.held && request.token === state.token
    if (!isHolder && this.#without !== 'fence') return 'fenced'
    return this.journal(state.journal).length === request.expectedSeq ? undefined : 'conflict'
  }

  #number<T>(kind: string, all: T[], value: T): number {
    const name = `${kind} ${JSON.stringify(value)}`
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    this.#numbers.set(name, all.length)
    return all.push(value) - 1
  }

  /** The journal of a run that was created and that nobody has driven yet. */
  firstJournal(): number {
    const creation = { ...modelRun, engine: 'model', input: {}, labels: {}, handlers: {} }
    const circumstances = { now: 0, token: 0, seed: 0, blobs: new Map(), hold: true }
    return this.journalNumber(createRun(this.#plan, creation, circumstances).decision.events)
  }
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}

const idle: ModelWorker = { driver: -1, loading: false, sent: -1, answer: '', atWork: [] }

/** Nothing has happened yet but that the run was created. */
export function firstModelState(store: ModelStore, workers: number): ModelState {
  return {
    journal: store.firstJournal(),
    token: 0,
    held: false,
    ended: false,
    remembered: [],
    workers: Array.from({ length: workers }, () => idle),
    orphans: [],
    performed: [],
    crashes: 0,
    lostAnswers: 0,
  }
}

/** A worker without a driver. */
export const idleWorker = idle
