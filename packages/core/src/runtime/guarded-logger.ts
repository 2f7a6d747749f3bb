import type { Masker } from '../ports/masker.ts'
import type { Logger } from './engine-options.ts'

/** A logger that cannot hurt a run, and that is told no secret. What it throws is lost: there is nobody left to tell. */
export function guardedLogger(logger: Logger | undefined, masker: Masker): Logger | undefined {
  if (logger === undefined) return undefined
  return {
    log(level, message, details) {
      try {
        const told = masker.isEmpty || details === undefined ? details : masker.json(details)
        const returned: unknown = logger.log(level, masker.isEmpty ? message : masker.text(message), told)
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
