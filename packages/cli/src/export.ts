import { exportRun } from '@segno/core'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { withStore } from './known-run.ts'
import { writeOut } from './write-out.ts'

/** What is replaced in a run that is exported. */
export const redactions = ['keys', 'values', 'none'] as const

/** The options of `segno export`, as commander gives them. */
export interface ExportCommandOptions extends StoreCommandOptions {
  readonly out?: string
  readonly redact: (typeof redactions)[number]
  readonly children?: boolean
}

/** Writes a run as one JSON document, to stdout or into a file. Nothing of the run is changed. */
export function exportCommand(given: string, options: ExportCommandOptions): Promise<ExitCode> {
  return withStore(options, process.stderr, async ({ store, screen }) => {
    const row = await findRun(store, given)
    const { out, redact, children = false } = options
    const bundle = await exportRun(store.storage, row.runId, { redact: redact === 'none' ? false : redact, children })
    const text = `${JSON.stringify(bundle, null, 2)}\n`
    if (out === undefined) {
      process.stdout.write(text)
      return exitCodes.ok
    }
    // Only for whoever exports it: a run may hold what is nobody else's business.
    const written = writeOut(out, text, { cwd: screen.cwd, mode: 0o600 })
    if (screen.mode !== 'quiet') process.stderr.write(`wrote ${row.runId} to ${written}\n`)
    return exitCodes.ok
  })
}
