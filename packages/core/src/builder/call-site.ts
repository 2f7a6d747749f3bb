// V8's, which other engines may lack.
const { captureStackTrace } = Error as unknown as {
  readonly captureStackTrace?: (holder: object, below: (...given: never) => unknown) => void
}

/** Where a function was called, as `file:line:column`; none where the platform does not tell. */
export function callSite(called: (...given: never) => unknown): string | undefined {
  if (captureStackTrace === undefined) return undefined
  const { stackTraceLimit } = Error
  const holder: { stack?: string } = {}
  try {
    Error.stackTraceLimit = 1
    captureStackTrace(holder, called)
    // `    at name (file:///folder/file.ts:12:5)`, or the place alone.
    return /(?:\(|at )(?:async )?(?:file:\/\/)?([^()\s]+:\d+:\d+)\)?\s*$/.exec(holder.stack ?? '')?.[1]
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
