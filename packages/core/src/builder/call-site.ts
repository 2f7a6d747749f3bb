// V8's, which other engines may lack.
const platform = Error as unknown as {
  readonly captureStackTrace?: (holder: object, below: (...given: never) => unknown) => void
  stackTraceLimit: number
}

/** Where a function was called, as `file:line:column`; none where the platform does not tell. */
export function callSite(called: (...given: never) => unknown): string | undefined {
  const { captureStackTrace, stackTraceLimit } = platform
  if (captureStackTrace === undefined) return undefined
  const holder: { stack?: string } = {}
  try {
    platform.stackTraceLimit = 1
    captureStackTrace(holder, called)
    // `    at name (file:///folder/file.ts:12:5)`, or the place alone.
    return /(?:\(|at )(?:async )?(?:file:\/\/)?([^()\s]+:\d+:\d+)\)?\s*$/.exec(holder.stack ?? '')?.[1]
  } finally {
    platform.stackTraceLimit = stackTraceLimit
  }
}
