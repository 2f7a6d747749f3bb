import type { IncomingMessage } from 'node:http'
import type { Json } from 'segno'
import { HttpProblem } from './http-problem.ts'

const bodyBytesMax = 1024 * 1024

/** The JSON that a request brings. Refuses another media type (415), more than 1 MiB (413) and what does not parse (400). */
export async function jsonBody(request: IncomingMessage): Promise<Json> {
  // A page of another origin cannot send this type without being asked first, so no page sends commands unseen.
  const [mediaType = ''] = (request.headers['content-type'] ?? '').split(';')
  if (mediaType.trim().toLowerCase() !== 'application/json') {
    throw new HttpProblem(415, 'MEDIA_TYPE_UNSUPPORTED', `Expected application/json, got "${mediaType.trim()}"`)
  }
  const text = await readText(request)
  try {
    return JSON.parse(text) as Json
  } catch (cause) {
    throw new HttpProblem(400, 'BODY_INVALID', `The body is not JSON: ${String(cause)}`, { cause })
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) throw tooLarge()
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength
    if (bytes > bodyBytesMax) throw tooLarge()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch (cause) {
    throw new HttpProblem(400, 'BODY_INVALID', 'The body is not UTF-8', { cause })
  }
}

function tooLarge(): HttpProblem {
  return new HttpProblem(413, 'BODY_TOO_LARGE', `A body has at most ${bodyBytesMax} bytes`)
}
