import { openDatabase } from './database.ts'
import { isBusy } from './faults.ts'
import { commitGroup, faultReply } from './group.ts'
import { knownOf } from './known.ts'
import { nothingDue } from './leases.ts'
import type { Change, Question, Reply, Step } from './protocol.ts'
import type { Store } from './store.ts'
import { transactionLine, type Transactions } from './transactions.ts'
import { answer, isChange, isQuestion } from './work.ts'

/** The work of the thread. */
export interface Service {
  /** Takes calls in, to be answered later. */
  take(calls: readonly (Question | Change | Step)[]): void
  /** Closes the database, once everything that was taken in is answered. */
  close(): Promise<void>
}

/** How a service is made. */
export interface ServiceOptions extends Pick<Store, 'identity'> {
  readonly file: string
  readonly send: (replies: readonly Reply[]) => void
  /** How long a call is tried again while another process writes; 10 seconds unless given. */
  readonly patienceMs?: number
  /** Whether the process of an identity, as JSON text, is known to have ended. */
  readonly isDead: (identity: string) => boolean
}

/**
 * Answers calls one group after another. What arrives while a group is being
 * committed makes the next one; there is no timer, so a call that is alone waits for
 * nobody. Questions do not wait for changes, nor for another process that is writing.
 */
export function databaseService(options: ServiceOptions): Service {
  const transactions = transactionLine({ ...options, ended: () => schedule(desk, 0) })
  const desk: Desk = {
    options,
    transactions,
    open: undefined,
    asked: new Map(),
    questions: [],
    changes: [],
    isScheduled: false,
    whenIdle: undefined,
  }
  return {
    take(calls) {
      const until = performance.now() + (options.patienceMs ?? patienceMs)
      for (const call of calls) {
        if (isChange(call)) desk.changes.push({ call, until })
        else if (isQuestion(call)) desk.questions.push({ call, until })
        else transactions.take(call, until)
      }
      if (!desk.isScheduled) turn(desk)
    },
    async close() {
      transactions.end()
      await new Promise<void>((resolve) => {
        desk.whenIdle = resolve
        schedule(desk, 0)
      })
      shut(desk)
    },
  }
}

interface Waiting<Call> {
  readonly call: Call
  /** When it is given up if another process writes for so long, by the monotonic clock. */
  readonly until: number
}

/** What an open connection is asked and changed with. */
interface Open {
  readonly asking: Store
  readonly changing: Store
}

interface Desk {
  readonly options: ServiceOptions
  readonly transactions: Transactions
  open: Open | undefined
  /** Of which processes it is known in this turn whether they have ended. */
  readonly asked: Map<string, boolean>
  questions: Waiting<Question>[]
  changes: Waiting<Change>[]
  isScheduled: boolean
  whenIdle: (() => void) | undefined
}

// Longer than a transaction of another process may be.
const patienceMs = 10_000
const againMs = 5
const groupMax = 1_000
const readsMuch: ReadonlySet<Question['op']> = new Set(['load', 'page'])

function schedule(desk: Desk, waitMs: number): void {
  if (desk.isScheduled) return
  desk.isScheduled = true
  if (waitMs === 0) setImmediate(turn, desk)
  else setTimeout(turn, waitMs, desk)
}

function turn(desk: Desk): void {
  desk.isScheduled = false
  const isBlocked = !work(desk)
  const { isOpen, isWaiting } = desk.transactions
  // While a transaction is open only questions are answered; its end calls for the next turn.
  const isBusy = desk.questions.length > 0 || (!isOpen && (desk.changes.length > 0 || isWaiting))
  if (isBusy) schedule(desk, isBlocked ? againMs : 0)
  else if (!isOpen) desk.whenIdle?.()
}

/** Does what there is to do; false where another process is in the way. */
function work(desk: Desk): boolean {
  desk.asked.clear()
  let open: Open
  try {
    open = desk.open ??= opened(desk)
  } catch (error) {
    desk.questions = stillWaiting(desk, desk.questions, error)
    desk.changes = stillWaiting(desk, desk.changes, error)
    return false
  }
  answerAll(desk, open.asking)
  const { transactions } = desk
  if (transactions.isOpen) return true
  const isUnblocked = desk.changes.length === 0 || changeSome(desk, open)
  return transactions.openNext() && isUnblocked
}

function opened({ options, asked }: Desk): Open {
  const { file, identity } = options
  const isDead = (other: string): boolean => {
    const dead = asked.get(other) ?? options.isDead(other)
    asked.set(other, dead)
    return dead
  }
  const asking = { database: openDatabase(file), identity, isDead }
  return { asking, changing: { ...asking, known: knownOf() } }
}

function answerAll(desk: Desk, store: Store): void {
  const asked = desk.questions
  if (asked.length === 0) return
  desk.questions = []
  let replies: Reply[] = []
  for (const waiting of asked) {
    const { call } = waiting
    // Who asked for little has it while much is read.
    if (readsMuch.has(call.op) && replies.length > 0) {
      desk.options.send(replies)
      replies = []
    }
    try {
      replies.push({ id: call.id, answer: answer(store, call, call.now ?? Date.now()) })
    } catch (error) {
      desk.questions.push(...stillWaiting(desk, [waiting], error))
    }
  }
  if (replies.length > 0) desk.options.send(replies)
}

function changeSome(desk: Desk, { asking, changing }: Open): boolean {
  const waiting = desk.changes
  desk.changes = waiting.length > groupMax ? waiting.splice(groupMax) : []
  const group = waiting.filter((one) => !isNone(desk, asking, one))
  if (group.length === 0) return true
  try {
    const calls = group.map(({ call }) => call)
    const { replies, isBroken } = commitGroup(changing, calls, Date.now)
    // After a commit that failed nobody knows what the connection believes to be written.
    if (isBroken) shut(desk)
    desk.options.send(replies)
    return true
  } catch (error) {
    if (!isBusy(error)) shut(desk)
    desk.changes = [...stillWaiting(desk, group, error), ...desk.changes]
    return false
  }
}

// A poll that finds nothing waits for no writer, and keeps nobody from writing.
function isNone(desk: Desk, store: Store, { call }: Waiting<Change>): boolean {
  if (call.op !== 'acquire') return false
  try {
    const none = nothingDue(store, call.args, call.now ?? Date.now())
    if (none !== undefined) desk.options.send([{ id: call.id, answer: none }])
    return none !== undefined
  } catch {
    // It is asked again in its transaction, and what is wrong is told there.
    return false
  }
}

/** Those that are asked for again, after another process was in the way; the others are told of the error. */
function stillWaiting<Call extends Question | Change>(
  desk: Desk,
  waiting: readonly Waiting<Call>[],
  error: unknown,
): Waiting<Call>[] {
  const now = performance.now()
  const rest = isBusy(error) ? waiting.filter(({ until }) => until > now) : []
  const over = waiting.filter((one) => !rest.includes(one))
  if (over.length > 0) desk.options.send(over.map(({ call }) => faultReply(call.id, error, false)))
  return rest
}

function shut(desk: Desk): void {
  const { open } = desk
  desk.open = undefined
  open?.asking.database.close()
}
