import { exitCodes, type ExitCode } from './exit-code.ts'

/** What a signal to stop leads to. */
export interface Interrupts {
  /** The exit code of the first signal, as soon as there is one. */
  readonly first: Promise<ExitCode>
  /** Listens no more. */
  off(): void
}

/** What is said while a command that was told to stop waits for what runs. */
export const stoppingText = 'stopping: what runs has 5 s to end; again to stop at once\n'

/** Waits for Ctrl-C or SIGTERM. The second one ends the process at once, after `force`. */
export function listenForInterrupts(force: (code: ExitCode) => never): Interrupts {
  let asked = false
  let resolve: (code: ExitCode) => void = () => undefined
  const first = new Promise<ExitCode>((settle) => {
    resolve = settle
  })
  const heard = (code: ExitCode) => (): void => {
    if (asked) force(code)
    asked = true
    resolve(code)
  }
  const onInt = heard(exitCodes.interrupted)
  const onTerm = heard(exitCodes.terminated)
  process.on('SIGINT', onInt)
  process.on('SIGTERM', onTerm)
  return {
    first,
    off() {
      process.off('SIGINT', onInt)
      process.off('SIGTERM', onTerm)
    },
  }
}
