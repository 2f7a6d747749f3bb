import { secretMasker, type MigrationReport } from '@segno/core'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { createHost } from './host.ts'
import { withStore, type Lookup } from './known-run.ts'
import { readWorkflow } from './read-workflow.ts'
import { shellWords } from './shell-words.ts'

/** The options of `segno migrate`, as commander gives them. */
export interface MigrateCommandOptions extends StoreCommandOptions {
  readonly run: readonly string[]
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly reason?: string
}

/** Lets runs in flight go on by what a workflow file says now, or tells what stands against it. */
export function migrateCommand(file: string, options: MigrateCommandOptions): Promise<ExitCode> {
  return withStore(options, process.stderr, async (lookup) => {
    const { screen, store } = lookup
    if (options.run.length > 0 === (options.all === true)) {
      const message = 'it has to be said which runs: those named with --run, or --all in flight'
      throw new CommandError({ code: 'USAGE', message, hint: `segno migrate ${file} --all --dry-run` })
    }
    const { workflow, config } = await readWorkflow(file, { screen, config: options.config })
    if (workflow === undefined) return exitCodes.definitionInvalid
    const runIds: string[] = []
    for (const given of options.run) runIds.push((await findRun(store, given)).runId)
    const host = createHost({
      ...{ store, config, workspace: screen.cwd, masker: secretMasker() },
      logger: { log: () => undefined },
    })
    try {
      const { reason, dryRun = false } = options
      const how = { actor: 'segno migrate', dryRun, ...(reason !== undefined && { reason }) }
      const reports = await host.engine.migrate(options.all === true ? {} : runIds, workflow, how)
      print(reports, lookup, dryRun)
      return reports.some(({ outcome }) => outcome === 'refused') ? exitCodes.conflict : exitCodes.ok
    } finally {
      await host.close()
    }
  })
}

const words: Readonly<Record<MigrationReport['outcome'], string>> = {
  fits: 'fits',
  sent: 'told',
  same: 'is on it',
  refused: 'cannot',
  ended: 'has ended',
}

function print(reports: readonly MigrationReport[], { screen, same }: Lookup, dryRun: boolean): void {
  if (screen.json) {
    process.stdout.write(`${JSON.stringify({ v: 1, dryRun, runs: reports }, null, 2)}\n`)
    return
  }
  if (reports.length === 0) process.stdout.write('no run of this workflow is in flight\n')
  const width = Math.max(0, ...reports.map(({ runId }) => runId.length))
  for (const { runId, status, outcome, reasons } of reports) {
    process.stdout.write(`${runId.padEnd(width)}  ${words[outcome].padEnd(9)}  ${status}\n`)
    for (const { path, message, code } of reasons) {
      process.stdout.write(`${''.padEnd(width)}    ${path === '' ? 'the run' : path}: ${message} (${code})\n`)
    }
  }
  if (screen.mode === 'quiet' || !reports.some(({ outcome }) => outcome === 'sent')) return
  const resume = shellWords(['segno', 'resume', '--all', ...same])
  process.stderr.write(`whoever drives a run takes it in; ${resume} goes on with the others\n`)
}
