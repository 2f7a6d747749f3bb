import { append } from './append.ts'
import { createRun } from './create-run.ts'
import { deleteRun } from './delete-run.ts'
import { deliver, inbox } from './deliver.ts'
import { acquire, nothingDue, release, renew } from './leases.ts'
import { getPlan, putPlan } from './plans.ts'
import type { Calls, Change, Changes, Question, Questions } from './protocol.ts'
import { getBlob, journalOf, list, load, readPage, readRow } from './read-run.ts'
import type { Store } from './store.ts'

type Work<Table extends Partial<Calls>> = {
  readonly [Op in keyof Table & keyof Calls]: (
    store: Store,
    args: Calls[Op]['args'],
    now: number,
  ) => Calls[Op]['answer']
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
export function isQuestion(call: Question | Change): call is Question {
  return Object.hasOwn(questions, call.op)
}

/** Answers a question. */
export function answer(store: Store, call: Question, now: number): unknown {
  return of(questions, call)(store, now)
}

/** Makes a change, inside a transaction. */
export function change(store: Store, call: Change, now: number): unknown {
  return of(changes, call)(store, now)
}

/** Whether a change turns out to be none, and its answer then. */
export function withoutChange(store: Store, call: Change, now: number): { readonly answer: unknown } | undefined {
  const nothing = call.op === 'acquire' ? nothingDue(store, call.args, now) : undefined
  return nothing && { answer: nothing }
}

function of<Op extends keyof Calls>(
  table: { readonly [Key in Op]: (store: Store, args: Calls[Key]['args'], now: number) => unknown },
  { op, args }: { readonly op: Op; readonly args: Calls[Op]['args'] },
): (store: Store, now: number) => unknown {
  return (store, now) => table[op](store, args, now)
}
