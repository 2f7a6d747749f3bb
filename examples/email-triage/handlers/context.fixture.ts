import type { HandlerContext } from 'segno'

/** What a handler gets beside its input, when no engine calls it. */
export function contextOf(idempotencyKey: string): HandlerContext {
  const { signal } = new AbortController()
  const secrets = { get: (name: string) => Promise.reject(new Error(`there is no secret ${name}`)) }
  return { runId: 'run_1', path: 'step', attempt: 1, idempotencyKey, signal, secrets, log: () => undefined }
}
