import { isJsonObject } from '@segno/schema/plan'
import type { Because, EventOf, Json, RunEvent } from '@segno/schema/plan'
import { endsRun } from '../ports/batch.ts'
import type { Storage } from '../ports/storage.ts'
import { readBlob } from './read-blob.ts'
import type { AnswerDecision } from './run-handle.ts'

/** What became of a message, as the journal tells it. */
export type MessageFate =
  | { readonly outcome: 'replied'; readonly event: EventOf<'signal.replied'> }
  | { readonly outcome: 'answered'; readonly event: EventOf<'task.answered'> }
  | { readonly outcome: 'ignored'; readonly because: Because }
  /** The run ended, and nothing had come of it by then. */
  | { readonly outcome: 'ended' }
  /** Whoever waited has stopped waiting. */
  | { readonly outcome: 'open' }

/** Reads events until they say what became of the message of this id. */
export async function fateOf(events: AsyncIterable<RunEvent>, id: string): Promise<MessageFate> {
  let ended = false
  for await (const event of events) {
    const fate = fateIn(event, id)
    if (fate !== undefined) return fate
    ended = endsRun(event)
  }
  return { outcome: ended ? 'ended' : 'open' }
}

function fateIn(event: RunEvent, id: string): MessageFate | undefined {
  if (!('id' in event) || event.id !== id) return undefined
  switch (event.type) {
    case 'signal.replied':
      return { outcome: 'replied', event }
    case 'task.answered':
      return { outcome: 'answered', event }
    case 'signal.ignored':
      return { outcome: 'ignored', because: event.because }
    default:
      return undefined
  }
}

/** What was decided about an answer; to one that came too late, who was first and with what. */
export async function decisionOf(
  storage: Storage,
  runId: string,
  { id, events }: { readonly id: string; readonly events: AsyncIterable<RunEvent> },
): Promise<AnswerDecision> {
  const fate = await fateOf(events, id)
  switch (fate.outcome) {
    case 'answered':
      return { outcome: 'counted' }
    case 'open':
      return { outcome: 'open' }
    case 'ignored': {
      const { because } = fate
      const path = isJsonObject(because.details) ? because.details['path'] : undefined
      const late = because.code === 'TASK_CLOSED' ? await lateBecause(storage, runId, path) : undefined
      return { outcome: 'ignored', because: late ?? because }
    }
    case 'ended':
    case 'replied': {
      const message = (await storage.inbox(runId, 0)).find((kept) => kept.id === id)
      const path = isJsonObject(message?.payload) ? message.payload['path'] : undefined
      const because = { code: 'RUN_CLOSED', message: 'the run ended before it took the answer in' }
      return { outcome: 'ignored', because: (await lateBecause(storage, runId, path)) ?? because }
    }
    default:
      return fate satisfies never
  }
}

/** Who answered a task first; `undefined` where nobody has, and it was closed for another reason. */
export async function lateBecause(
  storage: Storage,
  runId: string,
  path: Json | undefined,
): Promise<Because | undefined> {
  if (typeof path !== 'string') return undefined
  for await (const page of storage.read(runId, 1)) {
    for (const event of page) {
      if (event.type !== 'task.answered' || event.path !== path) continue
      const { id, answer, answerBlob } = event
      const given = answerBlob === undefined ? answer : await readBlob(storage, runId, answerBlob.sha256)
      return late(path, id, given)
    }
  }
  return undefined
}

function late(path: string, id: string, answer: Json | undefined): Because {
  const { choice, by } = isJsonObject(answer) ? answer : {}
  const who = typeof by === 'string' ? by : 'somebody else'
  const what = typeof choice === 'string' ? `: ${choice}` : ''
  const message = `${JSON.stringify(path)} was answered before by ${who}${what}`
  return { code: 'ANSWER_LATE', message, details: { path, id, answer: answer ?? null } }
}
