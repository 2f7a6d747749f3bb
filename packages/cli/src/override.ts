import { actOnRun, openPath, type ActOptions } from './act-on-run.ts'
import type { ExitCode } from './exit-code.ts'
import { givenJson } from './given-json.ts'

/** The options of `segno override`, as commander gives them. */
export interface OverrideOptions extends ActOptions {
  readonly data?: string
}

/** Ends a step that waits or is blocked with an output that is given here. */
export function overrideCommand(given: string, step: string, options: OverrideOptions): Promise<ExitCode> {
  const { reason, data } = options
  const output = data === undefined ? undefined : givenJson(data, '--data', process.cwd())
  const by = { actor: 'segno override', ...(reason !== undefined && { reason }) }
  return actOnRun(given, options, (progress) => {
    const path = openPath(progress, step)
    return { what: 'override', act: (run) => run.override(path, output, by) }
  })
}
