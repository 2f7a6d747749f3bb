/** The standard streams of the process, while handlers may write to them too. */
export interface Streams {
  /** Where progress and errors go. */
  readonly stderr: (text: string) => void
  /** Where results go, and nothing else. */
  readonly stdout: (text: string) => void
  /** Gives the streams back. */
  restore(): void
}

/**
 * Takes what anybody else in the process writes, so that a handler's
 * `console.log` neither tears the live tree nor mixes with results.
 */
export function takeStreams(stray: (text: string) => void): Streams {
  const writes = { stdout: process.stdout.write, stderr: process.stderr.write }
  process.stdout.write = divert(stray)
  process.stderr.write = divert(stray)
  return {
    stdout: (text) => void writes.stdout.call(process.stdout, text),
    stderr: (text) => void writes.stderr.call(process.stderr, text),
    restore() {
      process.stdout.write = writes.stdout
      process.stderr.write = writes.stderr
    },
  }
}

type Write = typeof process.stdout.write

function divert(stray: (text: string) => void): Write {
  return (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    const [encoding] = rest
    stray(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
    const done = typeof encoding === 'function' ? encoding : rest[1]
    if (typeof done === 'function') process.nextTick(done as () => void)
    return true
  }
}
