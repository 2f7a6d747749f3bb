import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { isTerminal, type RunEvent, type RunHandle } from 'segno'
import { HttpProblem } from './http-problem.ts'

/**
 * Streams the events of a run as server-sent events, up to its end. The `id` of
 * each is its `seq`, so a client that comes back with `Last-Event-ID` goes on
 * right behind it. Resolves when the stream has ended or the client has gone.
 */
export async function streamEvents(
  run: RunHandle,
  { request, response, stopping }: { request: IncomingMessage; response: ServerResponse; stopping: AbortSignal },
): Promise<void> {
  const seen = lastEventId(request)
  const { head, status } = await run.row()
  if (seen > head) throw new HttpProblem(400, 'LAST_EVENT_ID_INVALID', `Run ${run.id} has no event ${seen} yet`)
  if (seen === head && isTerminal(status)) {
    // The standard's way to tell a client that it need not come back.
    response.writeHead(204).end()
    return
  }
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
  response.flushHeaders()
  const signal = AbortSignal.any([gone.signal, stopping])
  try {
    await pipeline(frames(run.events({ from: seen + 1, signal })), response)
  } catch (error) {
    if (!gone.signal.aborted) throw error
  }
}

function lastEventId(request: IncomingMessage): number {
  const text = request.headers['last-event-id'] ?? '0'
  const seq = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined
  if (seq === undefined) throw new HttpProblem(400, 'LAST_EVENT_ID_INVALID', 'Last-Event-ID is not the id of an event')
  return seq
}

async function* frames(events: AsyncIterable<RunEvent>): AsyncGenerator<string, void, undefined> {
  for await (const event of events) yield `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
