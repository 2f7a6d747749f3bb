import type { RunEvent } from '@segno/schema/plan'
import type { DriverInput, DriverRequest } from '../driver/protocol.ts'
import type { AppendOutcome } from '../ports/storage.ts'
import type { ModelDrivers } from './model-drivers.ts'
import { idleWorker } from './model-store.ts'
import type { ModelLimits, ModelState, ModelStore, ModelWorker } from './model-store.ts'

/** One thing that can happen, and where it leads; `broken` names the invariant that it breaks. */
export interface ModelMove {
  readonly move: string
  readonly to: ModelState
  readonly broken: string | undefined
}

interface MovesOptions {
  readonly drivers: ModelDrivers
  readonly store: ModelStore
  readonly limits: ModelLimits
}

/** What can happen in a state of a model. */
export class ModelMoves {
  readonly #drivers: ModelDrivers
  readonly #store: ModelStore
  readonly #limits: ModelLimits

  constructor({ drivers, store, limits }: MovesOptions) {
    this.#drivers = drivers
    this.#store = store
    this.#limits = limits
  }

  /** The run has ended; or all leases that the limits allow have run out. */
  isEnd({ ended, held, token }: ModelState): boolean {
    return ended || (!held && token === this.#limits.tokens)
  }

  from(state: ModelState): ModelMove[] {
    const moves: ModelMove[] = []
    const { held, ended, token, orphans } = state
    // The store takes nothing more: what is on its way changes nothing.
    if (ended) return moves
    if (held) moves.push(allowed('the lease expires', { ...state, held: false }))
    for (const sent of orphans) moves.push(this.#write(state, sent, -1))
    for (const [index, worker] of state.workers.entries()) {
      if (worker.driver >= 0) moves.push(...this.#ofWorker(state, index, worker))
      else if (!held && token < this.#limits.tokens) moves.push(this.#acquire(state, index))
    }
    return moves
  }

  #ofWorker(state: ModelState, index: number, worker: ModelWorker): ModelMove[] {
    const moves: ModelMove[] = []
    if (worker.loading) moves.push(this.#load(state, index, worker))
    if (worker.sent >= 0 && worker.answer === '') moves.push(this.#write(state, worker.sent, index))
    if (worker.answer !== '') {
      moves.push(this.#answer(state, index, worker))
      if (state.lostAnswers < this.#limits.lostAnswers) moves.push(this.#lose(state, index, worker))
    }
    for (const attempt of worker.atWork) moves.push(this.#finish(state, index, { worker, attempt }))
    if (state.crashes < this.#limits.crashes) moves.push(crash(state, index, worker))
    return moves
  }

  #acquire(state: ModelState, index: number): ModelMove {
    const token = state.token + 1
    const driver = this.#drivers.open(token, token > 1)
    const worker = { ...idleWorker, driver, loading: true }
    return allowed(`worker ${index} acquires ${token}`, replaced({ ...state, token, held: true }, index, worker))
  }

  #load(state: ModelState, index: number, worker: ModelWorker): ModelMove {
    const { journal } = state
    const input = (): DriverInput => {
      const folded = this.#store.fold(journal)
      return { type: 'loaded', state: folded, tail: folded.seq, inbox: [], inboxHead: 0, now: 0 }
    }
    return this.#tell(state, index, { worker: { ...worker, loading: false }, name: `loads ${journal}`, input })
  }

  // `index` is -1 when the sender has died: nobody is told.
  #write(state: ModelState, sent: number, index: number): ModelMove {
    const request = this.#store.request(sent)
    const { outcome, next } = this.#store.append(state, sent)
    const worker = state.workers[index]
    const to = worker === undefined ? without(next, sent) : replaced(next, index, { ...worker, answer: outcome })
    const move = `the store answers ${request.batchId} with ${outcome}`
    const isHolder = state.held && request.token === state.token
    if (outcome === 'ok' && !isHolder) return { move, to, broken: 'only the holder of the lease writes' }
    if (outcome === 'conflict' && isHolder && worker !== undefined) {
      return { move, to, broken: 'the holder is never in conflict with itself' }
    }
    return { move, to, broken: outcome === 'ok' ? succeedsTwice(this.#store.journal(next.journal)) : undefined }
  }

  #answer(state: ModelState, index: number, worker: ModelWorker): ModelMove {
    const { answer } = worker
    const told = { ...worker, sent: -1, answer: '' } as const
    const next = this.#tell(state, index, {
      worker: told,
      name: `hears ${answer}`,
      input: () => ({ type: 'appended', outcome: outcomeOf(answer) }),
    })
    if (answer !== 'ok' && answer !== 'duplicate') return next
    return this.#store.holds(state.journal, worker.sent)
      ? next
      : { ...next, broken: 'an acknowledged event is in the journal' }
  }

  #lose(state: ModelState, index: number, worker: ModelWorker): ModelMove {
    const lost = { ...state, lostAnswers: state.lostAnswers + 1 }
    const told = { ...worker, sent: -1, answer: '' } as const
    return this.#tell(lost, index, { worker: told, name: 'loses the answer', input: () => ({ type: 'appendFailed' }) })
  }

  #finish(
    state: ModelState,
    index: number,
    { worker, attempt }: { readonly worker: ModelWorker; readonly attempt: string },
  ): ModelMove {
    const [path = '', number] = attempt.split('#')
    const done = { ...worker, atWork: worker.atWork.filter((other) => other !== attempt) }
    const settled = {
      type: 'settled',
      path,
      attempt: Number(number),
      outcome: { kind: 'completed', output: 1 },
    } as const
    return this.#tell(state, index, { worker: done, name: `finishes ${attempt}`, input: () => settled })
  }

  // Tells a driver something, and does what it asks for.
  #tell(
    state: ModelState,
    index: number,
    told: { readonly worker: ModelWorker; readonly name: string; readonly input: () => DriverInput },
  ): ModelMove {
    const driver = this.#drivers.told(told.worker.driver, told.name, told.input)
    let worker: ModelWorker = { ...told.worker, driver }
    let { performed } = state
    let broken: string | undefined
    for (const request of this.#drivers.requests(driver)) {
      if (request.type === 'perform') {
        const attempt = `${request.attempt.path}#${request.attempt.attempt}`
        if (performed.includes(attempt)) broken = 'a handler is called once for an attempt'
        performed = [...performed, attempt].toSorted()
      }
      worker = this.#after(worker, request)
    }
    return { move: `worker ${index} ${told.name}`, to: replaced({ ...state, performed }, index, worker), broken }
  }

  #after(worker: ModelWorker, request: DriverRequest): ModelWorker {
    switch (request.type) {
      case 'append':
      case 'appendAgain':
        return { ...worker, sent: this.#store.requestNumber(request.request) }
      case 'load':
        return { ...worker, loading: true }
      case 'perform':
        return { ...worker, atWork: [...worker.atWork, `${request.attempt.path}#${request.attempt.attempt}`] }
      case 'done':
        return idleWorker
      default:
        return worker
    }
  }
}

function allowed(move: string, to: ModelState): ModelMove {
  return { move, to, broken: undefined }
}

function crash(state: ModelState, index: number, { sent, answer }: ModelWorker): ModelMove {
  const orphans = sent >= 0 && answer === '' ? [...state.orphans, sent] : state.orphans
  const to = replaced({ ...state, orphans, crashes: state.crashes + 1 }, index, idleWorker)
  return allowed(`worker ${index} crashes`, to)
}

function replaced(state: ModelState, index: number, worker: ModelWorker): ModelState {
  return { ...state, workers: state.workers.map((other, at) => (at === index ? worker : other)) }
}

function without(state: ModelState, sent: number): ModelState {
  const at = state.orphans.indexOf(sent)
  return { ...state, orphans: state.orphans.filter((_, index) => index !== at) }
}

function outcomeOf(outcome: AppendOutcome['outcome'] | ''): AppendOutcome {
  if (outcome === 'ok' || outcome === 'duplicate') return { outcome, now: 0, inboxHead: 0 }
  return { outcome: outcome === '' ? 'gone' : outcome, now: 0 }
}

function succeedsTwice(events: readonly RunEvent[]): string | undefined {
  const paths = events.flatMap((event) => (event.type === 'step.completed' ? [event.path] : []))
  return new Set(paths).size === paths.length ? undefined : 'a step succeeds once'
}
