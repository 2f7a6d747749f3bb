/** A failure that another try would not mend, under a code that `catch.on` can match. */
export function codedError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, retryable: false })
}
