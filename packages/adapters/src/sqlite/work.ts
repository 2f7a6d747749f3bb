import { append } from './append.ts'
import { createRun } from './create-run.ts'
import { deleteRun } from './delete-run.ts'
import { deliver, inbox } from './deliver.ts'
import { acquire, release, renew } from './leases.ts'
import { getPlan, putPlan } from './plans.ts'
import type { Change, Changes, Question, Questions, Step } from './protocol.ts'
import { getBlob, journalOf, list, load, readPage, readRow } from './read-run.ts'
import type { Store } from './store.ts'

type Work<Table extends Record<keyof Table, { readonly args: unknown; readonly answer: unknown }>> = {
  readonly [Op in keyof Table]: (store: Store, args: Table[Op]['args'], now: number) => Table[Op]['answer']
}

const questions: Work<Questions> = {
  getPlan,
  row: readRow,
  load,
  journal: journalOf,
  page: readPage,
  getBlob,
  inbox,
  list,
}
const changes: Work<Changes> = { putPlan, createRun, append, deliver, acquire, renew, release, delete: deleteRun }

/** Whether a call only asks. */
export function isQuestion(call: Question | Change | Step): call is Question {
  return Object.hasOwn(questions, call.op)
}

/** Whether a call changes something by itself, and not in a transaction of a `tx` step. */
export function isChange(call: Question | Change | Step): call is Change {
  return Object.hasOwn(changes, call.op)
}

/** Answers a question. */
export function answer(store: Store, call: Question, now: number): unknown {
  return asked(call)(store, now)
}

/** Makes a change, inside a transaction. */
export function change(store: Store, call: Change, now: number): unknown {
  return changed(call)(store, now)
}

type Deed = (store: Store, now: number) => unknown

function asked<Op extends keyof Questions>({
  op,
  args,
}: {
  readonly op: Op
  readonly args: Questions[Op]['args']
}): Deed {
  return (store, now) => questions[op](store, args, now)
}

function changed<Op extends keyof Changes>({
  op,
  args,
}: {
  readonly op: Op
  readonly args: Changes[Op]['args']
}): Deed {
  return (store, now) => changes[op](store, args, now)
}
