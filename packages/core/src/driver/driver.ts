import type { Because, Json } from '@segno/schema/plan'
import type { KnownPlan } from '../kernel/deciding.ts'
import { decide, type AttemptOutcome, type Decision, type Input } from '../kernel/decide.ts'
import { changes, hasAttempts, outstanding, wakeAt, wantsContinue, type Effect } from '../kernel/outstanding.ts'
import type { Plan } from '../kernel/plan.ts'
import { isTerminal, type AttemptName, type RunState } from '../kernel/state.ts'
import type { AppendOutcome, InboxMessage, LeaseName } from '../ports/storage.ts'
import { appendOf, emptyBatch, extend, givesBack, joined, type Batch, type Sent } from './batch.ts'
import { MessageQueue } from './message-queue.ts'
import { Errands, isErrand } from './errands.ts'
import { HeldLease } from './held-lease.ts'
import { isWanted, LocalAttempts } from './local-attempts.ts'
import { messagesMax } from './protocol.ts'
import type { AttemptEffect, DriverInput, DriverOptions, DriverRequest } from './protocol.ts'
import { RequestList } from './request-list.ts'
import { SnapshotRhythm } from './snapshot-rhythm.ts'
import { StoreClock } from './store-clock.ts'
import { TransactionLine } from './transaction-line.ts'
import { Undecided } from './undecided.ts'

/** A run waits in memory for at most this long before its driver lets go of it. */
const parkAfterMs = 1000

/**
 * Drives one run while it holds its lease: a pure machine. It is told what
 * happened and asks for what is to be done; time, chance and the store are its
 * shell's. Its state may be ahead of the journal by the append in flight: no
 * handler starts and no listener hears before the acknowledgement, and any
 * definite outcome but `ok` and `duplicate` throws the state away and loads.
 */
export class Driver {
  #plan: Plan
  readonly #queue = new MessageQueue()
  readonly #lease: HeldLease
  readonly #snapshots = new SnapshotRhythm()
  readonly #local = new LocalAttempts()
  /** What is being done about other runs. */
  readonly #errands = new Errands()
  readonly #transactions = new TransactionLine()
  #state: RunState | undefined
  readonly #clock: StoreClock
  #crashed: boolean
  #seed: number
  #batches = 0
  #inboxTaken = 0
  #readingInbox = false
  #batch: Batch = emptyBatch()
  #inFlight: Sent | undefined
  /** The attempt whose transaction may have been undone: if the journal says so, it is lost. */
  #undone: AttemptName | undefined
  /** Attempts that may not start so near the end of the lease. */
  #withheld: AttemptEffect[] = []
  readonly #undecided = new Undecided()
  #alarm: number | null = null
  #stopping = false
  #done = false
  readonly #requests = new RequestList()

  constructor(options: DriverOptions) {
    this.#plan = options.plan
    this.#lease = new HeldLease(options.lease, options.leasedAt, options.leaseMs)
    this.#clock = new StoreClock(options.storeNow, options.mono)
    this.#crashed = options.crashed
    this.#seed = options.seed
  }

  /** Takes over a run that exists: what is known of it has to be loaded first. */
  open(): readonly DriverRequest[] {
    return [{ type: 'load' }]
  }

  /** Goes on from a run that this process has just created: its first batch is in the journal. */
  begin(state: RunState, decision: Decision, mono: number): readonly DriverRequest[] {
    this.#clock.mono = mono
    this.#state = state
    this.#requests.push({ type: 'publish', events: decision.events })
    this.#snapshots.wrote(decision.events.length)
    this.#release(changes(state).added)
    this.#advance()
    return this.#requests.take()
  }

  /** The plan that the run goes by. */
  get plan(): Plan {
    return this.#plan
  }

