/** What the exit code of a command tells a script. */
export const exitCodes = {
  ok: 0,
  /** Also: `doctor` found a problem. */
  runFailed: 1,
  /** Usage, configuration or input: nothing was started. */
  usage: 2,
  definitionInvalid: 3,
  /** The run waits, or is blocked, and the process let go of it. */
  waiting: 4,
  cancelled: 5,
  timedOut: 6,
  conflict: 7,
  notFound: 8,
  /** A mistake in Segno itself. */
  internal: 70,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
