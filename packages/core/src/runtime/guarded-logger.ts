import type { Logger } from './engine-options.ts'

/** A logger that cannot hurt a run. What it throws is lost: there is nobody left to tell. */
export function guardedLogger(logger: Logger | undefined): Logger | undefined {
  if (logger === undefined) return undefined
  return {
    log(level, message, details) {
      try {
        const returned: unknown = logger.log(level, message, details)
        if (returned instanceof Promise) returned.catch(ignore)
      } catch (error) {
        ignore(error)
      }
    },
  }
}

/** An error as a log tells it, whatever was thrown. */
export function errorText(error: unknown): string {
  try {
    if (!(error instanceof Error)) return String(error)
    return 'code' in error ? `${String(error.code)}: ${error.message}` : error.message
  } catch {
    return 'something that cannot be read'
  }
}

function ignore(_error: unknown): void {}
