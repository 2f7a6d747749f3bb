import { isBusy, transactionOver } from './faults.ts'
import { faultReply } from './group.ts'
import type { CallOf, Reply, Step } from './protocol.ts'
import { openTransaction, type OpenTransaction } from './transaction.ts'
import type { Store } from './store.ts'

/** The transactions of `tx` steps: one at a time, the others wait. */
export interface Transactions {
  /** Takes in a call about a transaction; all but a beginning are answered at once. */
  take(call: Step, until: number): void
  /** Whether one is open: nothing else can be written. */
  readonly isOpen: boolean
  readonly isWaiting: boolean
  /** Opens the next one; false where another process is in the way. */
  openNext(): boolean
  /** Undoes what is open, and refuses what waits. */
  end(): void
}

/** What transactions need of the thread. */
export interface TransactionsOptions extends Omit<Store, 'database'> {
  readonly file: string
  readonly send: (replies: readonly Reply[]) => void
  /** Called when one has ended: others may write. */
  readonly ended: () => void
}

interface Open {
  readonly id: number
  readonly transaction: OpenTransaction
  readonly timer: ReturnType<typeof setTimeout>
}

/** No transaction yet. */
export function transactionLine(options: TransactionsOptions): Transactions {
  const { send } = options
  let open: Open | undefined
  let waiting: { readonly call: CallOf<'begin'>; readonly until: number }[] = []
  const over = (): void => {
    clearTimeout(open?.timer)
    open = undefined
    options.ended()
  }
  const undo = (): void => {
    open?.transaction.rollback()
    over()
  }
  return {
    get isOpen() {
      return open !== undefined
    },
    get isWaiting() {
      return waiting.length > 0
    },
    take(call, until) {
      if (call.op === 'begin') waiting.push({ call, until })
      else send([replyTo(call, () => perform(call))])
    },
    openNext() {
      const next = waiting.shift()
      if (next === undefined || open !== undefined) return true
      const { call, until } = next
      try {
        const transaction = openTransaction(options, call.args.lease, call.now ?? Date.now())
        if (transaction !== undefined) open = { id: call.id, transaction, timer: setTimeout(undo, call.args.timeoutMs) }
        send([{ id: call.id, answer: transaction && call.id }])
        return true
      } catch (error) {
        if (isBusy(error) && until > performance.now()) waiting.unshift(next)
        else send([faultReply(call.id, error, false)])
        return false
      }
    },
    end() {
      if (open !== undefined) undo()
      for (const { call } of waiting) send([faultReply(call.id, new Error('it is being closed'), false)])
      waiting = []
    },
  }

  function perform(call: Exclude<Step, { op: 'begin' }>): unknown {
    const isThis = open?.id === call.args.transaction
    if (call.op === 'rollback') {
      if (isThis) undo()
      return undefined
    }
    if (open === undefined || !isThis) throw transactionOver()
    if (call.op === 'query') return open.transaction.query(call.args)
    try {
      return open.transaction.finish(call.args.request, call.now ?? Date.now())
    } finally {
      over()
    }
  }
}

function replyTo({ id }: Step, work: () => unknown): Reply {
  try {
    return { id, answer: work() }
  } catch (error) {
    return faultReply(id, error, false)
  }
}
