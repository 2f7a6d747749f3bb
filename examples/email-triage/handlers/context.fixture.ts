import type { HandlerContext } from 'segno'

/** What a handler gets beside its input, when no engine calls it. */
export function contextOf(idempotencyKey: string): HandlerContext {
  const { signal } = new AbortController()
  return { runId: 'run_1', path: 'step', attempt: 1, idempotencyKey, signal, log: () => undefined }
}
