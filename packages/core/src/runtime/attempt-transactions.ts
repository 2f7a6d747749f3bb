import type { Json } from '@segno/schema/plan'
import type { AttemptEffect, DriverInput, DriverRequest } from '../driver/protocol.ts'
import type { AttemptOutcome } from '../kernel/decide.ts'
import { FewMap } from '../kernel/few-map.ts'
import type { AttemptName } from '../kernel/state.ts'
import type { Clock } from '../ports/clock.ts'
import { mayHaveWritten, StorageFault, type StorageFaultCode } from '../ports/storage-fault.ts'
import type { LeaseName, Storage, Transaction } from '../ports/storage.ts'
import type { AttemptAtWork } from './attempt-at-work.ts'
import { finalFailure } from './failure.ts'
import { isDamage, isRefusal } from './final-faults.ts'
import { failedWith } from './perform.ts'
import type { Workbench } from './workbench.ts'

/** How long the transaction of an attempt may be open. */
const transactionMs = 5_000

/** An attempt of a `tx` step whose handler may begin as soon as it has a transaction. */
export interface ReadyAttempt {
  readonly attempt: AttemptEffect
  readonly input: Json
  readonly atWork: AttemptAtWork
  readonly settle: (outcome: AttemptOutcome) => void
}

/** What the transactions of a run need of its shell. */
export interface TransactionWorld {
  readonly storage: Storage
  readonly clock: Clock
  readonly workbench: Workbench
  readonly lease: LeaseName
  tell(input: DriverInput): void
  /** Does something again, more slowly each time that it fails. */
  after(again: () => void): void
  warn(message: string, error: unknown): void
}

type Transact = Extract<DriverRequest, { type: 'transact' }>
type Commit = Extract<DriverRequest, { type: 'commit' }>

/** The transactions that attempts of one run are performed in, one at a time. */
export class AttemptTransactions {
  readonly #world: TransactionWorld
  readonly #ready = new FewMap<string, ReadyAttempt>()
  #open: { readonly transaction: Transaction; readonly close: () => void } | undefined
  #isEnded = false

  constructor(world: TransactionWorld) {
    this.#world = world
  }

  /** The handler may begin: the driver says when. */
  add(ready: ReadyAttempt): void {
    const { path, attempt } = ready.attempt
    if (this.#world.storage.begin === undefined) return ready.settle(noTransactions(path))
    this.#ready.set(path, ready)
    this.#world.tell({ type: 'ready', path, attempt })
  }

  /** Whether the attempt was waiting, and does so no more. */
  withdraw({ path, attempt }: AttemptName): boolean {
    return this.#ready.get(path)?.attempt.attempt === attempt && this.#ready.delete(path)
  }

  /** Opens the transaction of an attempt and lets its handler begin. */
  open({ path, attempt }: Transact): void {
    const { storage, lease, tell, warn, after } = this.#world
    const ready = this.#ready.get(path)
    if (ready?.attempt.attempt !== attempt || storage.begin === undefined) return
    void storage.begin(lease, { timeoutMs: transactionMs }).then(
      (transaction) => {
        if (transaction === undefined) return tell({ type: 'leaseLost' })
        // It was told to stop, or the run was let go of, while the store was asked.
        if (this.#isEnded || !this.withdraw({ path, attempt })) return this.#undo(transaction)
        this.#perform(ready, transaction)
      },
      (error: unknown) => {
        warn('a transaction could not be opened', error)
        if (isFinal(error)) tell({ type: 'leaseLost' })
        else after(() => this.open({ type: 'transact', path, attempt }))
      },
    )
  }

  /** Appends in the transaction, and commits. */
  commit({ request }: Commit): void {
    const { tell, warn, workbench } = this.#world
    const open = this.#open
    this.#open = undefined
    if (open === undefined) return tell({ type: 'commitFailed' })
    void open.transaction.append(request).then(
      (outcome) => tell({ type: 'appended', outcome }),
      (error: unknown) => {
        warn('a transaction was not committed, or nobody knows', error)
        if (isFinal(error)) return tell({ type: 'leaseLost' })
        const outcome = isFailure(error) ? failedWith(error, { masker: workbench.secrets.masker }) : undefined
        tell({ type: 'commitFailed', ...(outcome === undefined ? {} : { outcome }) })
      },
    )
  }

  /** Undoes what the attempt did. */
  rollback(): void {
    const open = this.#open
    this.#open = undefined
    open?.close()
    if (open !== undefined) this.#undo(open.transaction)
  }

  /** The run is driven here no more. */
  end(): void {
    this.#isEnded = true
    this.rollback()
  }

  #perform({ attempt, input, atWork, settle }: ReadyAttempt, transaction: Transaction): void {
    const { clock, workbench } = this.#world
    let isOver = false
    const once = (outcome: AttemptOutcome): void => {
      if (isOver) return
      close()
      settle(outcome)
    }
    const stopTimer = clock.schedule(transactionMs, () => {
      atWork.abort('TIMED_OUT')
      once(tookTooLong(attempt.path, workbench))
    })
    const close = (): void => {
      isOver = true
      stopTimer()
    }
    this.#open = { transaction, close }
    atWork.sql = transaction.sql
    workbench.perform(attempt, input, atWork, once)
  }

  #undo(transaction: Transaction): void {
    void transaction.rollback().then(
      () => undefined,
      (error: unknown) => this.#world.warn('a transaction could not be undone, and ends by itself', error),
    )
  }
}

function noTransactions(path: string): AttemptOutcome {
  const message = `"${path}" has the effect tx, and the storage has no transactions`
  return { kind: 'impossible', failure: finalFailure('TRANSACTIONS_MISSING', message) }
}

function tookTooLong(path: string, { secrets }: Workbench): AttemptOutcome {
  const message = `The handler of "${path}" did not end within ${transactionMs} ms; its transaction was undone.`
  return failedWith(new StorageFault('TRANSACTION_OVER', message, { ambiguous: false }), { masker: secrets.masker })
}

// What its handler did is why nothing was written: another attempt may do better.
function isFailure(error: unknown): boolean {
  if (mayHaveWritten(error) || typeof error !== 'object' || error === null || !('code' in error)) return false
  return failures.has(error.code)
}

const failures: ReadonlySet<unknown> = new Set<StorageFaultCode>(['SQL_FAILED', 'TRANSACTION_OVER'])

// For ever: the run cannot be driven.
function isFinal(error: unknown): boolean {
  return isRefusal(error) || isDamage(error)
}
