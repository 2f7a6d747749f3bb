import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { findWorkflows } from '@segno/adapters/files'
import { check, checker, type CheckFileOptions, type Checked } from './check-file.ts'
import { CommandError } from './command-error.ts'
import { commonScreen, type CommonOptions, type Screen } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { lineDiff } from './line-diff.ts'
import { mended, writeMended, type MendedFile } from './mend-file.ts'
import { findingsText, type findingFormats } from './print-findings.ts'
import { readWorkflowFile } from './workflow-file.ts'

/** The options of `segno validate`, as commander gives them. */
export interface ValidateOptions extends CommonOptions, CheckFileOptions {
  readonly format?: (typeof findingFormats)[number]
  readonly fix?: boolean
  readonly dryRun?: boolean
}

/** Checks workflow files and executes nothing of them. The diagnostics are the result, so they go to stdout. */
export async function validateCommand(given: readonly string[], options: ValidateOptions): Promise<ExitCode> {
  const screen = commonScreen(options, process.stdout)
  const paths = pathsOf(given, screen.cwd)
  const fixed = options.fix === true || options.dryRun === true ? await mendAll(paths, options, screen) : undefined
  if (fixed && options.dryRun === true) {
    process.stdout.write(shownOn(process.stdout, fixed.map(diffOf).join('')))
    return exitCodeOf(fixed.map(({ after }) => after))
  }
  const checked: Checked[] = []
  for (const path of paths) checked.push(await check(path, options, screen))
  const output = {
    ...{ look: screen.look, color: screen.color, quiet: options.quiet === true },
    format: options.format ?? (screen.json ? 'json' : 'text'),
    ...(fixed && { fixed: new Map(fixed.map(({ before, titles }) => [before.shown, titles])) }),
  }
  process.stdout.write(findingsText(checked, output))
  return exitCodeOf(checked)
}

function exitCodeOf(checked: readonly Checked[]): ExitCode {
  return checked.every(({ valid }) => valid) ? exitCodes.ok : exitCodes.definitionInvalid
}

function pathsOf(given: readonly string[], cwd: string): readonly string[] {
  const paths = (given.length === 0 ? ['.'] : given).flatMap((path) => {
    const isFolder = statSync(resolve(cwd, path), { throwIfNoEntry: false })?.isDirectory() === true
    return isFolder ? findWorkflows(resolve(cwd, path)) : [path]
  })
  if (paths.length > 0) return paths
  const where = given.length === 0 ? 'the working folder' : given.join(', ')
  const hint = 'workflow files end in .segno.yaml; name one: segno validate path/to/file.segno.yaml'
  throw new CommandError({ code: 'NO_WORKFLOWS', message: `there are no *.segno.yaml files below ${where}`, hint })
}

/** Applies the safe fixes of each file, and tells on stderr what was changed. */
async function mendAll(
  paths: readonly string[],
  options: ValidateOptions,
  { cwd }: Pick<Screen, 'cwd'>,
): Promise<readonly MendedFile[]> {
  const all: MendedFile[] = []
  for (const path of new Set(paths.map((path) => resolve(cwd, path)))) {
    const file = readWorkflowFile(path, cwd)
    const result = mended(file, await checker(file, options, cwd))
    all.push(result)
    if (result.titles.length === 0 || options.dryRun === true) continue
    writeMended(result)
    if (options.quiet !== true) process.stderr.write(`fixed ${file.shown}\n${shownOn(process.stderr, diffOf(result))}`)
  }
  return all
}

function diffOf({ before, after }: MendedFile): string {
  return lineDiff(before.shown, before.text, after.file.text)
}

// A terminal is not moved by what a file holds; a pipe gets the very bytes, for `git apply`.
function shownOn({ isTTY }: NodeJS.WriteStream, diff: string): string {
  return isTTY ? diff.replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd') : diff
}
