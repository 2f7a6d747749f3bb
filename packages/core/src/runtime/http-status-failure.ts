import type { Failure, Json } from '@segno/schema/plan'
import type { HttpRequest, HttpResponse } from '../ports/http.ts'
import type { Masker } from '../ports/masker.ts'

const bodyBytesKept = 2048
const headersKept = ['content-type', 'retry-after', 'x-request-id', 'request-id', 'traceparent'] as const

// That another attempt may get another answer is what these say themselves (RFC 9110, 8470, 6585), but for 500: it is
// what servers say when they do not know.
const retryableStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** What the journal keeps of an answer with a status from 400 on. */
export function httpStatusFailure(
  { method, url }: Pick<HttpRequest, 'method' | 'url'>,
  { status, headers, body }: HttpResponse,
  masker: Masker,
): Failure {
  const { origin, pathname } = new URL(url)
  const retryAfterMs = retryAfterOf(headers)
  const named = status in reasons ? `${status} ${reasons[status] ?? ''}` : String(status)
  const kept = headersKept.flatMap((name) => (Object.hasOwn(headers, name) ? [[name, headers[name] ?? '']] : []))
  return {
    code: 'HTTP_STATUS',
    // Masked before anything is cut off: of a secret that is cut nobody would know the rest.
    message: masker.text(`the server answered ${named} to ${method} ${origin}${pathname}`),
    retryable: retryableStatuses.has(status),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    details: {
      status,
      headers: Object.fromEntries(kept),
      ...(body === null ? {} : { body: beginningOf(textOf(masker.json(body))) }),
    },
  }
}

function textOf(body: Json): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function beginningOf(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bodyBytesKept))
  return text.slice(0, read)
}

/** RFC 9110, section 10.2.3. A date is told by the server's clock, and so only means something beside its `Date`. */
function retryAfterOf({ 'retry-after': after, date }: HttpResponse['headers']): number | undefined {
  if (after === undefined) return undefined
  if (/^\d{1,12}$/.test(after)) return Number(after) * 1000
  const [until, now] = [instantOf(after), instantOf(date)]
  return until === undefined || now === undefined ? undefined : Math.max(0, until - now)
}

const days = '(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?'
const dateForms = [
  new RegExp(`^${days}, \\d{2}[ -][A-Z][a-z]{2}[ -]\\d{2}(?:\\d{2})? \\d{2}:\\d{2}:\\d{2} GMT$`),
  new RegExp(`^${days} [A-Z][a-z]{2} [ \\d]\\d \\d{2}:\\d{2}:\\d{2} \\d{4}$`),
]

// The three forms of RFC 9110, section 5.6.7. The last one does not say that it is GMT, but is.
function instantOf(text: string | undefined): number | undefined {
  if (text === undefined || !dateForms.some((form) => form.test(text))) return undefined
  const instant = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(instant) ? undefined : instant
}

// Those that people meet. HTTP/2 sends none, and the number is told in any case.
const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}
