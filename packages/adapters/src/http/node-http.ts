import { SegnoError } from '@segno/core'
import type { Http, HttpRequest, HttpResponse } from '@segno/core'
import { addressRule } from './address-rule.ts'
import { answerOf } from './answer-of.ts'
import { connections } from './connections.ts'
import { firstHop, isRedirection, lowered, redirectedHop } from './hop.ts'
import type { Hop } from './hop.ts'
import { HttpFailure, httpFailureOf } from './http-failure.ts'
import { send } from './send.ts'
import type { Sending } from './send.ts'
import { trustedCertificates } from './trusted-certificates.ts'

/** What requests are made with. */
export interface NodeHttpOptions {
  /**
   * What of private networks requests may go to whose host came from data or a redirect: addresses, ranges such as
   * `10.0.0.0/8`, and names of hosts. Nothing unless given. A host that the workflow writes out is not asked about.
   */
  readonly allowPrivate?: readonly string[]
  /** Until a connection stands, its name looked up and its TLS agreed on; 10 s unless given. */
  readonly timeoutMs?: number
  /** Certificates, as PEM text, to be trusted beside those that Node trusts. */
  readonly ca?: string
  /** Sent with each request, unless the step has its own. `user-agent` is `segno` unless given. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Requests over the connections of this process. */
export interface NodeHttp extends Http, AsyncDisposable {
  /** Closes all connections; what is under way fails. */
  close(): Promise<void>
}

const timeoutDefaultMs = 10_000
const timeoutMaxMs = 2 ** 31 - 1

/**
 * Makes the requests of `http` steps over `node:http` and `node:https`. Certificates are
 * always verified. No proxy is used, and no variable of the environment that names one is read.
 *
 * @example
 * ```ts
 * await using http = nodeHttp({ allowPrivate: ['10.20.0.0/16', 'billing.internal'] })
 * ```
 */
export function nodeHttp(options: NodeHttpOptions = {}): NodeHttp {
  const { allowPrivate = [], timeoutMs: connectMs = timeoutDefaultMs, ca } = options
  if (!Number.isInteger(connectMs) || connectMs < 1 || connectMs > timeoutMaxMs)
    throw new SegnoError('ARGUMENT_INVALID', `\`timeoutMs\` is ${connectMs}, not a whole number from 1 on`)
  const defaults = new Map([['user-agent', 'segno'], ...checkedHeaders(options.headers ?? {})])
  const rule = addressRule(allowPrivate)
  // Made when a request wants one, for it loads much of Node; but a mistake in `ca` is told at once.
  let pool = ca === undefined ? undefined : connections(rule, trustedCertificates(ca))
  let isClosed = false
  const close = (): Promise<void> => {
    isClosed = true
    pool?.close()
    return Promise.resolve()
  }
  return {
    async request(request, { signal }) {
      signal.throwIfAborted()
      if (isClosed) throw new HttpFailure('HTTP_FAILED', 'the host has closed its connections', { retryable: true })
      pool ??= connections(rule, trustedCertificates(ca))
      try {
        return await follow(request, firstHop(request, defaults), { connections: pool, connectMs, signal })
      } catch (error) {
        // However a request ends that is destroyed, this is why.
        signal.throwIfAborted()
        throw error
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function follow(request: HttpRequest, first: Hop, sending: Sending): Promise<HttpResponse> {
  const { redirectsMax, bodyBytesMax: bytesMax } = request
  let hop = first
  try {
    for (let followed = 0; ; followed += 1) {
      const response = await send(hop, sending)
      const { statusCode = 0, headers } = response
      if (!isRedirection(statusCode, headers.location))
        return await answerOf(response, hop, { bytesMax, signal: sending.signal })
      // Its body is for people, and may have no end.
      response.destroy()
      if (followed >= redirectsMax) throw new HttpFailure('HTTP_REFUSED', `more than ${redirectsMax} redirects`)
      hop = redirectedHop(hop, statusCode, headers.location)
    }
  } catch (error) {
    throw httpFailureOf(error, hop)
  }
}

function checkedHeaders(headers: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(headers).map(([name, value]) => {
    const { validateHeaderName, validateHeaderValue } = process.getBuiltinModule('node:http')
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (cause) {
      throw new SegnoError('ARGUMENT_INVALID', `\`headers\` has ${JSON.stringify(name)}, which cannot be sent`, {
        cause,
      })
    }
    return lowered(name, value)
  })
}
