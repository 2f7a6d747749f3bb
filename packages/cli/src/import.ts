import { importRun, SegnoError } from '@segno/core'
import { aboutBundle, readBundleFile } from './bundle-file.ts'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { withStore, type Lookup } from './known-run.ts'
import { shellWords } from './shell-words.ts'

/** Puts an exported run into the store, under its id. A run that had not ended is paused. */
export function importCommand(given: string, options: StoreCommandOptions): Promise<ExitCode> {
  const take = async ({ store, screen, same }: Lookup): Promise<ExitCode> => {
    if (store.volatile) {
      const message = `--store ${store.shown} keeps nothing beyond this command`
      throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'name a folder, such as --store .segno' })
    }
    const bundle = readBundleFile(given, screen.cwd)
    const { runId, status } = await aboutBundle(given, () => taken(() => importRun(store.storage, bundle)))
    if (screen.json) process.stdout.write(`${JSON.stringify({ v: 1, runId, status }, null, 2)}\n`)
    else {
      process.stdout.write(`${runId}\n`)
      if (screen.mode === 'quiet') return exitCodes.ok
      process.stderr.write(`${runId} is in ${store.shown}: ${status}\n`)
      const resume = shellWords(['segno', 'resume', runId, ...same])
      if (status === 'paused') process.stderr.write(`  nothing of it starts by itself; go on  ${resume}\n`)
    }
    return exitCodes.ok
  }
  return withStore(options, process.stderr, take, { makes: true })
}

async function taken<T>(use: () => Promise<T>): Promise<T> {
  try {
    return await use()
  } catch (error) {
    if (!SegnoError.is(error, 'RUN_EXISTS')) throw error
    const complaint = { code: 'RUN_EXISTS', message: error.message, hint: 'another --store takes it' } as const
    throw new CommandError(complaint, { exitCode: exitCodes.conflict, cause: error })
  }
}
