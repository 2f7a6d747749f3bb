import type { HttpRequest } from '@segno/core'
import type { HttpMethod } from '@segno/schema/plan'
import { HttpFailure } from './http-failure.ts'

/** One request on the way to the answer: the first, or where it was redirected to. */
export interface Hop {
  readonly url: URL
  readonly method: HttpMethod
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string | undefined
  /** Whether it must not lead into a private network. */
  readonly isGuarded: boolean
}

/** The request as it is made first; its headers before those that the host gives all. */
export function firstHop(
  { url, method, headers, body, isHostLiteral }: HttpRequest,
  defaults: ReadonlyMap<string, string>,
): Hop {
  return {
    url: httpUrl(url, undefined, 'the url of the request'),
    method,
    headers: new Map([...defaults, ...Object.entries(headers).map(([name, value]) => lowered(name, value))]),
    body,
    isGuarded: !isHostLiteral,
  }
}

export function lowered(name: string, value: string): readonly [string, string] {
  return [name.toLowerCase(), value]
}

const redirections = new Set([301, 302, 303, 307, 308])

/** Whether the answer sends the request elsewhere. */
export function isRedirection(status: number, location: string | undefined): location is string {
  return redirections.has(status) && location !== undefined
}

/** Where a redirection leads to. Throws a failure where nobody is to follow it. */
export function redirectedHop(hop: Hop, status: number, location: string): Hop {
  const url = httpUrl(readable(location), hop.url.href, `the redirect of ${hop.url.origin}`)
  if (hop.url.protocol === 'https:' && url.protocol === 'http:')
    throw new HttpFailure('HTTP_REFUSED', `the redirect of ${hop.url.origin} leads from https to http: ${url.origin}`)
  const turned = isTurned(hop, status) ? asGet(hop) : hop
  if (url.origin === hop.url.origin) return { ...turned, url }
  return { ...turned, url, headers: only(turned.headers, mayLeave), isGuarded: true }
}

// The message does not quote the URL: a password may stand in it.
function httpUrl(text: string, base: string | undefined, what: string): URL {
  if (!URL.canParse(text, base)) throw new HttpFailure('HTTP_REFUSED', `${what} is no URL`)
  const url = new URL(text, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new HttpFailure('HTTP_REFUSED', `${what} is none of http or https: ${url.protocol}`)
  if (url.username !== '' || url.password !== '')
    throw new HttpFailure('HTTP_REFUSED', `${what} holds a user or a password`)
  return url
}

// Node reads the bytes of a header as Latin-1. Browsers, and so the servers that they are used to, mean UTF-8.
function readable(location: string): string {
  const text = Buffer.from(location, 'latin1').toString('utf8')
  return text.includes('\ufffd') ? location : text
}

function isTurned({ method }: Hop, status: number): boolean {
  return (status === 301 || status === 302 || status === 303) && method !== 'HEAD'
}

function asGet(hop: Hop): Hop {
  return { ...hop, method: 'GET', body: undefined, headers: only(hop.headers, (name) => !name.startsWith('content-')) }
}

// Everything else may be, or hold, what lets the caller in at the first origin.
function mayLeave(name: string): boolean {
  return name === 'accept' || name === 'user-agent' || name.startsWith('content-')
}

function only(headers: ReadonlyMap<string, string>, isKept: (name: string) => boolean): ReadonlyMap<string, string> {
  return new Map([...headers].filter(([name]) => isKept(name)))
}
