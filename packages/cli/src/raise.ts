import { parseDuration } from '@segno/schema'
import { actOnRun, type ActOptions } from './act-on-run.ts'
import { CommandError } from './command-error.ts'
import type { ExitCode } from './exit-code.ts'

/** The options of `segno raise`, as commander gives them. */
export interface RaiseOptions extends ActOptions {
  readonly steps?: string
  readonly duration?: string
  readonly transitions?: string
}

/** Raises limits of a run, and lets it go on that has reached one. */
export function raiseCommand(given: string, options: RaiseOptions): Promise<ExitCode> {
  const { reason } = options
  const limits = limitsOf(options)
  const by = { actor: 'segno raise', ...(reason !== undefined && { reason }) }
  return actOnRun(given, options, () => ({ what: 'raise', act: (run) => run.raise(limits, by) }))
}

function limitsOf({ steps, duration, transitions }: RaiseOptions): {
  readonly steps?: number
  readonly durationMs?: number
  readonly transitions?: number
} {
  if (steps === undefined && duration === undefined && transitions === undefined) {
    const hint = 'name one: --steps, --duration or --transitions'
    throw new CommandError({ code: 'USAGE', message: 'there is no limit to raise', hint })
  }
  return {
    ...(steps !== undefined && { steps: countOf('--steps', steps) }),
    ...(transitions !== undefined && { transitions: countOf('--transitions', transitions) }),
    ...(duration !== undefined && { durationMs: durationOf(duration) }),
  }
}

function countOf(flag: string, text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count > 0) return count
  const message = `${flag} ${text}: expected a whole number above 0`
  throw new CommandError({ code: 'OPTION_INVALID', message, hint: `for example: ${flag} 200000` })
}

function durationOf(text: string): number {
  const durationMs = parseDuration(text)
  if (durationMs !== undefined && durationMs > 0) return durationMs
  const message = `--duration ${text}: expected a duration`
  throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'counted from the start of the run: --duration 2d' })
}
