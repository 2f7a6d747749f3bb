import { httpMethods, isJsonObject } from '@segno/schema/plan'
import type { FailureCode, HttpMethod, Json, JsonObject } from '@segno/schema/plan'
import type { HttpRequest } from '../ports/http.ts'
import { finalFailure } from './failure.ts'

/** What an attempt of an `http` step asks for. */
export interface HttpAttempt {
  /** `{ method?, url, headers?, query?, body? }`: every template evaluated, secrets put in. */
  readonly input: JsonObject
  readonly isHostLiteral: boolean
  readonly redirectsMax: number
  readonly bodyBytesMax: number
  readonly idempotencyKey: string
}

/**
 * The request that an attempt of an `http` step makes. `POST` and `PATCH`, which
 * are not idempotent by themselves, carry the key of the occurrence as `Idempotency-Key`
 * (draft-ietf-httpapi-idempotency-key-header), so that a server can tell a repetition
 * from a second order. It is sent as it is, like handlers and processes get it; the draft
 * writes a text in quotes, which servers that take any text do not expect.
 * Throws a failure where the values cannot be a request.
 */
export function httpRequestOf(attempt: HttpAttempt): HttpRequest {
  const { input, isHostLiteral, redirectsMax, bodyBytesMax, idempotencyKey } = attempt
  const method = methodOf(input['method'])
  const url = urlOf(input['url'], fieldsOf(input['query'], 'query'))
  const content = contentOf(input['body'], method)
  const own = Object.entries(fieldsOf(input['headers'], 'headers')).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, headerValue(name, value)] as const],
  )
  checkNames(own.map(([name]) => name))
  const isGiven = new Set(own.map(([name]) => name.toLowerCase()))
  const added = [
    ['Accept', 'application/json, text/*;q=0.9, */*;q=0.1'] as const,
    ...(content === undefined ? [] : [['Content-Type', content.type] as const]),
    ...(method === 'POST' || method === 'PATCH' ? [['Idempotency-Key', idempotencyKey] as const] : []),
  ]
  return {
    method,
    url,
    // Unlike an assignment, this makes a header of `__proto__` too.
    headers: Object.fromEntries([...added.filter(([name]) => !isGiven.has(name.toLowerCase())), ...own]),
    ...(content === undefined ? {} : { body: content.text }),
    redirectsMax,
    bodyBytesMax,
    isHostLiteral,
  }
}

function methodOf(method: Json = 'GET'): HttpMethod {
  const known = httpMethods.find((candidate) => candidate === method)
  if (known === undefined) throw refused('ARGUMENT_REFUSED', `the method is none of ${httpMethods.join(', ')}`)
  return known
}

function fieldsOf(fields: Json = {}, what: string): JsonObject {
  if (isJsonObject(fields)) return fields
  throw refused('TYPE_MISMATCH', `\`${what}\` is ${kindOf(fields)}, not a map`)
}

// Messages do not quote the URL: it may hold a password, and it is no secret that a masker knows.
function urlOf(text: Json | undefined, query: JsonObject): string {
  if (typeof text !== 'string') throw refused('TYPE_MISMATCH', `the url is ${kindOf(text)}, not a text`)
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw refused('HTTP_REFUSED', 'the url is no absolute URL of http or https')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw refused('HTTP_REFUSED', 'the url holds a user or a password; they belong into an `authorization` header')
  url.hash = ''
  const added = queryOf(query)
  // The query that the author wrote stays as it is: `searchParams` would write it anew.
  if (added !== '') url.search = url.search === '' ? added : `${url.search}&${added}`
  return url.href
}

// A space is `%20`, which every server reads; `+` is one only to those that expect a form.
function queryOf(query: JsonObject): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? (value as readonly Json[]) : value === undefined ? [] : [value]
    return values.map((item): [string, string] => [name, queryValue(name, item)])
  })
  return new URLSearchParams(pairs).toString().replaceAll('+', '%20')
}

function queryValue(name: string, value: Json): string {
  if (value !== null && typeof value !== 'object') return String(value)
  throw refused('TYPE_MISMATCH', `\`query.${name}\` is or holds ${kindOf(value)}, not a text, number or boolean`)
}

function headerValue(name: string, value: Json): string {
  if (value === null || typeof value === 'object')
    throw refused('ARGUMENT_REFUSED', `the header "${name}" is ${kindOf(value)}, not a text`)
  const text = String(value)
  if (/[\r\n\0]/.test(text)) throw refused('ARGUMENT_REFUSED', `the header "${name}" holds a line break or a NUL`)
  // RFC 9110, section 5.5.
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text))
    throw refused('ARGUMENT_REFUSED', `the header "${name}" holds a character that no header can hold`)
  return text
}

// What frames a message on its connection, and to whom it goes, is for the adapter to say: two opinions about it are
// how requests are smuggled.
const framing = new Set([
  ...['connection', 'content-length', 'expect', 'host', 'keep-alive', 'proxy-connection', 'te', 'trailer'],
  ...['transfer-encoding', 'upgrade'],
])

function checkNames(names: readonly string[]): void {
  const known = new Set<string>()
  for (const name of names) {
    const lower = name.toLowerCase()
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(lower))
      throw refused('ARGUMENT_REFUSED', `${JSON.stringify(name)} is no name of a header`)
    if (framing.has(lower)) throw refused('ARGUMENT_REFUSED', `the header "${name}" is not a step's to give`)
    if (known.has(lower)) throw refused('ARGUMENT_REFUSED', `the header "${name}" is given twice`)
    known.add(lower)
  }
}

interface Content {
  readonly text: string
  readonly type: string
}

function contentOf(body: Json | undefined, method: HttpMethod): Content | undefined {
  if (body === undefined) return undefined
  if (method === 'GET' || method === 'HEAD') throw refused('ARGUMENT_REFUSED', `a ${method} request has no body`)
  return typeof body === 'string'
    ? { text: body, type: 'text/plain;charset=utf-8' }
    : { text: JSON.stringify(body), type: 'application/json' }
}

function kindOf(value: Json | undefined): string {
  if (value === undefined || value === null) return value === null ? 'null' : 'missing'
  if (typeof value !== 'object') return `a ${typeof value}`
  return isJsonObject(value) ? 'an object' : 'a list'
}

function refused(code: FailureCode, message: string): Error {
  return Object.assign(new Error(message), finalFailure(code, message))
}
