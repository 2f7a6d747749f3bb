import type { AppendText, CallOf, Calls, EventText, FaultText, PackedCalls, PackedReplies, Reply } from './protocol.ts'

type AnyCall = { [Op in keyof Calls]: CallOf<Op> }[keyof Calls]

/**
 * Calls as they cross to the thread: one list of plain values. Copying an object costs
 * several times as much, for the names in it, and both threads pay that at each step.
 */
export function packCalls(calls: readonly CallOf<keyof Calls>[]): PackedCalls {
  const packed: unknown[] = []
  for (const { id, now, op, args } of calls as readonly AnyCall[]) {
    packed.push(id, now, op, op === 'append' ? packedAppend(args) : args)
  }
  return packed
}

/** Calls as they were packed. */
export function unpackCalls(packed: PackedCalls): AnyCall[] {
  const calls: AnyCall[] = []
  for (let at = 0; at < packed.length; at += 4) {
    const [id, now, op, args] = [packed[at], packed[at + 1], packed[at + 2], packed[at + 3]]
    calls.push({ id, now, op, args: op === 'append' ? unpackedAppend(args as readonly unknown[]) : args } as AnyCall)
  }
  return calls
}

/** Replies as they cross from the thread, in the same way. */
export function packReplies(replies: readonly Reply[]): PackedReplies {
  const packed: unknown[] = []
  for (const reply of replies) {
    if ('fault' in reply) packed.push(reply.id, 'fault', reply.fault, null)
    else if (isWritten(reply.answer)) packed.push(reply.id, 'written', reply.answer.now, reply.answer.inboxHead)
    else packed.push(reply.id, 'answer', reply.answer, null)
  }
  return packed
}

/** Replies as they were packed. */
export function unpackReplies(packed: PackedReplies): Reply[] {
  const replies: Reply[] = []
  for (let at = 0; at < packed.length; at += 4) {
    const [id, value] = [packed[at] as number, packed[at + 2]]
    switch (packed[at + 1]) {
      case 'written':
        replies.push({ id, answer: { outcome: 'ok', now: value, inboxHead: packed[at + 3] } })
        break
      case 'fault':
        replies.push({ id, fault: value as FaultText })
        break
      default:
        replies.push({ id, answer: value })
    }
  }
  return replies
}

// What most batches have stands in the list; the rest of one, if there is any, is an object.
function packedAppend(request: AppendText): readonly unknown[] {
  const { runId, incarnation, token, batchId, expectedSeq, status, wakeAt, events } = request
  const packed: unknown[] = [runId, incarnation, token, batchId, expectedSeq, status, wakeAt, restOf(request)]
  for (const { seq, runId: of, type, json } of events) packed.push(seq, of === runId ? null : of, type, json)
  return packed
}

function unpackedAppend(packed: readonly unknown[]): AppendText {
  const [runId, incarnation, token, batchId, expectedSeq, status, wakeAt, rest] = packed
  const events: EventText[] = []
  for (let at = 8; at < packed.length; at += 4) {
    const [seq, of, type, json] = [packed[at], packed[at + 1], packed[at + 2], packed[at + 3]]
    events.push({ seq, runId: of ?? runId, type, json } as EventText)
  }
  const request = { runId, incarnation, token, batchId, expectedSeq, status, wakeAt, events } as AppendText
  return rest === null ? request : { ...request, ...(rest as Rest) }
}

type Rest = Pick<AppendText, 'blobs' | 'plan' | 'notBefore' | 'consume' | 'snapshot' | 'park' | 'release'>

function restOf({ blobs, plan, notBefore, consume, snapshot, park, release }: AppendText): Rest | null {
  // One after another: most often there is none of them, and a list of them costs more than all else that is packed.
  if (blobs === undefined && plan === undefined && notBefore === undefined && consume === undefined)
    if (snapshot === undefined && park === undefined && release === undefined) return null
  return { blobs, plan, notBefore, consume, snapshot, park, release }
}

function isWritten(
  answer: unknown,
): answer is { readonly outcome: 'ok'; readonly now: number; readonly inboxHead: number } {
  return typeof answer === 'object' && answer !== null && 'outcome' in answer && answer.outcome === 'ok'
}
