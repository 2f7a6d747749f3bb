import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Diagnostic } from '@segno/schema'
import { CommandError } from './command-error.ts'
import { commonScreen, type CommonOptions, type Screen } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findWorkflows } from './find-workflows.ts'
import { loadConfig } from './load-config.ts'
import { loadFile } from './load-file.ts'
import { printDiagnostics, tally } from './print-diagnostics.ts'
import { declaredLists, everyStep } from './progress/step-index.ts'
import { message, property } from './screen/ci.ts'
import { readWorkflowFile, type WorkflowFile } from './workflow-file.ts'

/** The options of `segno validate`, as commander gives them. */
export interface ValidateOptions extends CommonOptions {
  readonly format?: 'text' | 'json' | 'github'
  readonly strict?: boolean
}

/** A workflow file, and what is wrong with it. */
export interface Checked {
  readonly file: WorkflowFile
  readonly valid: boolean
  readonly workflow?: { readonly name: string; readonly hash: string; readonly steps: number }
  readonly diagnostics: readonly Diagnostic[]
}

/** Checks workflow files and executes nothing of them. The diagnostics are the result, so they go to stdout. */
export async function validateCommand(given: readonly string[], options: ValidateOptions): Promise<ExitCode> {
  const screen = commonScreen(options, process.stdout)
  const checked: Checked[] = []
  for (const path of pathsOf(given, screen.cwd)) checked.push(await check(path, options, screen))
  const format = options.format ?? (screen.json ? 'json' : 'text')
  process.stdout.write(printed(checked, format, { ...screen, quiet: options.quiet === true }))
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

/** Checks one file, with the handlers of its configuration. */
export async function check(
  path: string,
  options: Pick<ValidateOptions, 'config' | 'strict'>,
  { cwd }: Pick<Screen, 'cwd'>,
): Promise<Checked> {
  const read = readWorkflowFile(path, cwd)
  const loaded = await loadConfig(options.config, { cwd, folder: dirname(read.path) })
  const { file, workflow, diagnostics } = loadFile(read, cwd, loaded)
  const valid = workflow !== undefined && !(options.strict === true && diagnostics.length > 0)
  if (!workflow) return { file, valid, diagnostics }
  const steps = [...everyStep(declaredLists(workflow.definition))].length
  return { file, valid, diagnostics, workflow: { name: workflow.definition.name, hash: workflow.hash, steps } }
}

type Output = Pick<Screen, 'look' | 'color'> & { readonly quiet: boolean }

function printed(checked: readonly Checked[], format: 'text' | 'json' | 'github', output: Output): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(documentOf(checked), null, 2)}\n`
    case 'github':
      return toldOnce(checked)
        .flatMap(({ diagnostics }) => diagnostics.map(annotation))
        .join('')
    case 'text': {
      const told = toldOnce(checked)
      return told.map((one) => textOf(one, output)).join('') + summary(told, output)
    }
    default:
      return format satisfies never
  }
}

// What is wrong with a file that several others import is told once: with it, where it is checked by itself too.
function toldOnce(checked: readonly Checked[]): readonly Checked[] {
  const own = new Set(checked.map(({ file }) => file.shown))
  const told = new Set<string>()
  return checked.map((one) => {
    const diagnostics = one.diagnostics.filter(({ file = '', code, range, message: words }) => {
      if (file === one.file.shown) return true
      const key = JSON.stringify([file, code, range, words])
      const isNew = !own.has(file) && !told.has(key)
      told.add(key)
      return isNew
    })
    return { ...one, diagnostics }
  })
}

function documentOf(checked: readonly Checked[]): object {
  const files = checked.map(({ file, valid, workflow, diagnostics }) => ({
    file: file.shown,
    valid,
    workflow,
    diagnostics,
  }))
  return { v: 1, valid: checked.every(({ valid }) => valid), files }
}

function textOf({ file, valid, workflow, diagnostics }: Checked, { look, color, quiet }: Output): string {
  const { glyphs, paint } = look
  let text = ''
  printDiagnostics(diagnostics, file, { color, write: (part) => (text += part) })
  if (text !== '') return `${text}\n`
  if (quiet || !valid || workflow === undefined) return ''
  const steps = workflow.steps === 1 ? '1 step' : `${workflow.steps} steps`
  return `${paint('green', glyphs.status.completed)} ${file.shown}  ${workflow.name} ${glyphs.dot} ${steps}\n`
}

function summary(checked: readonly Checked[], { quiet }: Output): string {
  if (quiet || checked.length < 2) return ''
  const bad = checked.filter(({ valid }) => !valid).length
  const all = checked.flatMap(({ diagnostics }) => diagnostics)
  return `${checked.length} files, ${bad === 0 ? 'all valid' : `${bad} not valid`}${all.length === 0 ? '' : ` (${tally(all)})`}\n`
}

function annotation({ code, severity, message: words, hint, file = '', range }: Diagnostic): string {
  const place =
    range === undefined
      ? ''
      : `,line=${range.start.line},col=${range.start.column},endLine=${range.end.line},endColumn=${range.end.column}`
  const text = hint === undefined ? words : `${words} (${hint})`
  return `::${severity} file=${property(file)}${place},title=${code}::${message(text)}\n`
}
