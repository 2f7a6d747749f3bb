import { actOnRun, openPath, type ActOptions } from './act-on-run.ts'
import type { ExitCode } from './exit-code.ts'

/** Ends a step that waits or is blocked as if it had been left out; what follows goes on. */
export function skipCommand(given: string, step: string, options: ActOptions): Promise<ExitCode> {
  const { reason } = options
  const by = { actor: 'segno skip', ...(reason !== undefined && { reason }) }
  return actOnRun(given, options, (progress) => {
    const path = openPath(progress, step)
    return { what: 'skip', act: (run) => run.skip(path, by) }
  })
}
