import { isTerminal, type RunRow } from '@segno/core'
import { attach } from './attach.ts'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { drive } from './drive.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { everyRun, findRun } from './find-run.ts'
import { enterCommonWorkspace, enterWorkspace, knownRun, withStore, type Lookup } from './known-run.ts'
import { driverOf, isDue, ownerText } from './owner.ts'

/** The options of `segno resume`, as commander gives them. */
export interface ResumeOptions extends StoreCommandOptions {
  readonly all?: boolean
}

const actor = 'segno resume'

/** Goes on with runs: shows one as `segno run` does, and tells of several how each ends. */
export function resumeCommand(given: readonly string[], options: ResumeOptions): Promise<ExitCode> {
  return withStore(options, process.stderr, async (lookup) => {
    if (options.all === true) return resumeAll(given, lookup, options)
    const [only, ...others] = await runsOf(given, lookup)
    if (only === undefined) {
      const hint = 'name a run, or take --all for every run that is due'
      throw new CommandError({ code: 'USAGE', message: 'no run is given', hint })
    }
    if (others.length > 0) return resumeMany([only, ...others], lookup, options)
    const run = await knownRun(only, lookup, options)
    if (!isTerminal(only.status)) enterWorkspace(run)
    return attach({
      ...lookup,
      ...run,
      told: only.head,
      begin: async (engine) => {
        const handle = engine.run(only.runId)
        if (only.status === 'paused') await handle.resume({ actor })
        return handle
      },
    })
  })
}

async function runsOf(given: readonly string[], { store }: Lookup): Promise<readonly RunRow[]> {
  const found: RunRow[] = []
  for (const one of new Set(given)) {
    const row = await findRun(store, one)
    const driver = driverOf(row)
    if (driver !== undefined && !isTerminal(row.status)) throw held(row, ownerText(driver), driver.expiresAt)
    found.push(row)
  }
  return found
}

function held({ runId }: RunRow, owner: string, expiresAt: number): CommandError {
  const message = `${runId} is driven by ${owner}`
  const seconds = Math.max(1, Math.ceil((expiresAt - Date.now()) / 1000))
  const hint = `it needs nobody else; if that process hangs, end it. Its lease runs out in ${seconds} s unless it is renewed`
  return new CommandError({ code: 'RUN_HELD', message, hint }, { exitCode: exitCodes.conflict })
}

async function resumeAll(given: readonly string[], lookup: Lookup, options: ResumeOptions): Promise<ExitCode> {
  if (given.length > 0) throw new CommandError({ code: 'USAGE', message: '--all takes no runs beside it' })
  const { storage } = lookup.store
  const rows = new Map<string, RunRow>()
  for await (const row of everyRun(storage, {})) rows.set(row.runId, row)
  const wanted = new Set<RunRow>()
  for (const row of rows.values()) {
    if (row.status !== 'cancelling' && !(await isDue(storage, row))) continue
    // What waits for a run has something to do once that one ends.
    for (let one: RunRow | undefined = row; one !== undefined; one = rows.get(one.parent?.runId ?? ''))
      if (!isTerminal(one.status) && driverOf(one) === undefined) wanted.add(one)
  }
  if (wanted.size > 0) return resumeMany([...wanted], lookup, options)
  process.stderr.write(`nothing is due in ${lookup.store.shown}\n`)
  return exitCodes.ok
}

async function resumeMany(rows: readonly RunRow[], lookup: Lookup, options: ResumeOptions): Promise<ExitCode> {
  const runs = await Promise.all(rows.map((row) => knownRun(row, lookup, options)))
  const here = enterCommonWorkspace(runs, lookup.screen.cwd)
  const code = await drive(here, {
    lookup,
    act: async (run) => {
      if ((await run.status()) === 'paused') await run.resume({ actor })
    },
    codeOf: (outcome) => outcome.code,
    withStarted: true,
  })
  return code === exitCodes.ok && here.length < runs.length ? exitCodes.waiting : code
}
