import type { AppendRequest, InboxMessage, Message } from '@segno/core/storage'
import type { RunEvent } from '@segno/schema/plan'
import { damaged, unsupported } from './faults.ts'
import type { AppendText, EventText, MessageText, PageText } from './protocol.ts'

/** The JSON text of a value. */
export function textOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    throw unsupported(`a value that is no JSON: ${String(error)}`)
  }
}

/** Events as they are sent to the thread. */
export function eventTexts(events: readonly RunEvent[]): EventText[] {
  return events.map((event) => ({ seq: event.seq, runId: event.runId, type: event.type, json: textOf(event) }))
}

/** An append as it is sent to the thread. */
export function appendText({ events, snapshot, ...request }: AppendRequest): AppendText {
  const texts = { ...request, events: eventTexts(events) }
  if (snapshot === undefined) return texts
  const { seq, format, state } = snapshot
  return { ...texts, snapshot: { seq, format, json: textOf(state) } }
}

/** A message as it is given out. */
export function messageOf({ n, deliveredAt, json }: MessageText): InboxMessage {
  return { ...(JSON.parse(json) as Message), n, deliveredAt }
}

/** The events of a page. */
export function eventsOf({ json, next }: PageText): readonly RunEvent[] {
  try {
    return JSON.parse(json) as RunEvent[]
  } catch (error) {
    throw damaged(`The events before ${next}`, `they are no JSON (${String(error)})`)
  }
}
