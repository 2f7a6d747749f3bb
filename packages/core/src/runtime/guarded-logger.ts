import type { Json } from '@segno/schema/plan'
import type { Masker } from '../ports/masker.ts'
import type { Logger } from './engine-options.ts'
import { NotJson, copyJson } from './json-copy.ts'

/** A logger that cannot hurt a run, and that is told no secret. What it throws is lost: there is nobody left to tell. */
export function guardedLogger(logger: Logger | undefined, masker: Masker): Logger | undefined {
  if (logger === undefined) return undefined
  return {
    log(level, message, details) {
      try {
        const told = masker.isEmpty || details === undefined ? details : maskedDetails(masker, details)
        const returned: unknown = logger.log(level, masker.isEmpty ? message : masker.text(message), told)
        if (returned instanceof Promise) returned.catch(ignore)
      } catch (error) {
        ignore(error)
      }
    },
  }
}

// A logger may print more of an object than its type says: what is masked is what is told.
function maskedDetails(masker: Masker, details: Json): Json {
  const copied = copyJson(details)
  return copied instanceof NotJson || copied === undefined ? 'left out: not JSON' : masker.json(copied)
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
