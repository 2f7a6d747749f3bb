/** An error whose code and `retryable` the engine takes over into the failure of the step. */
export function codedError(
  code: string,
  message: string,
  options: { retryable?: boolean; cause?: unknown } = {},
): Error {
  const { retryable = false, cause } = options
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { code, retryable })
}

/** Whether the system said `code`, such as `EEXIST`. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
