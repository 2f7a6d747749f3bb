import type { InboxMessage, Message, RunRow } from '@segno/core'
import { nameFrom } from './names.ts'
import type { PostgresStore } from './store.ts'

/** A row of `runs`, as the function `run_row` tells it. */
export interface KeptRow extends Pick<
  RunRow,
  'runId' | 'incarnation' | 'workflow' | 'plan' | 'status' | 'head' | 'wakeAt' | 'createdAt' | 'updatedAt' | 'inboxHead'
> {
  readonly labels: string
  readonly parentRunId: string | null
  readonly parentPath: string | null
  readonly idempotencyKey: string | null
  readonly token: number
  readonly owner: string
  readonly expiresAt: number | null
  /** The identity of the process that holds it, as JSON. */
  readonly process: string | null
}

/** The row as the port tells it at `now`. */
export function rowFrom({ host }: Pick<PostgresStore, 'host'>, kept: KeptRow, now: number): RunRow {
  const { parentRunId, parentPath, idempotencyKey, expiresAt, process } = kept
  const isLost = expiresAt !== null && (expiresAt <= now || (process !== null && host.isDead(process)))
  return {
    runId: nameFrom(kept.runId),
    incarnation: nameFrom(kept.incarnation),
    workflow: nameFrom(kept.workflow),
    plan: nameFrom(kept.plan),
    labels: JSON.parse(kept.labels),
    ...(parentRunId === null || parentPath === null
      ? {}
      : { parent: { runId: nameFrom(parentRunId), path: nameFrom(parentPath) } }),
    status: kept.status,
    head: kept.head,
    wakeAt: kept.wakeAt,
    createdAt: kept.createdAt,
    updatedAt: kept.updatedAt,
    inboxHead: kept.inboxHead,
    ...(idempotencyKey === null ? {} : { idempotencyKey: nameFrom(idempotencyKey) }),
    ...(expiresAt === null ? {} : { holder: { owner: nameFrom(kept.owner), expiresAt, isLost } }),
  }
}

/** A message of an inbox: its place, when it was delivered, and the message as JSON. */
export type KeptMessage = readonly [n: number, deliveredAt: number, message: string]

/** The message as the port tells it. */
export function messageFrom([n, deliveredAt, text]: KeptMessage): InboxMessage {
  const message: Message = JSON.parse(text)
  return { ...message, n, deliveredAt }
}
