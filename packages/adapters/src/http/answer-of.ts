import type { IncomingMessage } from 'node:http'
import type { HttpResponse } from '@segno/core'
import type { Json } from '@segno/schema/plan'
import { bodyValue } from './body-value.ts'
import type { Hop } from './hop.ts'
import { HttpFailure } from './http-failure.ts'
import { readBody } from './read-body.ts'

// Of what went wrong: more would only be read to be thrown away.
const errorBytesMax = 64 * 1024

/** Reads an answer to its end. */
export async function answerOf(
  response: IncomingMessage,
  { method }: Hop,
  { bytesMax, signal }: { readonly bytesMax: number; readonly signal: AbortSignal },
): Promise<HttpResponse> {
  const status = response.statusCode ?? 0
  const headers = headersOf(response.rawHeaders)
  if (method === 'HEAD' || status === 204 || status === 304) {
    response.resume()
    return { status, headers, body: null }
  }
  if (status < 400) return { status, headers, body: await wholeBody(response, bytesMax) }
  return { status, headers, body: await errorBody(response, bytesMax, signal) }
}

async function wholeBody(response: IncomingMessage, bytesMax: number): Promise<Json> {
  const chunks: Uint8Array[] = []
  await readBody(response, bytesMax, chunks)
  const body = bodyValue(Buffer.concat(chunks), response.headers['content-type'])
  if ('value' in body) return body.value
  throw new HttpFailure('OUTPUT_INVALID', body.problem)
}

// What the server said by its status stands, whatever comes of the body that explains it.
async function errorBody(response: IncomingMessage, bytesMax: number, signal: AbortSignal): Promise<Json> {
  const chunks: Uint8Array[] = []
  try {
    await readBody(response, Math.min(bytesMax, errorBytesMax), chunks)
  } catch {
    signal.throwIfAborted()
  }
  const body = bodyValue(Buffer.concat(chunks), response.headers['content-type'])
  return 'value' in body ? body.value : body.shown
}

function headersOf(raw: readonly string[]): Readonly<Record<string, string>> {
  const headers = new Map<string, string>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = raw.slice(at, at + 2)
    const before = headers.get(name.toLowerCase())
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`)
  }
  // Unlike an assignment, this makes a field of `__proto__` too.
  return Object.fromEntries(headers)
}