  /** The lease that it holds, and until when by the monotonic clock. */
  get lease(): LeaseName & { readonly until: number } {
    return { ...this.#lease.name, until: this.#lease.until }
  }

  /** Whether a handler may start at this moment: never in the last third of the lease, so that its first steps are covered. */
  mayStart(mono: number): boolean {
    return this.#lease.mayStart(mono)
  }

  /** Milliseconds from now until the store's clock shows `at`. */
  untilStoreTime(at: number): number {
    return this.#clock.until(at)
  }

  handle(input: DriverInput, mono: number): readonly DriverRequest[] {
    this.#clock.mono = mono
    if (!this.#done) {
      if (!this.#holds() || !this.#transactions.keep(input)) this.#take(input)
      this.#advance()
    }
    return this.#requests.take()
  }

  #take(input: DriverInput): void {
    switch (input.type) {
      case 'settled':
        return this.#settled(input)
      case 'appended':
        return this.#appended(input.outcome)
      case 'appendFailed':
        return this.#sendAgain()
      case 'ready':
        return this.#local.has(input) ? this.#transactions.add(input) : undefined
      case 'commitFailed':
        return this.#commitFailed(input.outcome)
      case 'loaded':
        return this.#loaded(input)
      case 'errandDone':
        this.#errands.done(input.name)
        return input.input === undefined ? undefined : this.#decide(input.input)
      case 'messages':
        return this.#messages(input.messages)
      case 'hint':
        return this.#readInbox()
      case 'plan':
        return this.#planKnown(input.hash, input.known)
      case 'blobs':
        return this.#loadedBlobs(input.blobs)
      case 'blobsLost':
        return this.#blobsLost(input.because)
      case 'wake':
        this.#alarm = null
        return
      case 'renewed':
        return this.#renewed(input)
      case 'leaseLost':
        return this.#lose('lost')
      case 'notRenewed':
        // Where what is on its way gives it back, the answer to that may only be late.
        return givesBack(this.#inFlight) ? undefined : this.#lose('lost')
      case 'stop':
        return this.#stop()
      case 'stopNow':
        this.#finish('released', null)
        return
      default:
        return input satisfies never
    }
  }

  #decide(input: Input, hold = this.#stopping || this.#queue.isWaiting): void {
    if (this.#state === undefined) {
      this.#undecided.defer(input)
      return
    }
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) | 0
    const decision = decide(this.#plan, this.#state, input, {
      now: this.#clock.now(),
      token: this.#lease.name.token,
      seed: this.#seed,
      blobs: this.#undecided.values,
      plans: this.#queue.plans,
      hold,
    })
    const known = this.#plan.hash === this.#state.planHash ? undefined : this.#queue.plans.get(this.#state.planHash)
    if (known !== undefined && 'plan' in known) this.#plan = known.plan
    if (decision.need.length > 0) {
      if (this.#undecided.need(input)) this.#requests.push({ type: 'loadBlobs', refs: decision.need })
      return
    }
    if (decision.events.length > 0) extend(this.#batch, { input, decision, changed: changes(this.#state) })
  }

  // What can be done now, until something has to be waited for.
  #advance(): void {
    do {
      if (!this.#holds()) for (const input of this.#transactions.takeKept()) this.#take(input)
    } while (!this.#done && this.#state !== undefined && this.#inFlight === undefined && this.#goOn(this.#state))
  }

  /** One thing that can be done; false where something has to be waited for. */
  #goOn(state: RunState): boolean {
    const { open } = this.#transactions
    if (open !== undefined) return this.#endTransaction(open)
    const holds = this.#holds()
    const due = wakeAt(state)
    // What comes of an order that waits for its plan comes before all else.
    const waits = this.#undecided.needsValues || this.#queue.isWaiting
    if (due !== null && due <= this.#clock.now() && !waits && !this.#stopping && !holds) this.#decide({ type: 'tick' })
    if (this.#batch.events.length > 0 || this.#batch.consume.length > 0) return this.#send(false)
    if (isTerminal(state)) return this.#finish('ended', null)
    if (this.#undecided.needsValues) return false
    if (this.#stopping) return this.#local.size > 0 ? false : this.#finish('released', null)
    if (waits) return false
    if (holds) return this.#openTransaction()
    if (!wantsContinue(state)) return this.#rest(state)
    const { seq } = state
    this.#decide({ type: 'continue' })
    return state.seq !== seq || !wantsContinue(state)
  }

  // Whether a transaction is open, or is wanted next.
  #holds(): boolean {
    if (this.#transactions.open !== undefined) return true
    return this.#transactions.isWaiting && !this.#stopping && this.mayStart(this.#clock.mono)
  }

  // The journal is as it was decided, and nothing is on its way to it.
  #openTransaction(): boolean {
    const next = this.#transactions.openNext((name) => this.#local.has(name) && isWanted(this.#state, name))
    if (next !== undefined) this.#requests.push({ type: 'transact', ...next })
    return next === undefined
  }

  // What is recorded with the rows of the attempt is that it completed; all else is recorded without them.
  #endTransaction({ path, attempt, isSettled }: AttemptName & { readonly isSettled: boolean }): boolean {
    if (!isSettled || this.#undecided.needsValues) return false
    if (this.#batch.events.some((event) => event.type === 'step.completed' && event.path === path))
      return this.#send(false, { path, attempt })
    this.#transactions.close()
    this.#requests.push({ type: 'rollback', path, attempt })
    return true
  }

  // Nothing to decide: the run waits for handlers, for time, or for messages.
  #rest(state: RunState): false {
    const due = wakeAt(state)
    const soon = due !== null && due - this.#clock.now() <= parkAfterMs
    if (this.#mayPark(state) && !soon) return this.#send(true)
    this.#setAlarm(due)
    return false
  }

  #mayPark(state: RunState): boolean {
    const idle = this.#local.size === 0 && this.#withheld.length === 0 && !hasAttempts(state) && !this.#errands.areOpen
    // Who is stopping reads no messages, and so cannot say that there are none.
    const busy = this.#stopping || this.#readingInbox || this.#undecided.needsValues || this.#queue.isWaiting
    return idle && !busy && !wantsContinue(state) && !isTerminal(state)
  }

  #setAlarm(due: number | null): void {
    if (due === this.#alarm) return
    this.#alarm = due
    this.#requests.push({ type: 'alarm', delayMs: due === null ? null : this.#clock.until(due) })
  }

  #send(alone: boolean, transaction?: AttemptName): false {
    const [state, batch] = [this.#state, this.#batch]
    if (state === undefined) return false
    this.#batch = emptyBatch()
    const due = wakeAt(state)
    const far = due === null || due - this.#clock.now() > parkAfterMs
    // A message that came meanwhile would undo the work of its handler.
    const park = transaction === undefined && (alone || (far && this.#mayPark(state) && !batch.added.some(isErrand)))
    const snapshot = this.#snapshots.take(state, batch.events.length, park)
    const { name } = this.#lease
    const rest = park ? { inboxHead: this.#inboxTaken } : undefined
    const request = appendOf(state, batch, name, { number: this.#batches++, wakeAt: due, snapshot, park: rest })
    this.#inFlight = { request, batch, commits: transaction }
    if (transaction === undefined) this.#requests.push({ type: 'append', request })
    else this.#requests.push({ type: 'commit', ...transaction, request })
    return false
  }

  // Whether it was written is not known: the same batch again, as long as the lease may hold.
  #sendAgain(): void {
    if (this.#inFlight === undefined) return
    if (this.#clock.mono >= this.#lease.until) return this.#lose('lost')
    this.#requests.push({ type: 'appendAgain', request: this.#inFlight.request })
  }

  #appended(outcome: AppendOutcome): void {
    const sent = this.#inFlight
    if (sent === undefined) return
    const { request, batch, commits } = sent
    this.#inFlight = undefined
    if (commits !== undefined) this.#transactions.close()
    this.#clock.observe(outcome.now)
    switch (outcome.outcome) {
      case 'ok':
      case 'duplicate': {
        // Known, but without the rows.
        if (commits !== undefined && outcome.outcome === 'duplicate') return this.#reload(batch, commits)
        if (batch.events.length > 0) this.#requests.push({ type: 'publish', events: batch.events })
        this.#local.forget(batch.removed, this.#requests)
        // Written before this answer, and the store's clock has jumped since: somebody else may hold the run.
        if (outcome.outcome === 'duplicate' && this.#lease.hasEnded(outcome.now)) return this.#lose('lost')
        this.#crashed = false
        this.#undone = undefined
        if (request.park !== undefined) {
          // What came in while it was being parked was read in vain: whoever takes the run up reads it again.
          const hinted = this.#readingInbox || this.#inboxTaken > request.park.inboxHead
          this.#finish('parked', request.wakeAt, hinted)
          return
        }
        this.#release(batch.added)
        if (outcome.inboxHead > this.#inboxTaken) this.#readInbox()
        return
      }
      case 'fenced':
        return this.#lose('lost')
      case 'gone':
        return this.#lose('gone')
      case 'early':
      case 'conflict':
      case 'inboxMoved':
        if (outcome.outcome === 'early') this.#clock.correct(outcome.now)
        return this.#reload(batch, commits)
      default:
        outcome satisfies never
    }
  }

  // What was not committed did not happen: unless the journal has it after all, the attempt has failed or is lost.
  #commitFailed(outcome: AttemptOutcome | undefined): void {
    const { batch, commits } = this.#inFlight ?? {}
    if (batch === undefined || commits === undefined) return
    const { path, attempt } = commits
    this.#inFlight = undefined
    this.#transactions.close()
    if (outcome === undefined) this.#reload(batch, commits)
    else this.#reload({ ...batch, settled: [{ type: 'settled', path, attempt, outcome }] })
  }

  // The journal is not what it was taken for: everything that is not in it is forgotten, but for what handlers gave.
  // What the handler of a transaction gave that was undone is worth nothing without its rows.
  #reload(refused: Batch, undone?: AttemptName): void {
    this.#undone = undone ?? this.#undone
    const settled = [
      ...(undone === undefined ? refused.settled : []),
      ...this.#batch.settled,
      ...this.#undecided.inputs,
    ]
    this.#undecided.replace(settled.filter(({ type }) => type === 'settled'))
    this.#state = undefined
    this.#batch = emptyBatch()
    this.#withheld = []
    this.#inboxTaken = 0
    this.#readingInbox = false
    this.#queue.clear()
    this.#requests.push({ type: 'load' })
  }

  #loaded({ state, plan = this.#plan, tail, inbox, inboxHead, now }: Extract<DriverInput, { type: 'loaded' }>): void {
    this.#clock.observe(now)
    this.#state = state
    this.#plan = plan
    changes(state)
    this.#snapshots.loaded(tail)
    // What is in the inbox comes before what would start again: it may be a cancel.
    this.#decide({ type: 'adopted', crashed: this.#crashed, undone: this.#undone }, this.#stopping || inbox.length > 0)
    const first = inbox.slice(0, messagesMax)
    this.#messages(first)
    // Those that are not in the inbox any more were taken in by who drove the run before.
    if (!this.#stopping) this.#inboxTaken = first.length < inbox.length ? (first.at(-1)?.n ?? 0) : inboxHead
    for (const input of this.#undecided.take()) this.#decide(input)
    // Level-triggered: what the journal wants of this lease and nobody here is at work on begins now.
    const starting = new Set(this.#batch.added.map((effect) => (effect.type === 'attempt' ? effect.path : '')))
    const wanted = outstanding(state).filter(
      (effect) =>
        isErrand(effect) ||
        (effect.type === 'attempt' && !starting.has(effect.path) && !this.#undecided.isSettling(effect)),
    )
    this.#batch.added = [...this.#batch.added, ...wanted]
    const isGone = ({ path, attempt }: AttemptName): boolean => state.steps.get(path)?.attempt !== attempt
    this.#local.abortAll('CANCELLED', this.#requests, isGone)
    if (this.#batch.events.length === 0) {
      this.#release(this.#batch.added)
      this.#batch.added = []
    }
  }

  // The journal holds these attempts now: their handlers may start, and others are told to stop.
  #release(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (isErrand(effect) && !this.#stopping) this.#errands.begin(effect, this.#requests)
      if (effect.type === 'abort') this.#local.abort(effect, effect.code, this.#requests)
      if (effect.type !== 'attempt' || !isWanted(this.#state, effect) || this.#local.has(effect)) continue
      if (this.#stopping) continue
      if (this.mayStart(this.#clock.mono)) this.#local.begin(effect, this.#state, this.#requests)
      else this.#withheld.push(effect)
    }
  }

  #settled(input: Extract<DriverInput, { type: 'settled' }>): void {
    if (!this.#local.has(input)) return
    this.#transactions.settled(input)
    this.#local.delete(input)
    // A handler that fails because the engine stops has not failed: another process will try again.
    if (this.#stopping && input.outcome.kind !== 'completed') return
    this.#decide(input)
  }

  #readInbox(): void {
    if (this.#readingInbox || this.#state === undefined || this.#stopping) return
    this.#readingInbox = true
    this.#requests.push({ type: 'readInbox', after: this.#inboxTaken })
  }

  #messages(messages: readonly InboxMessage[]): void {
    this.#readingInbox = false
    if (this.#state === undefined || this.#stopping || isTerminal(this.#state)) return
    const fresh = messages.filter((message) => message.n > this.#inboxTaken)
    if (fresh.length === 0) return
    this.#inboxTaken = fresh.reduce((newest, { n }) => Math.max(newest, n), this.#inboxTaken)
    this.#queue.add(fresh)
    this.#takeInOrder()
    // There may be more: the run must not be parked before they are read.
    if (messages.length >= messagesMax) this.#readInbox()
  }

  #takeIn(messages: readonly InboxMessage[]): void {
    if (messages.length === 0) return
    const ids = messages.map(({ id }) => id)
    this.#batch.consume = joined(this.#batch.consume, ids)
    this.#decide({ type: 'messages', messages })
  }

  #takeInOrder(): void {
    this.#takeIn(this.#queue.takeReady())
    const hash = this.#queue.wanted()
    if (hash !== undefined) this.#requests.push({ type: 'loadPlan', hash })
  }

  #planKnown(hash: string, known: KnownPlan): void {
    if (this.#state === undefined || this.#stopping || isTerminal(this.#state)) return
    this.#queue.known(hash, known)
    this.#takeInOrder()
    this.#queue.forgetRefused(hash)
  }

  // The run is held with the reason; where nothing can hold it, it is let go of and asked for again later.
  #blobsLost(because: Because): void {
    this.#undecided.dropNeeding()
    const before = this.#state?.seq
    this.#decide({ type: 'stuck', because })
    if (this.#state?.seq === before) this.#lose('lost')
  }

  #loadedBlobs(blobs: ReadonlyMap<string, Json>): void {
    this.#undecided.keepValues(blobs)
    if (this.#undecided.needsValues) for (const input of this.#undecided.take()) this.#decide(input)
  }

  #renewed({ sentAt, now, inboxHead }: Extract<DriverInput, { type: 'renewed' }>): void {
    this.#lease.renewed({ sentAt, now })
    this.#clock.observe(now)
    this.#release(this.#withheld.splice(0))
    if (inboxHead > this.#inboxTaken) this.#readInbox()
  }

  #stop(): void {
    this.#stopping = true
    this.#withheld = []
    this.#local.abortAll('STOPPING', this.#requests)
  }

  // Somebody else may drive the run by now: what runs here is told to stop, and its results are worth nothing.
  #lose(why: 'lost' | 'gone'): void {
    this.#local.abortAll('LEASE_LOST', this.#requests)
    this.#finish(why, null)
  }

  #finish(why: 'ended' | 'parked' | 'released' | 'lost' | 'gone', due: number | null, hinted = false): false {
    this.#done = true
    this.#setAlarm(null)
    this.#requests.push({ type: 'done', why, wakeAt: due, hinted })
    return false
  }
}
