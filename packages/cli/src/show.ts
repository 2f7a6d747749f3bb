import { isTerminal, type RunRow } from '@segno/core'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { Family, relativesOf } from './family.ts'
import { findRun } from './find-run.ts'
import { readProgress, withStore, type Lookup } from './known-run.ts'
import { lookAtIt, nextCommands } from './next-commands.ts'
import { driverOf, ownerText } from './owner.ts'
import type { Progress } from './progress/progress.ts'
import { runDocument } from './run-document.ts'
import { givenLabels, knownWorkflow, type KnownWorkflow } from './run-origin.ts'
import { readValue } from './read-value.ts'
import { readerGone } from './reader-gone.ts'
import { epilogue, type Ending } from './screen/epilogue.ts'
import { journalLine } from './screen/journal-line.ts'
import { resultText } from './screen/result-text.ts'
import { stepLines } from './screen/step-detail.ts'
import { printable } from './screen/terminal.ts'
import { ago, dateTime } from './screen/took.ts'
import { view } from './screen/view.ts'
import { shownStatus } from './shown-status.ts'
import { readStep, stepPath } from './step-record.ts'
import { excerptOf, liveTail } from './step-output.ts'

/** The options of `segno show`, as commander gives them. */
export interface ShowOptions extends StoreCommandOptions {
  readonly events?: boolean
}

/** Shows how a run stands, or one of its steps, or its journal. It is the result, so it goes to stdout. */
export function showCommand(given: string, step: string | undefined, options: ShowOptions): Promise<ExitCode> {
  return withStore(options, process.stdout, async (lookup) => {
    const row = await findRun(lookup.store, given)
    if (options.events === true) return showEvents(row, step, lookup)
    const workflow = await knownWorkflow(row, lookup.store.storage, lookup.screen.cwd)
    const progress = await readProgress(row, workflow, lookup.store.storage)
    if (step === undefined) await showRun(row, workflow, { progress, lookup })
    else await showStep(stepPath(progress, step), workflow, { progress, lookup })
    return exitCodes.ok
  })
}

interface Shown {
  readonly progress: Progress
  readonly lookup: Lookup
}

async function showRun(row: RunRow, workflow: KnownWorkflow, { progress, lookup }: Shown): Promise<void> {
  const { screen, store, same } = lookup
  const output = await outputOf(row, progress, lookup)
  if (screen.json) {
    const document = runDocument(progress, { status: row.status, ...(output && { output }) })
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
    return
  }
  const now = Date.now()
  const ending = endingOf(row)
  const family = new Family(store.storage, progress)
  const relatives =
    ending === undefined ? { open: [], left: [] } : await relativesOf(row.runId, { progress, family, store })
  const tree = view(progress, {
    ...screen.look,
    ...{ cols: process.stdout.columns ?? 100, rows: Infinity, now, title: workflow.title },
    tail: liveTail(store.evidence, () => row.runId),
  })
  const last =
    ending === undefined
      ? []
      : epilogue(progress, {
          ...screen.look,
          ...{ ending, color: screen.color, now, volatile: false },
          ...(workflow.source && { source: workflow.source }),
          open: relatives.open,
          // What it is that is looked at needs no second look.
          next: nextCommands(progress, { ending, volatile: false, same, ...relatives }).filter(
            ([what]) => what !== lookAtIt,
          ),
          excerpt: excerptOf(store.evidence, row.runId, screen.cwd),
        })
  const lines = [...tree, '', ...factLines(row, now), ...last]
  process.stdout.write(`${lines.join('\n')}\n${output === undefined ? '' : resultText(output)}`)
}

function factLines(row: RunRow, now: number): string[] {
  const labels = Object.entries(givenLabels(row)).map(([name, value]) => `${name}=${value}`)
  const driver = isTerminal(row.status) ? undefined : driverOf(row)
  return [
    `started  ${dateTime(row.createdAt)} (${ago(now - row.createdAt)})`,
    ...(labels.length === 0 ? [] : [`labels   ${printable(labels.join(', '))}`]),
    ...(row.parent === undefined ? [] : [`parent   ${row.parent.runId} at ${row.parent.path}`]),
    ...(driver === undefined ? [] : [`driver   ${printable(ownerText(driver))}`]),
  ]
}

/** How the last words tell of a run; none while something drives it. */
function endingOf(row: RunRow): Ending | undefined {
  const status = shownStatus(row)
  switch (status) {
    case 'queued':
    case 'running':
    case 'cancelling':
      return driverOf(row) === undefined ? 'let go' : undefined
    default:
      return status
  }
}

async function outputOf({ runId, status }: RunRow, progress: Progress, { store }: Lookup): Promise<RunOutput> {
  if (status !== 'completed') return undefined
  const { output: value, outputBlob: blob } = progress
  return ((await readValue(store.storage, runId, { value, blob })) ?? {}) as RunOutput
}

type RunOutput = Parameters<typeof resultText>[0] | undefined

async function showStep(path: string, workflow: KnownWorkflow, { progress, lookup }: Shown): Promise<void> {
  const { screen, store } = lookup
  const step = progress.steps.get(path)
  if (step === undefined) throw new CommandError({ code: 'STEP_NOT_FOUND', message: `there is no step ${path}` })
  const record = await readStep(progress.runId, step, store)
  if (screen.json) {
    process.stdout.write(`${JSON.stringify({ v: 1, runId: progress.runId, ...record }, null, 2)}\n`)
    return
  }
  const lines = stepLines(step, record, {
    ...screen.look,
    ...{ color: screen.color, cwd: screen.cwd, now: Date.now(), verbose: screen.verbose },
    ...(workflow.source && { source: workflow.source }),
    excerpt: excerptOf(store.evidence, progress.runId, screen.cwd),
  })
  process.stdout.write(`${lines.join('\n')}\n`)
}

async function showEvents(row: RunRow, step: string | undefined, { store, screen }: Lookup): Promise<ExitCode> {
  const { storage } = store
  const reader = readerGone()
  let left = false
  void reader.gone.then(() => (left = true))
  const lines = screen.mode === 'ndjson'
  if (screen.json) process.stdout.write(`{ "v": 1, "runId": ${JSON.stringify(row.runId)}, "events": [`)
  let separator = '\n'
  for await (const page of storage.read(row.runId, 1)) {
    for (const event of page) {
      if (step !== undefined && !('path' in event && event.path === step)) continue
      if (left) return exitCodes.ok
      if (screen.json) process.stdout.write(`${separator}${JSON.stringify(event)}`)
      else process.stdout.write(`${lines ? JSON.stringify(event) : journalLine(event, screen)}\n`)
      separator = ',\n'
    }
  }
  if (screen.json) process.stdout.write('\n] }\n')
  return exitCodes.ok
}
