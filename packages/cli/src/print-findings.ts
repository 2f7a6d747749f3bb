import type { Diagnostic } from '@segno/schema'
import type { Checked } from './check-file.ts'
import type { Screen } from './common-options.ts'
import { printDiagnostics, tally } from './print-diagnostics.ts'
import { sarifLog, wordsOf } from './sarif.ts'
import { message, property } from './screen/ci.ts'

/** How the findings of `segno validate` can be printed. */
export const findingFormats = ['text', 'json', 'github', 'sarif'] as const

/** How findings are printed. */
export interface FindingsOutput extends Pick<Screen, 'look' | 'color'> {
  readonly format: (typeof findingFormats)[number]
  readonly quiet: boolean
  /** What was mended in each file, by its shown name. */
  readonly fixed?: ReadonlyMap<string, readonly string[]>
}

/** What was found in files, as it goes to stdout. */
export function findingsText(checked: readonly Checked[], output: FindingsOutput): string {
  switch (output.format) {
    case 'json':
      return `${JSON.stringify(documentOf(checked, output), null, 2)}\n`
    case 'sarif':
      return `${JSON.stringify(sarifLog(toldOnce(checked)), null, 2)}\n`
    case 'github':
      return toldOnce(checked)
        .flatMap(({ diagnostics }) => diagnostics.map(annotation))
        .join('')
    case 'text': {
      const told = toldOnce(checked)
      return told.map((one) => textOf(one, output)).join('') + summary(told, output)
    }
    default:
      return output.format satisfies never
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

function documentOf(checked: readonly Checked[], { fixed }: FindingsOutput): object {
  const files = checked.map(({ file, valid, workflow, diagnostics }) => ({
    file: file.shown,
    valid,
    workflow,
    ...(fixed && { fixed: fixed.get(file.shown) ?? [] }),
    diagnostics,
  }))
  return { v: 1, valid: checked.every(({ valid }) => valid), files }
}

function textOf({ file, valid, workflow, diagnostics }: Checked, { look, color, quiet }: FindingsOutput): string {
  const { glyphs, paint } = look
  let text = ''
  printDiagnostics(diagnostics, file, { color, write: (part) => (text += part) })
  if (text !== '') return `${text}\n`
  if (quiet || !valid || workflow === undefined) return ''
  const steps = workflow.steps === 1 ? '1 step' : `${workflow.steps} steps`
  return `${paint('green', glyphs.status.completed)} ${file.shown}  ${workflow.name} ${glyphs.dot} ${steps}\n`
}

function summary(checked: readonly Checked[], { quiet }: FindingsOutput): string {
  if (quiet || checked.length < 2) return ''
  const bad = checked.filter(({ valid }) => !valid).length
  const all = checked.flatMap(({ diagnostics }) => diagnostics)
  return `${checked.length} files, ${bad === 0 ? 'all valid' : `${bad} not valid`}${all.length === 0 ? '' : ` (${tally(all)})`}\n`
}

function annotation(diagnostic: Diagnostic): string {
  const { code, severity, file = '', range } = diagnostic
  const place =
    range === undefined
      ? ''
      : `,line=${range.start.line},col=${range.start.column},endLine=${range.end.line},endColumn=${range.end.column}`
  return `::${severity} file=${property(file)}${place},title=${code}::${message(wordsOf(diagnostic))}\n`
}
