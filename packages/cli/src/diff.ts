import { diffRuns, exportRun, type RunRow } from '@segno/core'
import { diffDefinitions, type Definition, type RunBundle } from '@segno/schema'
import { commonScreen, type StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { withStore, type Lookup } from './known-run.ts'
import { namesFile, workflowEndings } from './names-file.ts'
import { readDefinition } from './read-definition.ts'
import { knownWorkflow } from './run-origin.ts'
import { definitionSections, runSections, type Section } from './screen/diff-sections.ts'
import { diffMarkdown, diffText } from './screen/diff-text.ts'

/** The forms in which a comparison is printed. */
export const diffFormats = ['text', 'json', 'md'] as const

/** The options of `segno diff`, as commander gives them. */
export interface DiffOptions extends Omit<StoreCommandOptions, 'output'> {
  readonly output: (typeof diffFormats)[number]
  readonly exitCode?: boolean
}

/** One of the two that are compared. */
type Side =
  | { readonly name: string; readonly definition: Definition; readonly run?: never }
  | { readonly name: string; readonly run: RunBundle; readonly definition: Definition }

/** Compares two runs, two workflow files, or a run's workflow with a file. The result goes to stdout. */
export async function diffCommand(before: string, after: string, options: DiffOptions): Promise<ExitCode> {
  const common = { ...options, output: options.output === 'json' ? ('json' as const) : ('text' as const) }
  const sides = await sidesOf([before, after], common)
  if (sides === undefined) return exitCodes.definitionInvalid
  const [one, other] = sides
  const { json, look } = commonScreen(common, process.stdout)
  const compared = compare(one, other)
  if (json) process.stdout.write(`${JSON.stringify({ v: 1, ...compared.document }, null, 2)}\n`)
  else {
    const names = [one.name, other.name] as const
    const text =
      options.output === 'md' ? diffMarkdown(names, compared.sections) : diffText(names, compared.sections, look)
    process.stdout.write(text)
  }
  return options.exitCode === true && !compared.same ? exitCodes.runFailed : exitCodes.ok
}

interface Compared {
  readonly same: boolean
  readonly document: object
  readonly sections: readonly Section[]
}

function compare(one: Side, other: Side): Compared {
  if (one.run !== undefined && other.run !== undefined) {
    const diff = diffRuns(one.run, other.run)
    return { same: diff.same, document: diff, sections: runSections(diff) }
  }
  const diff = diffDefinitions(one.definition, other.definition)
  const document = { before: one.name, after: other.name, ...diff }
  return { same: diff.same, document, sections: definitionSections(diff) }
}

async function sidesOf(
  given: readonly [string, string],
  options: StoreCommandOptions,
): Promise<readonly [Side, Side] | undefined> {
  // Nothing of a store is needed to compare two files.
  const sides = given.every(isFile)
    ? given.map((one) => fileSide(one, options))
    : await withStore(options, process.stderr, (lookup) =>
        Promise.all(given.map(async (one) => (isFile(one) ? fileSide(one, options) : runSide(one, lookup)))),
      )
  const [one, other] = sides
  return one === undefined || other === undefined ? undefined : [one, other]
}

function isFile(given: string): boolean {
  return namesFile(given, workflowEndings)
}

function fileSide(given: string, options: StoreCommandOptions): Side | undefined {
  const read = readDefinition(given, options)
  return read && { name: read.shown, definition: read.definition }
}

async function runSide(given: string, { store, screen }: Lookup): Promise<Side> {
  const row: RunRow = await findRun(store, given)
  const { definition } = await knownWorkflow(row, store.storage, screen.cwd)
  return { name: row.runId, run: await exportRun(store.storage, row.runId, { redact: false }), definition }
}
