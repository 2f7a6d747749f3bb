import type { HttpMethod, Json } from '@segno/schema/plan'

/** One request, with every value evaluated and secrets put in. */
export interface HttpRequest {
  readonly method: HttpMethod
  /** Absolute, with its query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The text to send; none for a request without a body. */
  readonly body?: string
  /** How many redirects may be followed. */
  readonly redirectsMax: number
  /** Bytes of the body of the answer, after decompression. */
  readonly bodyBytesMax: number
  /**
   * Whether the author of the workflow wrote out scheme, host and port. A host that
   * came from data, and every redirect to another one, must not lead into a private network.
   */
  readonly isHostLiteral: boolean
}

/** What a server answered, whatever its status. */
export interface HttpResponse {
  readonly status: number
  /** Names in lower case; several of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** The value of a JSON body, the text of any other, `null` for none. */
  readonly body: Json
}

/** The attempt that a request belongs to. */
export interface HttpContext {
  readonly runId: string
  readonly path: string
  readonly attempt: number
  /** Aborted when the attempt has to stop. */
  readonly signal: AbortSignal
}

/** Sends the requests of `http` steps. */
export interface Http {
  /**
   * Sends a request and reads the answer to its end. Rejects with an error that has
   * `code` (`HTTP_FAILED`, `HTTP_REFUSED`, `OUTPUT_TOO_LARGE`, `OUTPUT_INVALID`), `retryable` and
   * `details` when there is no answer that can be used, and once `signal` aborts.
   */
  request(request: HttpRequest, context: HttpContext): Promise<HttpResponse>
}
