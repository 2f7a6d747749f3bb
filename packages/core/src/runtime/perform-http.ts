import type { AttemptOutcome } from '../kernel/decide.ts'
import type { Http, HttpContext, HttpResponse } from '../ports/http.ts'
import { httpRequestOf } from './http-request-of.ts'
import type { HttpAttempt } from './http-request-of.ts'
import { httpStatusFailure } from './http-status-failure.ts'
import { failedWith, misfitOf, outcomeOf } from './perform.ts'
import type { Performance } from './perform.ts'

/**
 * Makes a request once and tells how that ended, never at once. The schema of the
 * step is that of the body of the answer. A status from 400 on is a failure.
 */
export function performHttp(
  http: Http,
  attempt: HttpAttempt,
  {
    performance,
    context,
    settle,
  }: {
    readonly performance: Performance
    readonly context: HttpContext
    readonly settle: (outcome: AttemptOutcome) => void
  },
): void {
  const run = async (): Promise<AttemptOutcome> => {
    const request = httpRequestOf(attempt)
    const { runId, path, attempt: number, signal } = context
    const response = await http.request(request, { runId, path, attempt: number, signal })
    if (response.status < 400) return answered(response, performance)
    return failedWith(httpStatusFailure(request, response, performance.masker), performance)
  }
  run().then(settle, (error: unknown) => settle(failedWith(error, performance)))
}

function answered({ status, headers, body }: HttpResponse, performance: Performance): AttemptOutcome {
  const { path, outputSchema, masker } = performance
  const masked = masker.json(body)
  const misfit = misfitOf(masked, outputSchema, `the body of the answer to "${path}"`)
  return misfit ?? outcomeOf({ status, headers, body: masked }, { ...performance, outputSchema: undefined })
}
