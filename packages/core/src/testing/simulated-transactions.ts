import type { Clock } from '../ports/clock.ts'
import { StorageFault } from '../ports/storage-fault.ts'
import type { AppendOutcome, AppendRequest, LeaseName, SqlValue, Storage, Transaction } from '../ports/storage.ts'
import { transactionOver } from './faulty-transactions.ts'
import type { Random } from './random.ts'
import type { SimulatedFault } from './simulator-swarm.ts'

/** A row that an attempt of a `tx` step has written: who wrote it, and what. */
export type BookedRow = readonly SqlValue[]

/** The statement that books a row; other statements are taken, and do nothing. */
export const bookStatement = 'INSERT INTO booked VALUES (?, ?, ?)'

/** What the transactions of a store fail by. */
export interface TransactionsWorld {
  readonly clock: Clock
  strikes(kind: SimulatedFault, random: Random): boolean
  note(line: string): void
  /** A mistake of the adapter: what a step writes is there at once, whatever becomes of its end. */
  readonly commitsApart: boolean
}

/** One connection of a process to a store. */
export interface TransactionConnection {
  readonly storage: Storage
  readonly random: Random
  /** Throws where the store cannot be reached. */
  readonly reach: () => void
  readonly endLease: () => Promise<void>
}

/** The transactions of a simulated store, and the table that its `tx` steps write into. */
export class SimulatedTransactions {
  readonly rows: BookedRow[] = []
  readonly #world: TransactionsWorld
  readonly #open = new Set<Promise<void>>()

  constructor(world: TransactionsWorld) {
    this.#world = world
  }

  /** Resolves once one has ended, where one is open. */
  get oneOpen(): Promise<void> | undefined {
    const [first] = this.#open
    return first
  }

  /** Opens a transaction. Who opens it holds the lease that it is for. */
  open(connection: TransactionConnection, { runId, token }: LeaseName, timeoutMs: number): Transaction {
    const { storage, random, reach, endLease } = connection
    const { clock, note, commitsApart } = this.#world
    const staged: BookedRow[] = []
    let isSent = false
    const { isOver, end } = this.#begun(`${runId} t${token}`, timeoutMs)
    const goOn = (): void => {
      if (isSent || isOver()) throw transactionOver()
      try {
        reach()
        if (this.#world.strikes('lostTransaction', random)) throw lost(false)
      } catch (error) {
        end('is lost')
        throw error
      }
    }
    const commit = async (request: AppendRequest): Promise<AppendOutcome> => {
      if (isOver()) throw transactionOver()
      try {
        const answer = await storage.append(request)
        if (answer.outcome === 'ok' && !commitsApart) this.rows.push(...staged)
        return answer
      } finally {
        end('ends')
      }
    }
    return {
      sql: {
        query: async (text, values = []) => {
          goOn()
          if (text === bookStatement) (commitsApart ? this.rows : staged).push(values)
          return { rows: [], rowCount: 1 }
        },
      },
      append: async (request) => {
        goOn()
        isSent = true
        if (this.#world.strikes('refusedCommit', random)) {
          end('is refused')
          throw new StorageFault('SQL_FAILED', 'Injected: a constraint does not hold.', { ambiguous: false })
        }
        if (this.#world.strikes('fencedCommit', random)) await endLease()
        if (!this.#world.strikes('lateCommit', random)) return commit(request)
        note(`${runId} t${token} commits late`)
        clock.schedule(random.integer(timeoutMs), () => void commit(request).catch(ignore))
        throw lost(true)
      },
      rollback: async () => end('is undone'),
    }
  }

  // One that nobody ends is ended by the store.
  #begun(name: string, timeoutMs: number): { readonly isOver: () => boolean; readonly end: (how: string) => void } {
    const { clock, note } = this.#world
    let over = false
    let tell: () => void = ignore
    const ended = new Promise<void>((resolve) => {
      tell = resolve
    })
    const end = (how: string): void => {
      if (over) return
      over = true
      stopTimer()
      this.#open.delete(ended)
      note(`${name}: the transaction ${how}`)
      tell()
    }
    const stopTimer = clock.schedule(timeoutMs, () => end('was open for too long'))
    this.#open.add(ended)
    note(`${name}: a transaction begins`)
    return { isOver: () => over, end }
  }
}

function ignore(): void {}

function lost(ambiguous: boolean): StorageFault {
  return new StorageFault('STORAGE_UNAVAILABLE', 'Injected: the connection was lost.', { ambiguous })
}
