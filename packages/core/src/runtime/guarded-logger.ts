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

function ignore(_error: unknown): void {}
